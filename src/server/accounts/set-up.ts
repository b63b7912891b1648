import { Refusal } from '../refusal.ts';
import type { Account } from '../store/account-store.ts';
import { addFirstAccount } from './accounts.ts';
import type { Registry } from './registry.ts';
import { hashOf, newSecret } from './secrets.ts';

const fact = 'set-up key';

/** A key with which the first account can be made once; nothing when there is one. A new key takes the place of the last. */
export async function offerSetUp({ store }: Registry): Promise<string | undefined> {
  if ((await store.accounts.list()).length > 0) return undefined;
  const key = newSecret();
  await store.setFact(fact, hashOf(key));
  return key;
}

/** Whether a key may make the first account. */
export async function isSetUpKey({ store }: Registry, key: string): Promise<boolean> {
  return (await store.fact(fact)) === hashOf(key) && (await store.accounts.list()).length === 0;
}

/** Makes the first account. Throws `not_found` for a key that is not, or is no longer, the one that was printed. */
export async function setUp(
  registry: Registry,
  key: string,
  first: { name: string; password: string },
): Promise<Account> {
  const account = (await isSetUpKey(registry, key)) ? await addFirstAccount(registry, first) : undefined;
  if (!account)
    throw new Refusal('not_found', 'this link is used up', { hint: 'start the server again for a new one' });
  await registry.store.setFact(fact, undefined);
  return account;
}
