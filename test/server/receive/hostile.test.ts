import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { pushLimits } from '../../../src/server/receive/limits.ts';
import { git } from '../../git/repositories.ts';
import { Clone, writerB } from '../clone.ts';
import { type GitServer, gitServer } from '../git-server.ts';
import { keyOf } from '../memory-access.ts';
import { deltaBomb } from '../pack-bytes.ts';
import { packOf, pushBody, rawPush, zero } from '../raw-push.ts';
import { refsOf } from '../server-state.ts';

const session = { 'sessions/aa/s/session.md': 'one' };

/** Pushes a commit straight, without git's own objections on the client's side; gives the answer for the ref. */
async function answerTo(server: GitServer, clone: Clone, tip: string, ref = clone.ref()): Promise<string> {
  const { report, status } = await rawPush(
    `${server.url}/project`,
    'ann',
    pushBody([`${zero} ${tip} ${ref}`], packOf(clone, [tip])),
  );
  expect(status).toBe(200);
  return report.at(-1) ?? '';
}

describe('a ref that is not the writer’s own', () => {
  it.each([
    'refs/heads/main',
    'refs/tags/v1',
    'HEAD',
    'refs/specstory/history',
    'refs/specstory/writers/aaaaaaaaaaaaaaaa',
    'refs/specstory/writers/AAAAAAAAAAAAAAAA/history',
    'refs/specstory/writers/aaaaaaaaaaaaaaaa/history/x',
    'refs/specstory/writers/aaaaaaaaaaaaaaaa/other',
    'refs/specstory/writers/../../heads/main',
    'refs/specstory/writers/aaaaaaaaaaaaaaaa/history.lock',
    '-refs/heads/main',
  ])('is refused: %s', async (ref) => {
    const server = await gitServer();
    const clone = new Clone();
    expect(await answerTo(server, clone, clone.commit(session), ref)).toBe(
      `ng ${ref} only refs/specstory/writers/<writer>/history and /raw are taken here`,
    );
    expect(refsOf(server)).toEqual([]);
  });

  it('B47: is refused when another account claimed the writer, whatever project member pushes', async () => {
    const server = await gitServer();
    server.access.share('ann', 'project', 'bob', 'writer');
    const clone = new Clone();
    const tip = clone.commit(session);
    const url = `${server.url}/project`;
    expect((await clone.push(url, 'ann', [`${tip}:${clone.ref()}`])).code).toBe(0);
    const next = clone.commit({ 'sessions/aa/s/session.md': 'two' }, tip);
    const taken = await clone.push(url, 'bob', [`${next}:${clone.ref()}`]);
    expect(taken.out).toContain('not_permitted: this writer belongs to another account');
    const mine = new Clone(writerB);
    const copy = await mine.run(['fetch', '--quiet', url, clone.ref()], 'bob');
    expect(copy.code).toBe(0);
    const disguised = await mine.push(url, 'bob', [`FETCH_HEAD:${mine.ref()}`]);
    expect(disguised.code).not.toBe(0);
    expect(refsOf(server)).toEqual([`${tip} ${clone.ref()}`]);
  });

  it('B48: says nothing of another tenant, whose project of that name is not seen', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const tip = clone.commit(session);
    const spec = `${tip}:${clone.ref()}`;
    expect((await clone.push(`${server.url}/project`, 'ann', [spec])).code).toBe(0);
    expect((await clone.push(`${server.url}/project`, 'eve', [spec])).code).toBe(0);
    expect(keyOf('eve', 'project')).not.toBe(keyOf('ann', 'project'));
    expect(refsOf(server, 'eve')).toEqual(refsOf(server));
  });
});

describe('a history that does not grow', () => {
  it('is refused: deletes, rewinds, replacements, other roots', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const first = clone.commit(session);
    const second = clone.commit({ 'sessions/aa/s/session.md': 'two' }, first);
    expect((await clone.push(url, 'ann', [`${second}:${clone.ref()}`])).code).toBe(0);
    const ask = async (from: string, to: string, pack = packOf(clone, [to], [second])) =>
      (await rawPush(url, 'ann', pushBody([`${from} ${to} ${clone.ref()}`], pack))).report.at(-1);
    const grows = `ng ${clone.ref()} a history only grows: this does not build on what is here`;
    expect(await ask(second, zero, Buffer.alloc(0))).toBe(
      `ng ${clone.ref()} a history is not deleted: ask for a purge`,
    );
    expect(await ask(second, first)).toBe(grows);
    const other = clone.commit({ 'sessions/aa/s/session.md': 'three' });
    expect(await ask(second, other, packOf(clone, [other]))).toBe(grows);
    const beside = clone.commit({ 'sessions/aa/s/session.md': 'four' }, first);
    expect(await ask(second, beside)).toBe(grows);
    expect(await ask(second, clone.git('rev-parse', `${other}:`), packOf(clone, [other]))).toBe(grows);
    expect(await ask(second, clone.git('rev-parse', `${other}:specstory.json`), packOf(clone, [other]))).toBe(grows);
    expect(await ask(zero, other, packOf(clone, [other]))).toMatch(/the ref moved meanwhile/);
    const forced = await clone.push(url, 'ann', [`+${other}:${clone.ref()}`]);
    expect(forced.code).not.toBe(0);
    expect(refsOf(server)).toEqual([`${second} ${clone.ref()}`]);
  });
});

