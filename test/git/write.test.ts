import * as fs from 'node:fs';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import isomorphic from 'isomorphic-git';
import { describe, expect, it } from 'vitest';
import { isObjectId, type ObjectId } from '../../src/core/ids.ts';
import { openBlobs, tips } from '../../src/git/read.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { type Change, openImport } from '../../src/git/write.ts';
import { author, checkRepository, commitFile, git, makeRepository, redacted, text } from './repositories.ts';

const history = 'refs/specstory/history';
const raw = 'refs/specstory/raw';

async function open(...initOptions: string[]): Promise<{ folder: string; repository: Repository }> {
  const folder = makeRepository(...initOptions);
  return { folder, repository: await openRepository(folder) };
}

/** All files of a commit as isomorphic-git, which shares no code with git, reads them. */
async function independently(folder: string, oid: ObjectId | undefined): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  const cache = {};
  await isomorphic.walk({
    fs,
    cache,
    dir: folder,
    trees: [isomorphic.TREE({ ref: oid ?? '' })],
    map: async (name, [entry]) => {
      if ((await entry?.type()) === 'blob') files[name] = Buffer.from((await entry?.content()) ?? []).toString('utf8');
    },
  });
  return files;
}

describe('openImport', () => {
  it('writes what an independent reader finds', async () => {
    const { folder, repository } = await open();
    const into = openImport(repository, {}, author);
    const mark = await into.blob(redacted('by mark\n'));
    await into.commit(history, text('one'), [
      { path: 'sessions/aa/s1/session.md', mark },
      { path: 'sessions/aa/s1/exchanges/000001-0123456789ab.md', content: redacted('größe 𝄞\n') },
    ]);
    await into.commit(raw, text('records'), [{ path: 'raw/aa/s1/000000000000.jsonl', content: redacted('{}\n') }]);
    await into.commit(history, text('two'), [
      { path: 'sessions/aa/s1/session.md', remove: true },
      { path: 'annotations/aa/1.json', content: redacted('') },
    ]);
    const after = await into.finish();
    expect(after).toEqual({ ...(await tips(repository)), tracked: undefined });
    expect(await independently(folder, after.history)).toEqual({
      'annotations/aa/1.json': '',
      'sessions/aa/s1/exchanges/000001-0123456789ab.md': 'größe 𝄞\n',
    });
    expect(await independently(folder, after.raw)).toEqual({ 'raw/aa/s1/000000000000.jsonl': '{}\n' });
    checkRepository(folder);
  });

  it('names author, date, subject and body in the commit', async () => {
    const { folder, repository } = await open();
    const into = openImport(repository, {}, { name: 'Ada Ünal', email: 'ada@example.org' });
    await into.commit(history, { ...text('sub\nject\0'), body: redacted('line one\nline two\0\n\n') }, [
      { path: 'a', content: redacted('x') },
    ]);
    const { history: oid = '' } = await into.finish();
    const [found] = await isomorphic.log({ fs, dir: folder, ref: oid });
    expect(found?.commit.message).toBe('sub ject␀\n\nline one\nline two␀\n');
    expect(found?.commit.parent).toEqual([]);
    const at = Date.parse('2026-01-02T03:04:05Z') / 1000;
    expect(found?.commit.author).toMatchObject({ name: 'Ada Ünal', email: 'ada@example.org', timestamp: at });
    expect(found?.commit.author.timezoneOffset).toBe(0);
    checkRepository(folder);
  });

  it('continues behind the tip and leaves the other ref alone', async () => {
    const { folder, repository } = await open();
    const first = openImport(repository, {}, author);
    await commitFile(first, 'a', '1');
    await first.commit(raw, text('r'), [{ path: 'r', content: redacted('r') }]);
    const before = await first.finish();
    const second = openImport(repository, before, author);
    await commitFile(second, 'b', '2');
    const after = await second.finish();
    expect(after.raw).toBe(before.raw);
    expect(git(folder, 'rev-parse', `${after.history}^`)).toBe(before.history);
    expect(await independently(folder, after.history)).toEqual({ a: '1', b: '2' });
  });

  it('starts and writes nothing when there is nothing to write', async () => {
    const { repository } = await open();
    const into = openImport(repository, {}, author);
    await into.commit(history, text('nothing'), []);
    expect(await into.finish()).toEqual({});
    await into.abort();
    expect(existsSync(path.join(repository.commonDir, 'specstory'))).toBe(false);
  });

  it('forgets files that no commit names', async () => {
    const { repository } = await open();
    const into = openImport(repository, {}, author);
    await into.blob(redacted('lost'));
    expect(await into.finish()).toEqual({});
    expect(readdirSync(path.join(repository.commonDir, 'specstory'))).toEqual([]);
  });

  it('leaves no trace when it is aborted, or when the changes throw', async () => {
    const { folder, repository } = await open();
    const before = git(folder, 'count-objects', '-v');
    const into = openImport(repository, {}, author);
    await commitFile(into, 'a', 'x'.repeat(1 << 20));
    async function* broken(): AsyncGenerator<Change> {
      yield { path: 'b', content: redacted('b') };
      throw new Error('the source is gone');
    }
    await expect(into.commit(history, text('broken'), broken())).rejects.toThrow('the source is gone');
    await into.abort();
    await expect(into.blob(redacted('late'))).rejects.toMatchObject({ kind: 'bug' });
    expect(git(folder, 'count-objects', '-v')).toBe(before);
    expect(readdirSync(path.join(repository.commonDir, 'specstory'))).toEqual([]);
    expect(await tips(repository)).toEqual({ tracked: [] });
  });

  it('goes on when the changes of one commit threw', async () => {
    const { folder, repository } = await open();
    const into = openImport(repository, {}, author);
    await expect(
      into.commit(history, text('bad'), [
        { path: 'fine', content: redacted('1') },
        { path: '../x', remove: true },
      ]),
    ).rejects.toMatchObject({ kind: 'bug' });
    await commitFile(into, 'good', '2');
    expect(await independently(folder, (await into.finish()).history)).toEqual({ good: '2' });
  });

  it.each([
    [
      '',
      '/a',
      'a/',
      'a//b',
      '..',
      'a/../b',
      './a',
      '.git/config',
      'a/.GIT',
      'a b',
      'a\nb',
      'a\0b',
      'ä',
      '"a"',
      'a.lock',
    ],
    ['a/b/c/d/e/f', 'x'.repeat(121), '.gitmodules', '.gitattributes', 'a\\b', 'C:', 'git~1', 'a\u200d'],
  ])('refuses paths like %j', async (...paths) => {
    const { repository } = await open();
    const into = openImport(repository, {}, author);
    for (const name of paths) {
      await expect(into.commit(history, text('x'), [{ path: name, content: redacted('') }])).rejects.toMatchObject({
        kind: 'bug',
      });
    }
    expect(await into.finish()).toEqual({});
  });

  it('refuses to overwrite a ref that moved, and moves neither', async () => {
    const { folder, repository } = await open();
    const mine = openImport(repository, {}, author);
    const theirs = openImport(repository, {}, author);
    await commitFile(mine, 'mine', '1');
    await mine.commit(raw, text('mine'), [{ path: 'mine', content: redacted('1') }]);
    await commitFile(theirs, 'theirs', '2');
    const { history: kept } = await theirs.finish();
    await expect(mine.finish()).rejects.toMatchObject({ name: 'SpecstoryError', kind: 'conflict' });
    expect(await tips(repository)).toEqual({ history: kept, tracked: [] });
    checkRepository(folder);
  });

  it('refuses to continue behind a commit that is not there', async () => {
    const { repository } = await open();
    const missing = '1'.repeat(40);
    if (!isObjectId(missing)) throw new Error('not an id');
    const into = openImport(repository, { history: missing }, author);
    await commitFile(into, 'a', '1');
    await expect(into.finish()).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await tips(repository)).toEqual({ tracked: [] });
  });

  it('keeps every byte of any text', async () => {
    const { repository } = await open();
    const blobs = openBlobs(repository);
    let before = await tips(repository);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.string({ unit: 'binary', maxLength: 400 }), { minLength: 1, maxLength: 8 }),
        async (texts) => {
          const into = openImport(repository, before, author);
          const changes = texts.map((content, at) => ({ path: `f/${at}`, content: redacted(content) }));
          await into.commit(history, text('x'), changes);
          const after = await into.finish();
          before = { ...before, ...after };
          const found = await Promise.all(texts.map((_, at) => blobs.read(`${after.history}:f/${at}`)));
          expect(found.map(String)).toEqual(texts);
        },
      ),
      { numRuns: 15 },
    );
    await blobs.close();
  });

  it('completes its pack when git already has some of the content where no ref reaches it', async () => {
    const { folder, repository } = await open();
    const lost = openImport(repository, {}, author);
    await commitFile(lost, 'sessions/aa/s/session.md', 'the same text');
    await lost.finish();
    git(folder, 'update-ref', '-d', history);
    const into = openImport(repository, {}, author);
    await commitFile(into, 'sessions/aa/s/session.md', 'the same text');
    const { history: oid = '' } = await into.finish();
    const blob = git(folder, 'rev-parse', `${oid}:sessions/aa/s/session.md`);
    const packs = readdirSync(path.join(folder, '.git/objects/pack')).filter((name) => name.endsWith('.idx'));
    const contents = packs.map((name) => git(folder, 'verify-pack', '-v', `.git/objects/pack/${name}`));
    expect(contents.map((objects) => objects.includes(blob))).toEqual([true, true]);
  });

  it('leaves worktree, index and HEAD untouched', async () => {
    const { folder, repository } = await open();
    fs.writeFileSync(path.join(folder, 'file'), 'x');
    git(folder, 'add', 'file');
    const state = () => [
      readFileSync(path.join(folder, '.git/index'), 'latin1'),
      statSync(path.join(folder, '.git/index')).mtimeMs,
      readFileSync(path.join(folder, '.git/HEAD'), 'utf8'),
      git(folder, '--no-optional-locks', 'status', '--porcelain'),
    ];
    const before = state();
    const into = openImport(repository, {}, author);
    await commitFile(into, 'a', '1');
    await into.finish();
    expect(state()).toEqual(before);
  });
});
