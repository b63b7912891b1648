import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { isObjectId, type ObjectId } from '../../src/core/ids.ts';
import { listTree, openBlobs, tips } from '../../src/git/read.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { isTreePath } from '../../src/git/tree-path.ts';
import { openImport } from '../../src/git/write.ts';
import { author, git, makeRepository, redacted, text } from './repositories.ts';

let folder: string;
let repository: Repository;
let tip: ObjectId;
const count = 3000;

beforeAll(async () => {
  folder = makeRepository();
  repository = await openRepository(folder);
  const into = openImport(repository, {}, author);
  await into.commit('refs/specstory/history', text('many'), files());
  tip = (await into.finish()).history ?? asId('');
});

function* files() {
  for (let at = 0; at < count; at++) {
    yield { path: `sessions/a${at % 10}/s${at % 100}/${at}.md`, content: redacted(`file ${at}\n`.repeat(at % 300)) };
  }
}

function asId(oid: string): ObjectId {
  if (!isObjectId(oid)) throw new Error(`${oid} is no object id`);
  return oid;
}

/** A tree as git takes it without looking: `<mode> <type> <oid>\t<name>`. */
function mktree(...entries: string[]): string {
  const input = entries.map((entry) => `${entry}\0`).join('');
  return execFileSync('git', ['-C', folder, 'mktree', '-z', '--missing'], { input, encoding: 'utf8' }).trim();
}

function hashObject(content: string): string {
  return execFileSync('git', ['-C', folder, 'hash-object', '-w', '--stdin'], {
    input: content,
    encoding: 'utf8',
  }).trim();
}

describe('tips', () => {
  it('tells our refs and those of other writers apart', async () => {
    for (const name of ['remotes/origin/0123456789abcdef/history', 'remotes/a/b/0123456789abcdef/raw', 'remotes/x/y']) {
      git(folder, 'update-ref', `refs/specstory/${name}`, tip);
    }
    const writer = '0123456789abcdef';
    expect(await tips(repository)).toEqual({
      history: tip,
      tracked: [
        { ref: `refs/specstory/remotes/a/b/${writer}/raw`, remote: 'a/b', writer, kind: 'raw', oid: tip },
        { ref: `refs/specstory/remotes/origin/${writer}/history`, remote: 'origin', writer, kind: 'history', oid: tip },
      ],
    });
  });
});

describe('listTree', () => {
  it('lists all files, or those below prefixes', async () => {
    expect(await listTree(repository, tip, [])).toHaveLength(count);
    expect(await listTree(repository, 'refs/specstory/history', ['sessions/'])).toHaveLength(count);
    expect(await listTree(repository, tip, ['sessions/a1', 'sessions/a2/s2'])).toHaveLength(count / 10 + count / 100);
    expect(await listTree(repository, tip, ['nothing'])).toEqual([]);
    expect(await listTree(repository, tip, ['--help', '../x'])).toEqual([]);
  });

  it('passes over what we would never write, and says so', async () => {
    const oid = hashObject('x');
    const inner = mktree(`100644 blob ${oid}\tfine.md`, `100755 blob ${oid}\tprogram`, `120000 blob ${oid}\tlink`);
    const names = ['.git', '..', 'a\u001bb', 'ä', 'A', 'a', ' ', 'x'.repeat(200), '.gitmodules'];
    const tree = mktree(
      ...names.map((name) => `100644 blob ${oid}\t${name}`),
      `160000 commit ${tip}\tmodule`,
      `040000 tree ${inner}\tinner`,
    );
    const refused: string[] = [];
    const found = await listTree(repository, asId(tree), [], (name) => refused.push(name));
    expect(found.map((entry) => entry.path).sort()).toEqual(['A', 'a', 'inner/fine.md']);
    expect(refused).toHaveLength(10);
    const blobs = openBlobs(repository);
    expect((await blobs.names(tree)).toSorted()).toEqual(['A', 'a']);
    await blobs.close();
  });

  it('throws for a tree that is not there', async () => {
    await expect(listTree(repository, asId('1'.repeat(40)), [])).rejects.toMatchObject({ kind: 'unavailable' });
  });
});

