import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { isObjectId, type ObjectId } from '../../../src/core/ids.ts';
import { greatestClock } from '../../../src/core/lamport.ts';
import type { ExchangeRow, IndexStep, IndexStore, SessionChange } from '../../../src/server/store/index-store.ts';
import { sid, writerId, xid } from '../sessions.ts';

const [mine, theirs] = [writerId('a'.repeat(16)), writerId('b'.repeat(16))];
const [project, other] = ['1'.repeat(32), '2'.repeat(32)];
const at = '2026-01-02T03:04:05.678Z';

function oid(digit: string): ObjectId {
  const text = digit.repeat(40);
  if (!isObjectId(text)) throw new Error(text);
  return text;
}

const row = (key: string, content = '0', ordinal = 1): ExchangeRow => ({
  exchange: xid(key),
  ordinal,
  oid: oid(content),
  fingerprint: content.repeat(64),
});

function stored(
  name: string,
  put: readonly ExchangeRow[],
  more: { drop?: string[]; parent?: string } = {},
): SessionChange {
  const session = {
    session: sid(name),
    path: `sessions/aa/${name}`,
    head: oid('f'),
    agent: 'claude',
    name,
    count: put.length,
  };
  const parent = more.parent === undefined ? {} : { parent: sid(more.parent) };
  return { kind: 'stored', row: { ...session, ...parent }, put, drop: (more.drop ?? []).map(xid) };
}

const rejected = (name: string): SessionChange => ({
  kind: 'rejected',
  path: `sessions/aa/${name}`,
  session: name,
  code: 'bad_session',
  reason: 'why',
});

const step = (more: Partial<IndexStep> = {}): IndexStep => ({
  project,
  writer: mine,
  from: undefined,
  to: { ingested: oid('1') },
  sessions: [],
  annotations: [],
  since: new Map(),
  at,
  ...more,
});

function said(
  path: string,
  lamport: number,
  deletes: readonly { kind: 'session' | 'exchange' | 'content'; value: string }[] = [],
) {
  return {
    kind: 'annotation',
    row: { path, lamport, n: 0, said: { session: sid('one'), statement: '{}', at, deletes } },
  } as const;
}

