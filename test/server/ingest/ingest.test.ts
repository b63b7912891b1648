import { describe, expect, it } from 'vitest';
import { sessionPath } from '../../../src/core/layout.ts';
import type { Verdict } from '../../../src/protocol/verdict.ts';
import { parseVerdictLine } from '../../../src/protocol/verdict.ts';
import { Clone, type Files, writerB } from '../clone.ts';
import { type FullServer, fullServer } from '../full-server.ts';
import { packOf, pushBody, rawPush, zero } from '../raw-push.ts';
import {
  annotationFiles,
  exchange,
  exchangePath,
  exchangeText,
  fingerprintOf,
  sessionFiles,
  sid,
  writerId,
  xid,
} from '../sessions.ts';

/** Pushes files as a client that speaks the protocol; gives the verdicts and the new tip. */
async function push(
  server: FullServer,
  clone: Clone,
  files: Files,
  parent?: string,
  token = 'ann',
): Promise<{ verdicts: Verdict[]; tip: string }> {
  const tip = clone.commit(files, parent);
  const body = pushBody([`${parent ?? zero} ${tip} ${clone.ref()}`], packOf(clone, [tip], parent ? [parent] : []));
  return { verdicts: await send(server, body, clone, token), tip };
}

async function send(server: FullServer, body: Uint8Array, clone: Clone, token = 'ann'): Promise<Verdict[]> {
  const answer = await rawPush(server.url, token, body, { 'Specstory-Protocol': '1' });
  expect(answer.report.at(-1)).toBe(`ok ${clone.ref()}`);
  expect(server.problems).toEqual([]);
  return answer.said.split(/(?<=\n)/).flatMap((line) => parseVerdictLine(line.trimEnd()) ?? []);
}

const listed = async ({ store, key }: FullServer) =>
  (await store.sessions(key)).map(({ session, writer, count }) => `${session} ${writer[0]} ${count}`);
const ids = async ({ store, key }: FullServer, session: string) =>
  (await store.exchanges(key, sid(session))).map(({ exchange: id, writer }) => `${writer[0]} ${id}`);

