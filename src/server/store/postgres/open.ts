import type { AccountStore } from '../account-store.ts';
import type { IndexStore } from '../index-store.ts';
import { openPostgresAccountStore } from './account-store.ts';
import { type PostgresDatabase, postgresDatabase } from './database.ts';
import { openPostgresIndexStore } from './index-store.ts';
import { openPool } from './pool.ts';

/** Each part has connections of its own, so that a long ingest keeps nobody from signing in. Times are milliseconds. */
const pools = {
  accounts: { most: 5, statement: 10_000, idle: 20_000 },
  index: { most: 8, statement: 60_000, idle: 60_000 },
} as const;

export function openAccounts(url: string): Promise<AccountStore> {
  return opening(connect(url, 'accounts'), openPostgresAccountStore);
}

export function openIndex(url: string): Promise<IndexStore> {
  return opening(connect(url, 'index'), openPostgresIndexStore);
}

function connect(url: string, part: keyof typeof pools): PostgresDatabase {
  return postgresDatabase(openPool(url, pools[part]));
}

async function opening<T>(database: PostgresDatabase, open: (database: PostgresDatabase) => Promise<T>): Promise<T> {
  try {
    return await open(database);
  } catch (thrown) {
    await database.close();
    throw thrown;
  }
}
