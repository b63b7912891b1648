import { timingSafeEqual } from 'node:crypto';
import type { Account } from '../store/account-store.ts';
import { day, type Registry } from './registry.ts';
import { hashOf, newSecret } from './secrets.ts';

/** How long a browser stays signed in. */
export const sessionLife = 30 * day;

/** Signs a browser in; gives the value of its cookie, new with every sign-in. */
export async function openSession({ store, now }: Registry, account: Account): Promise<string> {
  const cookie = newSecret();
  const created = now();
  await store.logins.open({ hash: hashOf(cookie), account: account.id, created, expires: created + sessionLife });
  return cookie;
}

/** Who a cookie names; nobody once it expired, was signed out, or the account was disabled. */
export async function sessionAccount({ store, now }: Registry, cookie: string): Promise<Account | undefined> {
  return (await store.logins.session(hashOf(cookie), now()))?.account;
}

export async function closeSession({ store }: Registry, cookie: string): Promise<void> {
  await store.logins.close(hashOf(cookie));
}

/** What a form of this session must bring along: nobody can know it who cannot read the page. */
export function formKey(cookie: string): string {
  return hashOf(`form ${cookie}`);
}

export function isFormKey(cookie: string, key: string): boolean {
  const expected = formKey(cookie);
  return key.length === expected.length && timingSafeEqual(Buffer.from(key), Buffer.from(expected));
}
