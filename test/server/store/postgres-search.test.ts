import { describe } from 'vitest';
import { openPostgresSearchIndex } from '../../../src/server/store/postgres/search/search-index.ts';
import { searchIndexContract } from '../../search/search-index-contract.ts';
import { connected, freshDatabase, postgres } from './fresh-database.ts';

describe.runIf(postgres)('with a PostgreSQL server', () => {
  searchIndexContract('PostgreSQL', async () => openPostgresSearchIndex(connected(await freshDatabase())));
});
