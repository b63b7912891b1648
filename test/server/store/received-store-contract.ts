import { beforeEach, describe, expect, it } from 'vitest';
import { isObjectId, type ObjectId } from '../../../src/core/ids.ts';
import type { IndexStep, IndexStore } from '../../../src/server/store/index-store.ts';
import type { ReceivedRow, ReceivedStore } from '../../../src/server/store/received-store.ts';
import { sid, writerId, xid } from '../sessions.ts';

const [mine, theirs] = [writerId('a'.repeat(16)), writerId('b'.repeat(16))];
const [project, other] = ['1'.repeat(32), '2'.repeat(32)];
const at = '2026-01-02T03:04:05.678Z';

function oid(digit: string): ObjectId {
  const text = digit.repeat(40);
  if (!isObjectId(text)) throw new Error(text);
  return text;
}

const row = (name: string, more: Partial<ReceivedRow> = {}): ReceivedRow => ({
  session: sid(name),
  path: `raw/aa/${name}`,
  by: 'ann',
  name: `The name of ${name} ☕`,
  metadata: '{"agentName":"Claude Code"}',
  sizes: { markdown: 5_000_000_000, sessionData: 20, rawData: 30 },
  etag: 'e'.repeat(64),
  created: at,
  updated: at,
  started: at,
  ended: undefined,
  ...more,
});

/** A session that somebody pushed, with exchanges of a content. */
const pushed = (name: string, exchanges: readonly string[], more: Partial<IndexStep> = {}): IndexStep => ({
  project,
  writer: mine,
  from: undefined,
  to: { ingested: oid('1') },
  sessions: [
    {
      kind: 'stored',
      row: {
        session: sid(name),
        path: `sessions/aa/${name}`,
        head: oid('f'),
        agent: 'claude',
        name,
        count: exchanges.length,
      },
      put: exchanges.map((key, n) => ({
        exchange: xid(key),
        ordinal: n + 1,
        oid: oid('2'),
        fingerprint: key.repeat(64).slice(0, 64),
      })),
      drop: [],
    },
  ],
  annotations: [],
  since: new Map(),
  at,
  ...more,
});

const deletion = (session: string, deletes: readonly { kind: 'session' | 'exchange'; value: string }[]): IndexStep => ({
  ...{ project, writer: theirs, from: undefined, to: { ingested: oid('9') }, sessions: [], since: new Map(), at },
  annotations: [
    {
      kind: 'annotation',
      row: {
        path: 'annotations/aa/1',
        lamport: 1,
        n: 0,
        said: { session: sid(session), statement: '{}', at, deletes },
      },
    },
  ],
});

