import path from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { Ingest } from '../../../src/server/ingest/ingest.ts';
import { Reading } from '../../../src/server/ingest/reading/reading.ts';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import { openSqliteIndexStore } from '../../../src/server/store/sqlite/index-store.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { now, query, scopeOf, word } from '../../search/corpus.ts';
import { keyOf } from '../memory-access.ts';
import { annotationFiles, exchange, exchangePath, plantPushed, sessionFiles, sid, writerId, xid } from '../sessions.ts';

const key = keyOf('ann', 'project');
const [mine, theirs] = ['a'.repeat(16), 'b'.repeat(16)];

describe('search over what was pushed', () => {
  let world: {
    side: { repositories: LocalRepositories; ingest: Ingest };
    store: ReturnType<typeof openSqliteIndexStore>;
  };
  beforeEach(() => {
    const data = temporaryFolder();
    const store = openSqliteIndexStore(path.join(data, 'index.sqlite'));
    const repositories = new LocalRepositories(data);
    world = { store, side: { repositories, ingest: new Ingest({ repositories, store, reading: new Reading() }) } };
    return () => store.close();
  });
  const push = (writer: string, files: Parameters<typeof plantPushed>[2]['files']) =>
    plantPushed(world.side, key, { writer, files });
  const find = async (text: string, hidden = true): Promise<string[]> => {
    const result = await world.store.search?.search(query(word(text)), scopeOf({ key, hidden }), { limit: 10 }, now);
    return (result?.relaxed ? [] : (result?.groups ?? [])).flatMap(({ hits }) =>
      hits.map(({ session, ordinal }) => `${session} ${ordinal}`),
    );
  };

  it('finds an exchange once it was taken in, with who made the commit', async () => {
    await push(mine, sessionFiles('one', [exchange('x', 'rotate the keys'), exchange('y', 'rotate again')]));
    expect(await find('rotate')).toEqual(['one 1', 'one 2']);
    const found = await world.store.search?.search(query(word('rotate')), scopeOf({ key }), { limit: 1 }, now);
    expect(found?.groups[0]).toMatchObject({ agent: 'claude', author: 'A Developer <developer@example.org>' });
    await push(mine, sessionFiles('one', [exchange('x', 'turn them'), exchange('y', 'rotate again')]));
    expect([await find('keys'), await find('turn')]).toEqual([[], ['one 1']]);
  });

  it('never finds what was deleted, nor shows to others what is hidden, before and after it is made anew', async () => {
    const of = ['x', 'y', 'z'].map((one) => exchange(one, `rotate ${one}`));
    await push(mine, sessionFiles('one', of));
    await push(mine, sessionFiles('two', [exchange('w', 'rotate w')]));
    const say = (lamport: number, exchange: string | undefined, kind: 'hidden' | 'deleted') =>
      annotationFiles({
        writer: writerId(theirs),
        lamport,
        session: sid(exchange === undefined ? 'two' : 'one'),
        ...(exchange === undefined ? {} : { exchange: xid(exchange) }),
        statement: kind === 'hidden' ? { kind, value: true } : { kind, exchanges: [], content: [] },
      });
    await push(theirs, { ...say(1, 'x', 'deleted'), ...say(2, 'y', 'hidden'), ...say(3, undefined, 'deleted') });
    const check = async (): Promise<void> => {
      expect(await find('rotate')).toEqual(['one 2', 'one 3']);
      expect(await find('rotate', false)).toEqual(['one 3']);
    };
    await check();
    await world.side.ingest.reindex(key);
    await check();
    await world.store.clear(key, writerId(theirs));
    expect((await find('rotate', false)).sort()).toEqual(['one 1', 'one 2', 'one 3', 'two 1']);
    await world.side.ingest.takeProject(key);
    await check();
  });

  it('takes a session away that was rejected', async () => {
    await push(mine, sessionFiles('one', [exchange('x', 'rotate the keys')]));
    await push(mine, { [exchangePath('one', 1, 'x')]: 'broken' });
    expect(await find('rotate')).toEqual([]);
  });
});