describe('what a push brings', () => {
  it('is told for each session, and is there when the push returns', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const [x, y] = [exchange('x'), exchange('y')];
    const first = await push(server, clone, { ...sessionFiles('one', [x]), ...sessionFiles('two', [y]) });
    expect(first.verdicts.sort((a, b) => (a.session < b.session ? -1 : 1))).toEqual([
      { session: 'one', status: 'stored', exchanges: 1 },
      { session: 'two', status: 'stored', exchanges: 1 },
    ]);
    const second = await push(server, clone, sessionFiles('one', [x, y]), first.tip);
    expect(second.verdicts).toEqual([{ session: 'one', status: 'stored', exchanges: 1 }]);
    expect(await listed(server)).toEqual(['one a 2', 'two a 1']);
    expect(await server.store.sessions(server.key)).toMatchObject([
      {
        session: 'one',
        agent: 'claude',
        name: 'one',
        updated: '2026-01-02T03:05:00.000Z',
        path: sessionPath(sid('one')),
      },
      { session: 'two' },
    ]);
    expect(await server.store.exchanges(server.key, sid('one'))).toMatchObject([
      { exchange: x.id, ordinal: 1, fingerprint: fingerprintOf(x), started: x.startedAt },
      { exchange: y.id, ordinal: 2, fingerprint: fingerprintOf(y) },
    ]);
    expect(await server.index.status(server.key)).toEqual({
      writers: [{ writer: clone.writer, history: second.tip, raw: undefined, ingested: second.tip }],
      rejected: [],
    });
    expect(await server.index.summary(server.key)).toEqual({ sessions: 2, updatedAt: '2026-01-02T03:05:00.000Z' });
  });

  it('is told to plain git in words', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const tip = clone.commit({ ...sessionFiles('one', [exchange('x')]), 'sessions/aa/bad/session.md': 'x' });
    const { out, code } = await clone.push(server.url, 'ann', [`${tip}:${clone.ref()}`]);
    expect(code).toBe(0);
    expect(out).toMatch(/remote: session bad was not taken: session file: no frontmatter/);
    expect(out).toMatch(/remote: 1 session stored, 1 session rejected/);
  });

  it('B15 B14: that comes again is told as duplicate, with one row each', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const tip = clone.commit({ ...sessionFiles('one', [exchange('x')]), 'sessions/aa/bad/session.md': 'x' });
    const body = pushBody([`${zero} ${tip} ${clone.ref()}`], packOf(clone, [tip]));
    expect((await send(server, body, clone)).map(({ status }) => status).sort()).toEqual(['rejected', 'stored']);
    for (let turn = 0; turn < 2; turn++) {
      expect((await send(server, body, clone)).map(({ status }) => status).sort()).toEqual(['duplicate', 'rejected']);
    }
    expect(await listed(server)).toEqual(['one a 1']);
  });

  it('R6 B32: of a session that another clone pushed is a duplicate, or grows it', async () => {
    const server = await fullServer();
    const [mine, theirs] = [new Clone(), new Clone(writerB)];
    const [x, y] = [exchange('x'), exchange('y')];
    await push(server, mine, sessionFiles('one', [x]));
    const same = await push(server, theirs, sessionFiles('one', [x]));
    expect(same.verdicts).toEqual([{ session: 'one', status: 'duplicate', exchanges: 0 }]);
    const more = await push(server, theirs, sessionFiles('one', [x, y]), same.tip);
    expect(more.verdicts).toEqual([{ session: 'one', status: 'stored', exchanges: 1 }]);
    expect(await listed(server)).toEqual(['one a 1', 'one b 2']);
  });

  it('B07: with a known id and other content is a conflict, and both are kept', async () => {
    const server = await fullServer();
    const [mine, theirs] = [new Clone(), new Clone(writerB)];
    await push(server, mine, sessionFiles('one', [exchange('x')]));
    const { verdicts } = await push(server, theirs, sessionFiles('one', [exchange('x', 'something else')]));
    expect(verdicts).toMatchObject([{ session: 'one', status: 'conflict', exchanges: 0 }]);
    expect(await ids(server, 'one')).toEqual([`a ${xid('x')}`, `b ${xid('x')}`]);
    const found = await server.store.exchanges(server.key, sid('one'));
    expect(new Set(found.map(({ fingerprint }) => fingerprint)).size).toBe(2);
  });

  it('with a known exchange at another length, as it was while it was open, is no conflict', async () => {
    const server = await fullServer();
    const [mine, theirs, third] = [new Clone(), new Clone(writerB), new Clone('c'.repeat(16))];
    const whole = exchange('x');
    const { messages, ...rest } = whole;
    const open = { ...rest, messages: messages.slice(0, 1) };
    const other = {
      ...rest,
      messages: [...messages.slice(0, 1), ...exchange('x', 'Do x', 'Failed.').messages.slice(1)],
    };
    const first = await push(server, mine, sessionFiles('one', [open]));
    const grown = await push(server, theirs, sessionFiles('one', [whole]));
    expect(grown.verdicts).toEqual([{ session: 'one', status: 'stored', exchanges: 0 }]);
    const apart = await push(server, third, sessionFiles('one', [other]));
    expect(apart.verdicts).toMatchObject([{ session: 'one', status: 'conflict' }]);
    await push(server, mine, sessionFiles('two', [whole]), first.tip);
    const shorter = await push(server, theirs, sessionFiles('two', [open]), grown.tip);
    expect(shorter.verdicts).toEqual([{ session: 'two', status: 'duplicate', exchanges: 0 }]);
  });

  it('B48: is stored for each tenant as if there were no other', async () => {
    const server = await fullServer();
    const clone = new Clone();
    await push(server, clone, sessionFiles('one', [exchange('x')]));
    const { verdicts } = await push(server, new Clone(), sessionFiles('one', [exchange('x')]), undefined, 'eve');
    expect(verdicts).toEqual([{ session: 'one', status: 'stored', exchanges: 1 }]);
  });
});

