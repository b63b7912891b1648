import path from 'node:path';
import type { AccountStore } from './account-store.ts';
import type { IndexStore } from './index-store.ts';
import { openSqliteAccountStore } from './sqlite/account-store.ts';
import { openSqliteIndexStore } from './sqlite/index-store.ts';

/** Where the databases of a server are. */
export interface DatabasePlace {
  readonly data: string;
  /** A PostgreSQL database instead of files in the data directory. */
  readonly url: string | undefined;
}

// The one place that chooses among databases. PostgreSQL and its driver are loaded when they are asked for only.

/** The account tables. Throws `usage` for an address that is none, `unavailable` when the database does not answer, `unsupported` for a newer one. */
export async function openAccountStore({ data, url }: DatabasePlace): Promise<AccountStore> {
  if (url === undefined) return openSqliteAccountStore(path.join(data, 'accounts.sqlite'));
  return (await import('./postgres/open.ts')).openAccounts(url);
}

/** The index over what was pushed. Throws as `openAccountStore`. */
export async function openIndexStore({ data, url }: DatabasePlace): Promise<IndexStore> {
  if (url === undefined) return openSqliteIndexStore(path.join(data, 'index.sqlite'));
  return (await import('./postgres/open.ts')).openIndex(url);
}
