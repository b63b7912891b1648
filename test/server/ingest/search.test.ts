import path from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { openStoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { Ingest } from '../../../src/server/ingest/ingest.ts';
import { Reading } from '../../../src/server/ingest/reading/reading.ts';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import type { IndexStore } from '../../../src/server/store/index-store.ts';
import { openPostgresIndexStore } from '../../../src/server/store/postgres/index-store.ts';
import { openSqliteIndexStore } from '../../../src/server/store/sqlite/index-store.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { now, query, scopeOf, word } from '../../search/corpus.ts';
import { keyOf } from '../memory-access.ts';
import { annotationFiles, exchange, exchangePath, plantPushed, sessionFiles, sid, writerId, xid } from '../sessions.ts';
import { connected, freshDatabase, postgres } from '../store/fresh-database.ts';

const key = keyOf('ann', 'project');
const [mine, theirs] = ['a'.repeat(16), 'b'.repeat(16)];

/** A database that stores are opened on. */
interface Place {
  open(): Promise<IndexStore>;
  /** Takes the database back to what it was before it had anything to search. */
  age(): Promise<void>;
}

describe('search over what was pushed', () => {
  describe('in SQLite', () => {
    searching(async () => {
      const file = path.join(temporaryFolder(), 'index.sqlite');
      return {
        open: async () => openSqliteIndexStore(file),
        age: async () => {
          const database = openStoreDatabase(file);
          const tables = database.rows(
            "SELECT name FROM sqlite_master WHERE name GLOB 'search_*' AND sql LIKE 'CREATE %TABLE%'",
          );
          for (const { name } of tables) database.run(`DROP TABLE IF EXISTS ${name}`);
          database.run("DELETE FROM schema_parts WHERE part = 'search'");
          database.run("UPDATE schema_parts SET version = 2 WHERE part = 'index'");
          database.close();
        },
      };
    });
  });
  describe.runIf(postgres)('in PostgreSQL', () => {
    const place = async (): Promise<Place & { readonly url: string }> => {
      const url = await freshDatabase();
      return {
        url,
        open: () => openPostgresIndexStore(connected(url)),
        age: async () => {
          const database = connected(url);
          await database.run('DROP SCHEMA search CASCADE');
          await database.run("DELETE FROM specstory.schema_parts WHERE part = 'search'");
          await database.run("UPDATE specstory.schema_parts SET version = 2 WHERE part = 'index'");
          await database.close();
        },
      };
    };
    searching(place);

    it('finds on one server what was pushed to another, and nothing that was deleted there', async () => {
      const { open } = await place();
      const [one, two] = [worldOf(await open()), worldOf(await open())];
      onTestFinished(async () => {
        for (const { store } of [one, two]) await store.close();
      });
      await one.push(mine, sessionFiles('one', [exchange('x', 'rotate the keys'), exchange('y', 'rotate again')]));
      expect(await two.find('rotate')).toEqual(['one 1', 'one 2']);
      const deleted = { kind: 'deleted' as const, exchanges: [], content: [] };
      const said = {
        writer: writerId(theirs),
        lamport: 1,
        session: sid('one'),
        exchange: xid('x'),
        statement: deleted,
      };
      await two.push(theirs, annotationFiles(said));
      for (const { find } of [one, two]) expect(await find('rotate')).toEqual(['one 2']);
    });

    it('writes rows and what is found of them together or not at all', async () => {
      const { open, url } = await place();
      const { store, push, find, side } = worldOf(await open());
      const database = connected(url);
      onTestFinished(async () => {
        for (const one of [store, database]) await one.close();
      });
      await database.run('ALTER TABLE search.words ADD CONSTRAINT broken CHECK (false)');
      await expect(push(mine, sessionFiles('one', [exchange('x', 'rotate the keys')]))).rejects.toThrow(/broken/);
      expect([await store.sessions(key), await store.cursors(key), await store.lastNumber(key)]).toEqual([[], [], 0]);
      await database.run('ALTER TABLE search.words DROP CONSTRAINT broken');
      await side.ingest.takeProject(key);
      expect(await find('rotate')).toEqual(['one 1']);
    });
  });
});

/** A server's repositories and ingest over a store. */
function worldOf(store: IndexStore, repositories = new LocalRepositories(temporaryFolder())) {
  const side = { repositories, ingest: new Ingest({ repositories, store, reading: new Reading() }) };
  return {
    store,
    side,
    push: (writer: string, files: Parameters<typeof plantPushed>[2]['files']) =>
      plantPushed(side, key, { writer, files }),
    find: async (text: string, hidden = true): Promise<string[]> => {
      const { relaxed, groups } = await store.search.search(
        ...([query(word(text)), scopeOf({ key, hidden }), { limit: 10 }, now] as const),
      );
      return (relaxed ? [] : groups).flatMap(({ hits }) => hits.map(({ session, ordinal }) => `${session} ${ordinal}`));
    },
  };
}

function searching(at: () => Promise<Place>): void {
  let place: Place;
  let world: ReturnType<typeof worldOf>;
  beforeEach(async () => {
    place = await at();
    world = worldOf(await place.open());
    return () => world.store.close();
  });

  it('finds an exchange once it was taken in, with who made the commit', async () => {
    const { push, find, store } = world;
    await push(mine, sessionFiles('one', [exchange('x', 'rotate the keys'), exchange('y', 'rotate again')]));
    expect(await find('rotate')).toEqual(['one 1', 'one 2']);
    const found = await store.search.search(query(word('rotate')), scopeOf({ key }), { limit: 1 }, now);
    expect(found.groups[0]).toMatchObject({ agent: 'claude', author: 'A Developer <developer@example.org>' });
    await push(mine, sessionFiles('one', [exchange('x', 'turn them'), exchange('y', 'rotate again')]));
    expect([await find('keys'), await find('turn')]).toEqual([[], ['one 1']]);
  });

  it('never finds what was deleted, nor shows to others what is hidden, before and after it is made anew', async () => {
    const { push, find, store, side } = world;
    const of = ['x', 'y', 'z'].map((one) => exchange(one, `rotate ${one}`));
    await push(mine, sessionFiles('one', of));
    await push(mine, sessionFiles('two', [exchange('w', 'rotate w')]));
    await push(theirs, { ...say(1, 'x', 'deleted'), ...say(2, 'y', 'hidden'), ...say(3, undefined, 'deleted') });
    const check = async (): Promise<void> => {
      expect(await find('rotate')).toEqual(['one 2', 'one 3']);
      expect(await find('rotate', false)).toEqual(['one 3']);
    };
    await check();
    await side.ingest.reindex(key);
    await check();
    await store.clear(key, writerId(theirs));
    expect((await find('rotate', false)).sort()).toEqual(['one 1', 'one 2', 'one 3', 'two 1']);
    await side.ingest.takeProject(key);
    await check();
    await store.clear(key, writerId(mine));
    expect(await find('rotate')).toEqual([]);
  });

  it('takes a session away that was rejected', async () => {
    const { push, find } = world;
    await push(mine, sessionFiles('one', [exchange('x', 'rotate the keys')]));
    await push(mine, { [exchangePath('one', 1, 'x')]: 'broken' });
    expect(await find('rotate')).toEqual([]);
  });

  it('finds what an older version took in, once it was made anew', async () => {
    await world.push(mine, sessionFiles('one', [exchange('x', 'rotate the keys')]));
    await world.store.close();
    await place.age();
    const store = await place.open();
    world = worldOf(store, world.side.repositories);
    expect([await world.find('rotate'), await store.cursors(key), await store.lastNumber(key)]).toEqual([[], [], 2]);
    await world.side.ingest.takeProject(key);
    expect(await world.find('rotate')).toEqual(['one 1']);
  });
}

function say(lamport: number, exchange: string | undefined, kind: 'hidden' | 'deleted') {
  return annotationFiles({
    writer: writerId(theirs),
    lamport,
    session: sid(exchange === undefined ? 'two' : 'one'),
    ...(exchange === undefined ? {} : { exchange: xid(exchange) }),
    statement: kind === 'hidden' ? { kind, value: true } : { kind, exchanges: [], content: [] },
  });
}