describe('a session that is bad', () => {
  const good = sessionFiles('good', [exchange('g')]);
  const at = (name: string) => `${sessionPath(sid('bad'))}/${name}`;
  const cases: Record<string, [code: string, Files]> = {
    'has no session.md': ['bad_session', { [at('exchanges/000001-0123456789ab.md')]: exchangeText(exchange('x')) }],
    'has a session.md that is none': ['bad_session', { [at('session.md')]: 'hello' }],
    'B41: has frontmatter that would run': [
      'bad_session',
      { [at('session.md')]: '---js\nmodule.exports = process.exit()\n---\n' },
    ],
    'lies in the folder of another': [
      'bad_session',
      { [at('session.md')]: sessionFiles('other', [])[`${sessionPath(sid('other'))}/session.md`] ?? '' },
    ],
    'holds another file': ['bad_session', { ...sessionFiles('bad', []), [at('notes.txt')]: 'x' }],
    'counts wrong': [
      'bad_session',
      { ...sessionFiles('bad', []), [exchangePath('bad', 1, 'x')]: exchangeText(exchange('x')) },
    ],
    'has an exchange that is none': [
      'bad_exchange',
      { ...sessionFiles('bad', [exchange('x')]), [exchangePath('bad', 1, 'x')]: 'hello' },
    ],
    'has an exchange under the name of another': [
      'bad_exchange',
      { ...sessionFiles('bad', [exchange('x')]), [exchangePath('bad', 1, 'x')]: exchangeText(exchange('y')) },
    ],
    'has an exchange twice': [
      'bad_session',
      { ...sessionFiles('bad', [exchange('x')]), [exchangePath('bad', 2, 'x')]: exchangeText(exchange('x')) },
    ],
    'holds a secret': [
      'secret_found',
      sessionFiles('bad', [exchange('x', `use ghp_${'a1B2c3D4e5F6g7H8i9J0'.repeat(2).slice(0, 36)} please`)]),
    ],
  };

  it.each(Object.entries(cases))(
    'because it %s never blocks a good one, and is listed until it is mended',
    async (_, [code, files]) => {
      const server = await fullServer();
      const clone = new Clone();
      const first = await push(server, clone, { ...good, ...files });
      expect(first.verdicts).toEqual(
        expect.arrayContaining([
          { session: 'good', status: 'stored', exchanges: 1 },
          { session: expect.any(String), status: 'rejected', code, reason: expect.any(String) },
        ]),
      );
      expect(await listed(server)).toEqual(['good a 1']);
      const { rejected } = await server.index.status(server.key);
      expect(rejected).toMatchObject([{ writer: clone.writer, code }]);
      expect(JSON.stringify([first.verdicts, rejected])).not.toContain('ghp_');
      const gone = Object.fromEntries(Object.keys(files).map((name) => [name, '']));
      const mended = await push(server, clone, { ...gone, ...sessionFiles('bad', [exchange('z')]) }, first.tip);
      expect(mended.verdicts).toEqual([{ session: 'bad', status: 'stored', exchanges: 1 }]);
      expect((await server.index.status(server.key)).rejected).toEqual([]);
      expect(await listed(server)).toEqual(['bad a 1', 'good a 1']);
    },
  );

  it('goes from the list when it is taken out of the tree, and comes onto it when it turns bad', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const first = await push(server, clone, sessionFiles('one', [exchange('x'), exchange('y')]));
    const file = exchangePath('one', 2, 'y');
    const second = await push(server, clone, { [file]: 'broken' }, first.tip);
    expect(second.verdicts).toMatchObject([{ session: 'one', status: 'rejected', code: 'bad_exchange' }]);
    expect(await ids(server, 'one')).toEqual([]);
    const third = await push(server, clone, { [file]: exchangeText(exchange('y')) }, second.tip);
    expect(third.verdicts).toEqual([{ session: 'one', status: 'stored', exchanges: 2 }]);
    const folder = sessionPath(sid('one'));
    const fourth = await push(server, clone, { [folder]: '' }, third.tip);
    expect(fourth.verdicts).toEqual([]);
    expect(await listed(server)).toEqual([]);
  });

  it('or anything else that lies where sessions lie is named by its place', async () => {
    const server = await fullServer();
    const { verdicts } = await push(server, new Clone(), {
      ...good,
      'sessions/loose': 'x',
      'sessions/zz/deep/session.md': 'x',
      'sessions/ab/file': 'x',
    });
    expect(verdicts.filter(({ status }) => status === 'rejected').map(({ session }) => session)).toEqual([
      'file',
      'loose',
      'zz',
    ]);
  });
});

