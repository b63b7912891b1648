import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openPostgresSearchIndex } from '../../../src/server/store/postgres/search/search-index.ts';
import { type InProcess, inProcess } from '../../hosts/pglite.ts';
import { other, project, stepOf } from '../../search/corpus.ts';
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

  it('shows nothing to a statement that does not say whose project it is about, and what it looks for', async () => {
    const database = host.open();
    const index = await openPostgresSearchIndex(database);
    await emptySearch(database);
    await index.apply(stepOf('one', { of: [{ key: 'x', prompt: 'hush' }] }));
    await index.apply(stepOf('theirs', { project: other, of: [{ key: 'y', prompt: 'hush' }] }));
    const count = async (table: string, settings: Record<string, string>): Promise<unknown> =>
      database.transaction(async (session) => {
        for (const [name, value] of Object.entries(settings))
          await session.rows('SELECT set_config($1, $2, true)', [`specstory.${name}`, value]);
        return (await session.rows(`SELECT count(*)::int AS count FROM search.${table}`))[0]?.count;
      });
    for (const table of ['documents', 'texts', 'sessions', 'names', 'words', 'terms'])
      expect([table, await count(table, {})]).toEqual([table, 0]);
    expect(await count('texts', { project })).toBe(1);
    expect(await count('words', { project })).toBe(0);
    expect(await count('words', { project, wanted: "'hush'" })).toBe(1);
    expect(await count('words', { project, wanted: "'nowhere'" })).toBe(0);
    expect(await count('terms', { project, piece: '%us%' })).toBe(1);
  });
});