describe('openBlobs', () => {
  it('reads everything in one pass, and in any order', async () => {
    const blobs = openBlobs(repository);
    const entries = await listTree(repository, tip, []);
    let at = 0;
    for await (const content of blobs.readAll(entries.map(({ oid }) => oid))) {
      const number = Number.parseInt(path.basename(entries[at++]?.path ?? ''), 10);
      expect(String(content)).toBe(`file ${number}\n`.repeat(number % 300));
    }
    expect(at).toBe(count);
    const names = ['sessions/a5/s5/5.md', 'nothing', 'sessions/a7/s7/7.md'];
    const some = await Promise.all(names.map((name) => blobs.read(`${tip}:${name}`)));
    expect(some.map((content) => content?.length)).toEqual([35, undefined, 49]);
    expect(await blobs.id(`refs/specstory/history:${names[0]}`)).toBe(git(folder, 'rev-parse', `${tip}:${names[0]}`));
    expect(await blobs.id(`${tip}:nothing`)).toBeUndefined();
    expect(await blobs.read(`${tip}:sessions`)).toBeUndefined();
    expect(await blobs.names(`${tip}:sessions/a5/s5`)).toHaveLength(count / 100);
    await blobs.close();
  });

  it('is not confused by any revision, nor by any content', async () => {
    const blobs = openBlobs(repository);
    const oid = hashObject('line\nrefs missing\n\0\n');
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom(`${oid}\n`, `${oid}:a\nb`, '', 'HEAD')),
        async (odd) => {
          const [nothing, content] = await Promise.all([blobs.read(odd), blobs.read(oid)]);
          expect([nothing, String(content)]).toEqual([undefined, 'line\nrefs missing\n\0\n']);
        },
      ),
    );
    await blobs.close();
  });

  it('reads a large file and refuses a huge one, and goes on', async () => {
    const blobs = openBlobs(repository);
    const write = (size: number): string => {
      writeFileSync(path.join(folder, 'big'), Buffer.alloc(size, 'x'));
      return git(folder, 'hash-object', '-w', 'big');
    };
    expect(await blobs.read(write(10 << 20))).toHaveLength(10 << 20);
    await expect(blobs.read(write((64 << 20) + 1))).rejects.toMatchObject({ kind: 'unsupported' });
    expect(String(await blobs.read(`${tip}:sessions/a1/s1/1.md`))).toBe('file 1\n');
    await blobs.close();
  });

  it('answers what was asked before the end, and nothing after it', async () => {
    const blobs = openBlobs(repository);
    const asked = blobs.read(`${tip}:sessions/a1/s1/1.md`);
    const closed = blobs.close();
    expect(String(await asked)).toBe('file 1\n');
    await closed;
    await expect(blobs.read(tip)).rejects.toMatchObject({ kind: 'bug' });
    await openBlobs(repository).close();
  });

  it('says so when an object is damaged', async () => {
    const oid = hashObject(randomBytes(100_000).toString('hex'));
    const file = path.join(folder, '.git/objects', oid.slice(0, 2), oid.slice(2));
    chmodSync(file, 0o644);
    truncateSync(file, 50_000);
    const blobs = openBlobs(repository);
    const both = await Promise.allSettled([blobs.read(oid), blobs.read(tip)]);
    expect(both.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await expect(blobs.read(oid)).rejects.toMatchObject({ name: 'SpecstoryError', kind: 'unavailable' });
    expect(String(await blobs.read(`${tip}:sessions/a1/s1/1.md`))).toBe('file 1\n');
    await blobs.close();
  });
});

describe('isTreePath', () => {
  it('never lets a path through that leaves its tree or means something to git', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('a', 'B1', '.', '..', '.git', '.GiT', '', 'x.lock', 'ü'), { maxLength: 7 }),
        (parts) => {
          const harmless =
            parts.length > 0 && parts.length <= 5 && parts.every((part) => part === 'a' || part === 'B1');
          expect(isTreePath(parts.join('/'))).toBe(harmless);
        },
      ),
    );
  });
});
