import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresSearchIndex } from '../../../src/server/store/postgres/search/search-index.ts';
import { type InProcess, inProcess } from '../../hosts/pglite.ts';
import { searchIndexContract } from '../../search/search-index-contract.ts';
import { connected, freshDatabase, postgres } from './fresh-database.ts';
import { emptySearch } from './search-tables.ts';

describe.runIf(postgres)('with a PostgreSQL server', () => {
  let url: string;
  beforeAll(async () => {
    url = await freshDatabase(afterAll);
  });
  searchIndexContract('PostgreSQL', async () => {
    const database = connected(url);
    const index = await openPostgresSearchIndex(database);
    await emptySearch(database);
    return index;
  });
});

describe('in this process', () => {
  let host: InProcess;
  beforeAll(async () => {
    host = await inProcess();
  });
  afterAll(() => host.close());
  searchIndexContract('a PostgreSQL', async () => {
    const index = await openPostgresSearchIndex(host.open());
    await emptySearch(host.open());
    return index;
  });
});
