import { SpecstoryError } from '../../core/errors.ts';
import { Refusal } from '../refusal.ts';
import type { Account } from '../store/account-store.ts';
import { checkPassword, hashPassword, isPassword } from './password.ts';
import type { Registry } from './registry.ts';
import { newId } from './secrets.ts';

const namePattern = /^[A-Za-z0-9](?:[A-Za-z0-9._@+-]{0,62}[A-Za-z0-9])?$/;

interface AccountDraft {
  readonly name: string;
  readonly password?: string | undefined;
  readonly admin: boolean;
}

/** Makes an account. Throws `usage` for a name or a password that cannot be, `conflict` for a name that is taken. */
export async function addAccount(registry: Registry, draft: AccountDraft): Promise<Account> {
  const account = await drafted(registry, draft);
  try {
    await registry.store.accounts.add(account);
  } catch (thrown) {
    if (thrown instanceof SpecstoryError && thrown.kind === 'conflict') throw taken(draft.name);
    throw thrown;
  }
  return { ...account, disabled: false };
}

/** Makes the first account, an administrator; nothing when there is an account already. */
export async function addFirstAccount(
  registry: Registry,
  draft: Omit<AccountDraft, 'admin'>,
): Promise<Account | undefined> {
  const account = await drafted(registry, { ...draft, admin: true });
  return (await registry.store.accounts.addFirst(account)) ? { ...account, disabled: false } : undefined;
}

/** Changes an account. Throws `not-found` when nobody is called so, `usage` for a password that cannot be. */
export async function changeAccount(
  registry: Registry,
  name: string,
  change: { password?: string | undefined; disabled?: boolean | undefined },
): Promise<Account> {
  if (change.password !== undefined) checkPassword(change.password);
  const account = await accountNamed(registry, name);
  await registry.store.accounts.change(account.id, {
    ...(change.password === undefined ? {} : { password: await hashPassword(change.password, registry.cost) }),
    ...(change.disabled === undefined ? {} : { disabled: change.disabled }),
  });
  return accountNamed(registry, name);
}

/** Throws `not-found` when nobody is called so. */
export async function accountNamed(registry: Registry, name: string): Promise<Account> {
  const account = await registry.store.accounts.find(name);
  if (!account) throw new Refusal('not_found', 'there is no such account');
  const { password, ...rest } = account;
  return rest;
}

/** The account that a name and a password are of. An unknown name takes as long as a wrong password. */
export async function passwordHolder(registry: Registry, name: string, password: string): Promise<Account | undefined> {
  const found = namePattern.test(name) ? await registry.store.accounts.find(name) : undefined;
  const right = await isPassword(password, found?.password, registry.cost);
  if (!found || !right || found.disabled) return undefined;
  const { password: _, ...account } = found;
  return account;
}

async function drafted(registry: Registry, { name, password, admin }: AccountDraft) {
  if (!namePattern.test(name))
    throw new SpecstoryError('usage', 'an account is named by letters, digits and . _ @ + - (at most 64)');
  if (password === undefined) return { id: newId(), name, admin, created: registry.now() };
  checkPassword(password);
  return { id: newId(), name, password: await hashPassword(password, registry.cost), admin, created: registry.now() };
}

function taken(name: string): Refusal {
  return new Refusal('conflict', `there is an account called ${name} already`);
}
