import path from 'node:path';
import { LocalRepositories } from '../repositories/local-repositories.ts';
import type { Repositories } from '../repositories/repositories.ts';
import type { AccountStore } from './account-store.ts';
import type { IndexStore } from './index-store.ts';
import type { ReceivedStore } from './received-store.ts';
import { openSqliteAccountStore } from './sqlite/account-store.ts';
import { openSqliteIndexStore } from './sqlite/index-store.ts';
import { openSqliteReceivedStore } from './sqlite/received-store.ts';

/** Where a server keeps what it has. */
export interface DatabasePlace {
  readonly data: string;
  /** A PostgreSQL database instead of files in the data directory. */
  readonly url: string | undefined;
}

// The one place that chooses between this machine and a database that servers share, of which code and driver are loaded when they are asked for only.

/** Everything a server keeps. */
export interface Stores {
  readonly accounts: AccountStore;
  readonly index: IndexStore;
  readonly received: ReceivedStore;
  readonly repositories: Repositories;
  close(): Promise<void>;
}

/** Opens all of it, or nothing. Throws as `openAccountStore`. */
export async function openStores(place: DatabasePlace): Promise<Stores> {
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.unshift(store);
    return store;
  };
  const close = async (): Promise<void> => {
    for (const store of opened) await store.close();
  };
  try {
    const accounts = keep(await openAccountStore(place));
    const index = keep(await openIndexStore(place));
    const received = keep(await openReceivedStore(place));
    return { accounts, index, received, repositories: keep(await openRepositories(place)), close };
  } catch (thrown) {
    await close();
    throw thrown;
  }
}

/** The account tables. Throws `usage` for an address that is none, `unavailable` when the database does not answer, `unsupported` for a newer one. */
export async function openAccountStore({ data, url }: DatabasePlace): Promise<AccountStore> {
  if (url === undefined) return openSqliteAccountStore(path.join(data, 'accounts.sqlite'));
  return (await import('./postgres/open.ts')).openAccounts(url);
}

/** The index over what was pushed. Throws as `openAccountStore`. */
async function openIndexStore({ data, url }: DatabasePlace): Promise<IndexStore> {
  if (url === undefined) return openSqliteIndexStore(path.join(data, 'index.sqlite'));
  return (await import('./postgres/open.ts')).openIndex(url);
}

/** What SpecStory's clients sent, in the database of the index. Throws as `openAccountStore`. */
async function openReceivedStore({ data, url }: DatabasePlace): Promise<ReceivedStore> {
  if (url === undefined) return openSqliteReceivedStore(path.join(data, 'index.sqlite'));
  return (await import('./postgres/open.ts')).openReceived(url);
}

/** The repositories: the disk's, or copies of those in the database. Throws as `openAccountStore`. */
async function openRepositories({ data, url }: DatabasePlace): Promise<Repositories> {
  if (url === undefined) return new LocalRepositories(data);
  return (await import('./postgres/open.ts')).openShared(url, data);
}
