import { SharedRepositories } from '../../repositories/shared-repositories.ts';
import type { AccountStore } from '../account-store.ts';
import type { IndexStore } from '../index-store.ts';
import type { ReceivedStore } from '../received-store.ts';
import { openPostgresAccountStore } from './account-store.ts';
import { type PostgresDatabase, postgresDatabase } from './database.ts';
import { gitMigrations } from './git-migrations.ts';
import { openPostgresIndexStore } from './index-store.ts';
import { migratePostgres } from './migrate.ts';
import { openPool } from './pool.ts';
import { openPostgresReceivedStore } from './received-store.ts';

/** Each part has connections of its own, so that a long ingest keeps nobody from signing in. Times are milliseconds. */
const pools = {
  accounts: { most: 5, statement: 10_000, idle: 20_000 },
  index: { most: 8, statement: 60_000, idle: 60_000 },
  received: { most: 4, statement: 60_000, idle: 60_000 },
  reading: { most: 6, statement: 30_000, idle: 600_000 },
  /** Whoever changes a repository waits here for another server that does. */
  working: { most: 8, statement: 600_000, idle: 900_000 },
} as const;

export function openAccounts(url: string): Promise<AccountStore> {
  return opening(connect(url, 'accounts'), openPostgresAccountStore);
}

export function openIndex(url: string): Promise<IndexStore> {
  return opening(connect(url, 'index'), openPostgresIndexStore);
}

export function openReceived(url: string): Promise<ReceivedStore> {
  return opening(connect(url, 'received'), openPostgresReceivedStore);
}

/** Repositories that servers share. */
export function openShared(url: string, data: string): Promise<SharedRepositories> {
  return opening(connect(url, 'reading'), async (reading) => {
    await migratePostgres(reading, 'git', gitMigrations);
    return new SharedRepositories(data, { reading, working: connect(url, 'working') });
  });
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
