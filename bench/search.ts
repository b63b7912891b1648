import { mkdtempSync, realpathSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { openStoreDatabase, type StoreDatabase } from '../src/platform/sqlite-store.ts';
import { searchMigrations } from '../src/search/sqlite/schema.ts';
import { SqliteSearchIndex } from '../src/search/sqlite/search-index.ts';
import { migrate } from '../src/server/store/migrations.ts';
import type { Figure } from './figure.ts';
import { asked, filled } from './search-questions.ts';

/** How fast 100,000 exchanges answer, or a million with BENCH_LARGE=1. */
export async function searchOfExchanges(): Promise<Figure[]> {
  const exchanges = Number(process.env.BENCH_EXCHANGES ?? (process.env.BENCH_LARGE ? 1_000_000 : 100_000));
  const folder = realpathSync(mkdtempSync(path.join(process.env.BENCH_FOLDER ?? tmpdir(), 'specstory-bench-search-')));
  const file = path.join(folder, 'search.sqlite');
  const database = openStoreDatabase(file);
  try {
    migrate(database, 'search', searchMigrations);
    const index = new SqliteSearchIndex(database);
    const rate = await filled(index, '', exchanges);
    database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
    const bytes = statSync(file).size;
    return [rate, ...(await asked(index, '', { exchanges, bytes }, { p50: 20, p99: 100 }))];
  } finally {
    close(database);
    if (!process.env.BENCH_FOLDER) rmSync(folder, { recursive: true, force: true });
  }
}

function close(database: StoreDatabase): void {
  database.close();
}