describe('B53: a tree that is not one of ours', () => {
  const cases: Record<string, (clone: Clone) => string> = {
    'mode "120000" is not allowed': (c) => c.rawTree(['120000', 'link', c.blob('/etc/passwd')]),
    'mode "160000" is not allowed': (c) => c.rawTree(['160000', 'module', '1'.repeat(40)]),
    'mode "100755" is not allowed': (c) => c.rawTree(['100755', 'run', c.blob('x')]),
    hasDotgit: (c) => c.rawTree(['100644', '.git', c.blob('x')]),
    'hasDotgit|"git~1" is not allowed': (c) => c.rawTree(['100644', 'git~1', c.blob('x')]),
    hasDotdot: (c) => c.rawTree(['100644', '..', c.blob('x')]),
    'fullPathname|not allowed': (c) => c.rawTree(['100644', 'a/b', c.blob('x')]),
    '"\\?\\[31m" is not allowed|"\\\\u001b\\[31m" is not allowed': (c) =>
      c.rawTree(['100644', '\u001b[31m', c.blob('x')]),
    '"x.lock" is not allowed': (c) => c.rawTree(['100644', 'x.lock', c.blob('x')]),
    '"a" is there twice, but for upper and lower case': (c) =>
      c.rawTree(['100644', 'A', c.blob('x')], ['100644', 'a', c.blob('y')]),
    treeNotSorted: (c) => c.rawTree(['100644', 'b', c.blob('x')], ['100644', 'a', c.blob('y')]),
    duplicateEntries: (c) => c.rawTree(['100644', 'a', c.blob('x')], ['100644', 'a', c.blob('y')]),
  };

  it.each(Object.entries(cases))('is refused: %s', async (why, make) => {
    const server = await gitServer();
    const clone = new Clone();
    const root = clone.rawTree(
      ['40000', 'sessions', make(clone)],
      ['100644', 'specstory.json', clone.blob(clone.marker)],
    );
    // Hidden in a commit that is not the last one.
    const tip = clone.commit(session, clone.commitTree(root));
    const body = pushBody([`${zero} ${tip} ${clone.ref()}`], packOf(clone, [tip]));
    const { report } = await rawPush(`${server.url}/project`, 'ann', body);
    expect(report.at(-1)).toMatch(new RegExp(`^ng ${clone.ref()} .*(?:${why})`));
    expect(refsOf(server)).toEqual([]);
    expect(server.problems).toEqual([]);
  });

  it('is refused: other names at the root, folders too deep, no marker, another writer, a newer format', async () => {
    const server = await gitServer();
    const clone = new Clone();
    expect(await answerTo(server, clone, clone.commit({ 'README.md': 'x' }))).toMatch(/README.md has no place/);
    expect(await answerTo(server, clone, clone.commit({ sessions: 'x' }))).toMatch(/sessions has no place/);
    expect(await answerTo(server, clone, clone.commit({ 'reviews/a/b/c/d/e': 'x' }))).toMatch(/deeper than 5/);
    expect(await answerTo(server, clone, clone.commit({ ...session, 'specstory.json': '' }))).toMatch(
      /no specstory.json/,
    );
    expect(
      await answerTo(server, clone, clone.commit({ 'specstory.json': '{"format":1,"writer":"bbbbbbbbbbbbbbbb"}' })),
    ).toMatch(/not_permitted: the history names another writer/);
    expect(
      await answerTo(server, clone, clone.commit({ 'specstory.json': '{"format":2,"writer":"aaaaaaaaaaaaaaaa"}' })),
    ).toMatch(/the history has format 2; this server knows 1/);
    expect(refsOf(server)).toEqual([]);
  });
});