/** What every store of the index must do. `open` gives an empty one. */
export function indexStoreContract(name: string, open: () => Promise<IndexStore>): void {
  describe(`${name} as an index store`, () => {
    let store: IndexStore;
    beforeEach(async () => {
      store = await open();
      return () => store.close();
    });
    const names = async () => (await store.sessions(project)).map(({ session, writer }) => `${session} ${writer[0]}`);
    const ids = async (session: string) =>
      (await store.exchanges(project, sid(session))).map(({ exchange }) => exchange);

    it('keeps a cursor for each writer, and refuses a step that begins elsewhere, whole', async () => {
      expect(await store.cursor(project, mine)).toBeUndefined();
      const half = { ingested: undefined, toward: { tip: oid('1'), after: 'sessions/aa/one' } };
      await store.apply(step({ to: half, sessions: [stored('one', [row('x')])] }));
      expect(await store.cursor(project, mine)).toEqual(half);
      const again = store.apply(step({ sessions: [stored('two', [row('y')])] }));
      await expect(again).rejects.toMatchObject({ kind: 'conflict' });
      expect(await names()).toEqual(['one a']);
      await store.apply(step({ from: half }));
      await expect(store.apply(step({ from: half }))).rejects.toMatchObject({ kind: 'conflict' });
      await store.apply(step({ writer: theirs, to: { ingested: oid('2') } }));
      expect(await store.cursors(project)).toEqual([
        { writer: mine, ingested: oid('1') },
        { writer: theirs, ingested: oid('2') },
      ]);
    });

    it('puts, replaces and drops exchanges, and knows them by the folder of their session', async () => {
      await store.apply(step({ sessions: [stored('one', [row('x'), row('y', '1', 2)])] }));
      expect(await store.known(project, mine, 'sessions/aa/one')).toEqual({
        session: 'one',
        exchanges: [row('x'), row('y', '1', 2)],
      });
      await store.apply(
        step({
          from: { ingested: oid('1') },
          to: { ingested: oid('2') },
          sessions: [stored('one', [row('x', '3')], { drop: ['y'] })],
        }),
      );
      expect(await store.exchanges(project, sid('one'))).toEqual([{ ...row('x', '3'), writer: mine }]);
      await store.apply(
        step({
          from: { ingested: oid('2') },
          to: { ingested: oid('3') },
          sessions: [{ kind: 'gone', path: 'sessions/aa/one' }],
        }),
      );
      expect(await store.known(project, mine, 'sessions/aa/one')).toBeUndefined();
      expect(await names()).toEqual([]);
    });

    it('tells what other writers have of a session', async () => {
      await store.apply(step({ sessions: [stored('one', [row('x')])] }));
      await store.apply(step({ writer: theirs, sessions: [stored('one', [row('x', '5')])] }));
      expect(await store.elsewhere(project, mine, sid('one'))).toMatchObject([
        { exchange: xid('x'), fingerprint: '5'.repeat(64) },
      ]);
      expect(await names()).toEqual(['one a', 'one b']);
      expect(await store.summary(project)).toEqual({ sessions: 1, updatedAt: undefined });
    });

    it('lists what was rejected until it is stored or gone', async () => {
      await store.apply(step({ sessions: [stored('one', [row('x')])] }));
      await store.apply(
        step({
          from: { ingested: oid('1') },
          to: { ingested: oid('2') },
          sessions: [rejected('one'), rejected('two')],
        }),
      );
      expect((await store.rejections(project)).map(({ session, at }) => [session, at])).toEqual([
        ['one', at],
        ['two', at],
      ]);
      expect(await names()).toEqual([]);
      await store.apply(
        step({
          from: { ingested: oid('2') },
          to: { ingested: oid('3') },
          sessions: [stored('one', []), { kind: 'gone', path: 'sessions/aa/two' }],
        }),
      );
      expect(await store.rejections(project)).toEqual([]);
    });

    it('never gives what was deleted: sessions and what hangs under them, exchanges, content', async () => {
      const sessions = [
        stored('one', [row('x')]),
        stored('sub', [row('s')], { parent: 'one' }),
        stored('subsub', [], { parent: 'sub' }),
        stored('two', [row('x', '7'), row('y', '8', 2), row('z', '9', 3)]),
      ];
      await store.apply(step({ sessions }));
      const deletes = [
        { kind: 'session', value: 'one' },
        { kind: 'exchange', value: xid('y') },
        { kind: 'content', value: '9'.repeat(64) },
      ] as const;
      await store.apply(step({ writer: theirs, annotations: [said('annotations/aa/1', 1, deletes)] }));
      expect(await names()).toEqual(['two a']);
      expect(await ids('two')).toEqual([xid('x')]);
      expect([await ids('one'), await ids('sub')]).toEqual([[], []]);
      expect(
        await Promise.all(['one', 'sub', 'subsub', 'two'].map((session) => store.isDeleted(project, sid(session)))),
      ).toEqual([true, true, true, false]);
      await store.apply(
        step({
          writer: theirs,
          from: { ingested: oid('1') },
          to: { ingested: oid('2') },
          annotations: [{ kind: 'withdrawn', path: 'annotations/aa/1' }],
        }),
      );
      expect(await names()).toEqual(['one a', 'sub a', 'subsub a', 'two a']);
    });

    it('counts clocks as every reader does, whatever order they came in', async () => {
      const near = fc.integer({ min: 1, max: 5 }).map((far) => far * 600_000);
      await fc.assert(
        fc.asyncProperty(
          fc.uniqueArray(fc.oneof(near, fc.integer({ min: 1, max: 2 ** 40 })), { maxLength: 8 }),
          async (clocks) => {
            await store.clear(project);
            let from: IndexStep['from'];
            for (const [index, lamport] of clocks.entries()) {
              const to = { ingested: oid(String(index)) };
              const deletes = [{ kind: 'session', value: `s${lamport}` }] as const;
              await store.apply(step({ from, to, annotations: [said(`annotations/aa/${lamport}`, lamport, deletes)] }));
              from = to;
            }
            for (const lamport of clocks) {
              expect(await store.isDeleted(project, sid(`s${lamport}`))).toBe(lamport <= greatestClock(clocks));
            }
            const ahead = (await store.rejections(project)).map(({ path }) => path);
            expect(ahead).toHaveLength(clocks.filter((lamport) => lamport > greatestClock(clocks)).length);
          },
        ),
        { numRuns: 30 },
      );
    });

    it('gives what was said and counts, in its order', async () => {
      const statement = { kind: 'hidden', value: true } as const;
      const annotation = (lamport: number, n = 0) => ({
        kind: 'annotation' as const,
        row: {
          path: `annotations/aa/${lamport}-${n}`,
          lamport,
          n,
          said: { session: sid('one'), statement: JSON.stringify(statement), at, deletes: [] },
        },
      });
      const unread = { kind: 'annotation' as const, row: { path: 'annotations/aa/unread', lamport: 9, n: 0 } };
      await store.apply(step({ annotations: [annotation(9, 1), annotation(2 ** 40), unread] }));
      await store.apply(step({ writer: theirs, annotations: [annotation(3)] }));
      const one = { session: sid('one'), statement };
      expect((await store.annotations(project)).map(({ exchange: _, ...rest }) => rest)).toEqual([
        { writer: theirs, lamport: 3, n: 0, ...one },
        { writer: mine, lamport: 9, n: 1, ...one },
      ]);
      expect(await store.clock(project)).toBe(9);
      expect([await store.clock(other), await store.annotations(other)]).toEqual([0, []]);
    });

    it('gives numbers that only grow, in one range for each step', async () => {
      expect(await store.lastNumber(project)).toBe(0);
      await store.apply(step({ sessions: [stored('one', [row('x'), row('y', '1', 2)])] }));
      expect(await store.lastNumber(project)).toBe(3);
      await store.apply(
        step({ from: { ingested: oid('1') }, to: { ingested: oid('2') }, sessions: [rejected('one')] }),
      );
      expect(await store.lastNumber(project)).toBe(3);
      await store.clear(project);
      await store.apply(step({ annotations: [said('annotations/aa/1', 1)] }));
      expect(await store.lastNumber(project)).toBe(4);
    });

    it('keeps projects and writers apart', async () => {
      await store.apply(step({ sessions: [stored('one', [row('x')])] }));
      await store.apply(step({ project: other, sessions: [stored('one', [row('x', '4')])] }));
      await store.apply(step({ writer: theirs, sessions: [stored('one', [row('x', '5')])] }));
      await store.clear(project, mine);
      expect(await names()).toEqual(['one b']);
      await store.clear(project);
      expect(await names()).toEqual([]);
      expect(await store.cursors(project)).toEqual([]);
      expect((await store.sessions(other)).length).toBe(1);
      expect(await store.elsewhere(other, theirs, sid('one'))).toHaveLength(1);
    });
  });
}