describe('annotations', () => {
  const of = (writer: string, lamport: number, more: object = {}) =>
    annotationFiles({
      writer: writerId(writer),
      lamport,
      session: sid('one'),
      statement: { kind: 'hidden', value: true },
      ...more,
    });
  const deleted = (more: object) => ({ statement: { kind: 'deleted' as const, exchanges: [], content: [], ...more } });

  it('delete sessions, with what hangs under them, whoever pushes them and whenever', async () => {
    const server = await fullServer();
    const [mine, theirs] = [new Clone(), new Clone(writerB)];
    await push(server, mine, {
      ...sessionFiles('one', [exchange('x')]),
      ...sessionFiles('sub', [exchange('s')], { parent: sid('one') }),
    });
    const first = await push(server, theirs, of(writerB, 1, deleted({})));
    expect(first.verdicts).toEqual([{ session: 'one', status: 'stored', exchanges: 0 }]);
    expect(await listed(server)).toEqual([]);
    const again = await push(server, theirs, sessionFiles('one', [exchange('new')]), first.tip);
    expect(again.verdicts).toEqual([
      { session: 'one', status: 'rejected', code: 'deleted', reason: expect.any(String) },
    ]);
    expect(await listed(server)).toEqual([]);
    expect(await ids(server, 'sub')).toEqual([]);
    expect(await server.index.summary(server.key)).toEqual({ sessions: 0, updatedAt: undefined });
  });

  it('delete exchanges by id and by content, in every session', async () => {
    const server = await fullServer();
    const [mine, theirs] = [new Clone(), new Clone(writerB)];
    const [x, y, z] = [exchange('x'), exchange('y'), exchange('z')];
    await push(server, mine, { ...sessionFiles('one', [x, y]), ...sessionFiles('copy', [x, z]) });
    await push(server, theirs, of(writerB, 1, { exchange: x.id, ...deleted({ content: [fingerprintOf(z)] }) }));
    expect(await ids(server, 'one')).toEqual([`a ${y.id}`]);
    expect(await ids(server, 'copy')).toEqual([]);
    expect(await listed(server)).toEqual(['one a 2']);
  });

  it('that are bad are told and listed; B30: so are impossible clocks', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const text = (lamport: unknown) =>
      `${JSON.stringify({ format: 1, lamport, writer: clone.writer, n: 0, at: '2026-01-02T03:04:05.678Z', session: 'one', statement: { kind: 'hidden', value: true } })}\n`;
    const [fine = ''] = Object.keys(of(clone.writer, 5));
    const named = (lamport: string) => fine.replace('/5-', `/${lamport}-`);
    const codes = async (files: Files) => {
      const { verdicts } = await push(server, clone, files);
      const ref = (await server.repositories.open(server.key)).gitDir;
      clone.git('push', '--quiet', ref, `:${clone.ref()}`);
      await server.ingest.reindex(server.key);
      return verdicts.map(({ code }) => code ?? 'stored');
    };
    expect(await codes({ [fine]: text(5) })).toEqual(['stored']);
    for (const [name, value] of [
      [named('9007199254740992'), 2 ** 53],
      [named('9223372036854775808'), 2 ** 63],
      [fine, -1],
      [fine, 1.5],
      [fine, '5'],
      [fine, 6],
    ] as const) {
      expect(await codes({ [name]: text(value) }), name).toEqual(['bad_clock']);
    }
    expect(await codes({ [fine]: text(5).replace('hidden', 'unheard-of') })).toEqual(['bad_annotation']);
    expect(await codes({ [fine.replace(clone.writer, writerB)]: text(5) })).toEqual(['not_permitted']);
    expect(await codes({ [fine]: 'hello' })).toEqual(['bad_clock']);
    expect(await codes({ 'annotations/aa/what.json': '{}' })).toEqual(['bad_annotation']);
  });

  it('B30: whose clock is far ahead say nothing, until what lies between is known', async () => {
    const server = await fullServer();
    const [mine, theirs] = [new Clone(), new Clone(writerB)];
    const far = 1_500_000;
    await push(server, mine, { ...sessionFiles('one', [exchange('x')]), ...of(mine.writer, far, deleted({})) });
    expect(await listed(server)).toEqual(['one a 1']);
    expect((await server.index.status(server.key)).rejected).toMatchObject([{ session: 'one', code: 'bad_clock' }]);
    await push(server, theirs, of(writerB, 1_000_000));
    expect((await server.index.status(server.key)).rejected).toEqual([]);
    expect(await listed(server)).toEqual([]);
  });
});

describe('a push that outlasts the patience of the server', () => {
  it('is told as deferred and ingested behind the answer', async () => {
    const server = await fullServer({ patience: 0 });
    const clone = new Clone();
    const names = Array.from({ length: 20 }, (_, index) => `s${index}`);
    const files = Object.assign({}, ...names.map((name) => sessionFiles(name, [exchange(name)])));
    const { verdicts, tip } = await push(server, clone, files);
    expect(verdicts.map(({ session }) => session).sort()).toEqual([...names].sort());
    expect(verdicts.some(({ status }) => status === 'deferred')).toBe(true);
    await expect.poll(async () => (await server.index.status(server.key)).writers[0]?.ingested).toBe(tip);
    expect(await listed(server)).toHaveLength(20);
  });
});