describe('B55: a pack that is a bomb', () => {
  it('is refused: one file that is huge when unpacked', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const tip = clone.commit({ ...session, 'sessions/aa/s/exchanges/000001-000000000000.md': '\n'.repeat(65 << 20) });
    expect(packOf(clone, [tip]).length).toBeLessThan(1 << 20);
    expect(await answerTo(server, clone, tip)).toMatch(/item_too_large: a file of 68157440 bytes, at most 67108864/);
    expect(refsOf(server)).toEqual([]);
  });

  it('is refused: many files that are huge together', async () => {
    const server = await gitServer({ limits: { ...pushLimits, unpackedBytes: 64 << 20 } });
    const clone = new Clone();
    const files = Object.fromEntries(
      Array.from({ length: 9 }, (_, at) => [
        `sessions/aa/s/exchanges/00000${at}-000000000000.md`,
        `${at}${' '.repeat(8 << 20)}`,
      ]),
    );
    expect(await answerTo(server, clone, clone.commit(files))).toMatch(/bytes when unpacked: push less at once/);
    expect(refsOf(server)).toEqual([]);
  });

  it('is refused: deltas that make much of little, in bounded memory', async () => {
    const server = await gitServer({ limits: { ...pushLimits, git: { memory: 192 << 20, cpu: 20 } } });
    const clone = new Clone();
    const tip = clone.commit(session);
    const { report } = await rawPush(
      `${server.url}/project`,
      'ann',
      pushBody([`${zero} ${tip} ${clone.ref()}`], deltaBomb(1 << 30)),
    );
    expect(report.at(-1)).toMatch(/needs more memory than this server gives/);
    expect(refsOf(server)).toEqual([]);
  });

  it('is refused: a tree of a few objects that names billions of files, at the tip or before it', async () => {
    const server = await gitServer();
    const clone = new Clone();
    let folder = clone.rawTree(['100644', 'a', clone.blob('x')]);
    for (let level = 0; level < 3; level++) {
      const names = Array.from({ length: 1000 }, (_, at) => `f${String(at).padStart(4, '0')}`);
      folder = clone.rawTree(...names.map((name) => ['40000', name, folder] as const));
    }
    const root = clone.rawTree(['40000', 'reviews', folder], ['100644', 'specstory.json', clone.blob(clone.marker)]);
    const bomb = clone.commitTree(root);
    expect(await answerTo(server, clone, bomb)).toMatch(/more than 5000000 changed files/);
    const calm = clone.commitTree(clone.rawTree(['100644', 'specstory.json', clone.blob(clone.marker)]), bomb);
    expect(await answerTo(server, clone, calm)).toMatch(/more than 5000000 changed files/);
    expect(refsOf(server)).toEqual([]);
  });

  it('is refused: more bytes or objects than allowed', async () => {
    const clone = new Clone();
    const tip = clone.commit({
      ...session,
      'sessions/aa/s/exchanges/000001-000000000000.md': randomBytes(1_000_000).toString('hex'),
    });
    const small = await gitServer({ limits: { ...pushLimits, packBytes: 500_000 } });
    expect(await answerTo(small, clone, tip)).toMatch(/the pack is larger than this server takes/);
    const longer = Buffer.concat([packOf(clone, [tip]), Buffer.alloc(1 << 20)]);
    const body = pushBody([`${zero} ${tip} ${clone.ref()}`], longer);
    expect((await rawPush(`${small.url}/project`, 'ann', body)).status).toBe(413);
    expect(refsOf(small)).toEqual([]);
    const few = await gitServer({ limits: { ...pushLimits, objects: 3 } });
    expect(await answerTo(few, clone, tip)).toMatch(/a pack of \d+ objects: at most 3/);
    expect(refsOf(few)).toEqual([]);
  });

  it('is refused: what is no pack, cut short, damaged, or lacks objects', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const first = clone.commit(session);
    const second = clone.commit({ 'sessions/aa/s/session.md': 'two' }, first);
    const pack = packOf(clone, [second]);
    const damaged = Buffer.from(pack);
    damaged[40] = (damaged[40] ?? 0) ^ 0xff;
    const ask = async (bytes: Uint8Array, to = second) => {
      const body = pushBody([`${zero} ${to} ${clone.ref()}`], bytes);
      return (await rawPush(`${server.url}/project`, 'ann', body)).report.at(-1);
    };
    expect(await ask(Buffer.alloc(0))).toMatch(/no pack came/);
    expect(await ask(Buffer.from('hello, this is no pack'))).toMatch(/what came is not a pack/);
    expect(await ask(pack.subarray(0, pack.length - 30))).toMatch(/cut short|damaged/);
    expect(await ask(damaged)).toMatch(/^ng /);
    expect(await ask(packOf(clone, [second], [first]))).toMatch(/lacks objects/);
    expect(await ask(pack, 'f'.repeat(40))).toMatch(/lacks objects/);
    expect(refsOf(server)).toEqual([]);
    expect(server.problems).toEqual([]);
  });
});

describe('B46: a flood of refs', () => {
  it.each([
    [1, 200],
    [2000, 200],
    [2001, 413],
    [20_000, 413],
  ])('of %i is answered with %i', async (count, status) => {
    const server = await gitServer();
    const clone = new Clone();
    const tip = clone.commit(session);
    const commands = Array.from({ length: count }, (_, at) => `${zero} ${tip} refs/heads/branch-${at}`);
    const answer = await rawPush(`${server.url}/project`, 'ann', pushBody(commands, packOf(clone, [tip])));
    expect(answer.status).toBe(status);
    expect(answer.report.filter((line) => line.startsWith('ng '))).toHaveLength(status === 200 ? count : 0);
    expect(git((await server.repositories.open(keyOf('ann', 'project'))).gitDir, 'for-each-ref')).toBe('');
  });
});