/** What every store of what was received must do. `open` gives an empty one, and the index in the same database. */
export function receivedStoreContract(
  name: string,
  open: () => Promise<{ received: ReceivedStore; index: IndexStore }>,
): void {
  describe(`${name} as a store of what was received`, () => {
    let store: ReceivedStore;
    let index: IndexStore;
    beforeEach(async () => {
      ({ received: store, index } = await open());
      return async () => {
        await store.close();
        await index.close();
      };
    });
    const put = (...rows: ReceivedRow[]) =>
      store.apply({ project, from: undefined, to: oid('a'), put: rows, gone: [] });
    const names = async () => (await store.received(project)).map(({ session }) => String(session));

    it('gives back what was put, sorted, and one by its name', async () => {
      await put(row('two'), row('one', { started: undefined, ended: at }));
      expect(await store.received(project)).toEqual([row('one', { started: undefined, ended: at }), row('two')]);
      expect(await store.received(project, sid('two'))).toEqual([row('two')]);
      expect(await store.received(project, sid('three'))).toEqual([]);
      expect(await store.sizes(project)).toContainEqual({ session: 'two', markdown: 5_000_000_000, sessionData: 20 });
    });

    it('moves its cursor with the rows, or neither', async () => {
      await put(row('one'));
      expect(await store.cursor(project)).toBe(oid('a'));
      const wrong = { project, put: [row('two')], gone: ['raw/aa/one'], to: oid('c') };
      for (const from of [undefined, oid('b')])
        await expect(store.apply({ ...wrong, from })).rejects.toMatchObject({ kind: 'conflict' });
      expect([await names(), await store.cursor(project)]).toEqual([['one'], oid('a')]);
      await store.apply({ ...wrong, from: oid('a') });
      expect([await names(), await store.cursor(project)]).toEqual([['two'], oid('c')]);
      await store.apply({ project, from: oid('c'), to: oid('d'), put: [row('two', { by: 'bob' })], gone: [] });
      expect((await store.received(project))[0]?.by).toBe('bob');
    });

    it('keeps projects apart', async () => {
      await put(row('one'));
      expect([await store.received(other), await store.cursor(other), await store.sizes(other)]).toEqual([
        [],
        undefined,
        [],
      ]);
      expect(await store.named(other, 'one')).toBeUndefined();
      await store.clear(other);
      expect(await names()).toEqual(['one']);
      await store.clear(project);
      expect([await names(), await store.cursor(project)]).toEqual([[], undefined]);
    });

    it('knows a session by its id, whatever the case of letters, its own first', async () => {
      await put(row('Ab'), row('aB'));
      await index.apply(pushed('Pushed', ['x']));
      expect(await store.named(project, 'aB')).toBe('aB');
      expect(await store.named(project, 'AB')).toBe('Ab');
      expect(await store.named(project, 'pUSHED')).toBe('Pushed');
      expect(await store.named(project, 'a_')).toBeUndefined();
      expect(await store.named(project, '%')).toBeUndefined();
    });

    it('tells of sessions that were not received, with a state that changes with them', async () => {
      await put(row('one'));
      await index.apply(pushed('one', ['x']));
      expect(await store.others(project, [])).toEqual([]);
      await index.apply(pushed('two', ['y'], { writer: theirs }));
      const [first] = await store.others(project, []);
      expect(first?.session).toBe('two');
      expect(await store.others(project, [], sid('two'))).toEqual([first]);
      expect(await store.others(project, [], sid('one'))).toEqual([]);
      expect((await store.others(project, [sid('one')])).map(({ session }) => session)).toEqual(['one', 'two']);
      const from = { ingested: oid('1') };
      await index.apply(pushed('two', ['y', 'z'], { writer: theirs, from, to: { ingested: oid('3') } }));
      expect((await store.others(project, []))[0]?.state).not.toBe(first?.state);
      expect(await store.heads(project, sid('two'))).toEqual([{ writer: theirs, head: oid('f') }]);
    });

    it('does not give what was deleted, and tells what is whole no more', async () => {
      await put(row('one'), row('two'));
      await index.apply(pushed('one', ['x']));
      const from = { ingested: oid('1') };
      await index.apply(pushed('two', ['y', 'z'], { from, to: { ingested: oid('2') } }));
      expect([await store.cut(project), await store.gone(project)]).toEqual([[], []]);
      const gone = [
        { kind: 'session', value: 'one' },
        { kind: 'exchange', value: xid('z') },
      ] as const;
      await index.apply(deletion('one', gone));
      expect(await names()).toEqual(['two']);
      expect((await store.sizes(project)).map(({ session }) => session)).toEqual(['two']);
      expect([await store.cut(project), await store.gone(project)]).toEqual([['two'], ['one']]);
      const [left] = await store.others(project, ['two'].map(sid));
      expect(left?.state.startsWith('1.')).toBe(true);
    });

    it('keeps what was rendered until the next', async () => {
      const rendered = { session: sid('one'), state: '1.2.3', sizes: { markdown: 1, sessionData: 2 }, etag: 'x' };
      await store.keep(project, [rendered, { ...rendered, session: sid('two'), started: at, ended: at }]);
      await store.keep(project, [{ ...rendered, state: '2' }]);
      await store.keep(project, []);
      expect(await store.rendered(project)).toEqual([
        { ...rendered, state: '2' },
        { ...rendered, session: 'two', started: at, ended: at },
      ]);
      expect(await store.rendered(other)).toEqual([]);
    });
  });
}
