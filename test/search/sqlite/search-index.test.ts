import path from 'node:path';
import { openStoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { searchMigrations } from '../../../src/search/sqlite/schema.ts';
import { SqliteSearchIndex } from '../../../src/search/sqlite/search-index.ts';
import { migrate } from '../../../src/server/store/migrations.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { searchIndexContract } from '../search-index-contract.ts';

searchIndexContract('SQLite', async () => {
  const database = openStoreDatabase(path.join(temporaryFolder(), 'search.sqlite'));
  migrate(database, 'search', searchMigrations);
  return new SqliteSearchIndex(database);
});
