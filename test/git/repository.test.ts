import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isAncestor } from '../../src/git/history.ts';
import { identity } from '../../src/git/identity.ts';
import { openBlobs, tips } from '../../src/git/read.ts';
import { openRepository, readConfig } from '../../src/git/repository.ts';
import { openImport } from '../../src/git/write.ts';
import { author, checkRepository, commitFile, git, makeRepository, temporaryFolder, withGit } from './repositories.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const makers: Record<string, () => string> = {
  'on a branch': () => makeRepository(),
  'with a detached HEAD': () => {
    const folder = makeRepository();
    git(folder, 'checkout', '--quiet', '--detach');
    return folder;
  },
  'before the first commit': () => {
    const folder = temporaryFolder();
    git(folder, 'init', '--quiet');
    return folder;
  },
  'with SHA-256 ids': () => makeRepository('--object-format=sha256'),
  shallow: () => clone('--depth=1'),
  'cloned in part': () => clone('--filter=blob:none'),
  'with objects borrowed from another one': () => clone('--shared'),
  'with a git directory elsewhere': () => makeRepository(`--separate-git-dir=${temporaryFolder()}/elsewhere`),
  'shared by a group': () => makeRepository('--shared=group'),
  'in a linked working tree': () => linkedTree(makeRepository()),
  'in a working tree of a bare repository': () => {
    const bare = path.join(temporaryFolder(), 'bare.git');
    git('/', 'clone', '--quiet', '--bare', makeRepository(), bare);
    return linkedTree(bare);
  },
  'as a submodule': () => {
    const outer = makeRepository();
    git(outer, '-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', makeRepository(), 'inner');
    return path.join(outer, 'inner');
  },
  'with odd letters in its path': () => {
    const folder = path.join(temporaryFolder(), `a 'b" $c ü #:;&`);
    git('/', 'init', '--quiet', folder);
    return folder;
  },
};

function clone(option: string): string {
  const from = makeRepository();
  git(from, 'commit', '--quiet', '--allow-empty', '--message=second');
  git(from, 'config', 'uploadpack.allowFilter', 'true');
  const folder = path.join(temporaryFolder(), 'clone');
  git('/', 'clone', '--quiet', option, option === '--shared' ? from : `file://${from}`, folder);
  return folder;
}

function linkedTree(folder: string): string {
  const linked = path.join(temporaryFolder(), 'linked');
  git(folder, 'worktree', 'add', '--quiet', '--detach', linked);
  return linked;
}

describe('openRepository', () => {
  it.each(Object.keys(makers))('works in a repository %s', async (name) => {
    const folder = makers[name]?.() ?? '';
    mkdirSync(path.join(folder, 'below'), { recursive: true });
    const repository = await openRepository(path.join(folder, 'below'));
    expect(repository.root).toBe(folder);
    expect(repository.roots[0]).toBe(folder);
    expect(repository.objectFormat).toBe(name === 'with SHA-256 ids' ? 'sha256' : 'sha1');
    let before = await tips(repository);
    for (const file of ['a', 'b']) {
      const into = openImport(repository, before, author);
      await commitFile(into, file, `${file}\n`);
      before = { ...before, ...(await into.finish()) };
    }
    expect(await tips(repository)).toEqual(before);
    const blobs = openBlobs(repository);
    expect(String(await blobs.read(`${before.history}:b`))).toBe('b\n');
    expect(await blobs.names(`${before.history}`)).toEqual([]);
    await blobs.close();
    expect(git(folder, 'status', '--porcelain', '--untracked-files=no').replace(/^A {2}.*$/gm, '')).toBe('');
    checkRepository(folder);
  });

  it('refuses a bare repository with its reason', async () => {
    const folder = temporaryFolder();
    git(folder, 'init', '--quiet', '--bare');
    await expect(openRepository(folder)).rejects.toMatchObject({ kind: 'unsupported', hint: expect.any(String) });
  });

  it('refuses to work inside .git, outside a repository, and where there is no folder', async () => {
    const folder = makeRepository();
    await expect(openRepository(path.join(folder, '.git'))).rejects.toMatchObject({ kind: 'unsupported' });
    await expect(openRepository(temporaryFolder())).rejects.toMatchObject({
      kind: 'not-found',
      hint: expect.any(String),
    });
    await expect(openRepository(path.join(folder, 'missing'))).rejects.toMatchObject({ kind: 'not-found' });
  });

  it('says what is wrong with a repository of a later kind', async () => {
    const folder = makeRepository();
    git(folder, 'config', 'core.repositoryformatversion', '99');
    await expect(openRepository(folder)).rejects.toMatchObject({ kind: 'unsupported', message: /too old/ });
  });

  it('says that git does not trust the owner, and trusts nobody itself', async () => {
    const folder = makeRepository();
    const global = path.join(temporaryFolder(), 'gitconfig');
    vi.stubEnv('GIT_CONFIG_GLOBAL', global);
    vi.stubEnv('PATH', withGit('export GIT_TEST_ASSUME_DIFFERENT_OWNER=1'));
    await expect(openRepository(folder)).rejects.toMatchObject({ kind: 'denied', hint: /safe\.directory/ });
    expect(existsSync(global)).toBe(false);
  });

  it('ignores what the hook that calls us was told', async () => {
    const [folder, other] = [makeRepository(), makeRepository()];
    vi.stubEnv('GIT_DIR', path.join(other, '.git'));
    vi.stubEnv('GIT_WORK_TREE', other);
    vi.stubEnv('GIT_INDEX_FILE', path.join(other, '.git/index.lock'));
    vi.stubEnv('GIT_OBJECT_DIRECTORY', path.join(other, '.git/objects'));
    vi.stubEnv('GIT_NAMESPACE', 'x');
    vi.stubEnv('GIT_CONFIG_COUNT', '1');
    vi.stubEnv('GIT_CONFIG_KEY_0', 'core.bare');
    vi.stubEnv('GIT_CONFIG_VALUE_0', 'true');
    const repository = await openRepository(folder);
    const into = openImport(repository, {}, author);
    await commitFile(into, 'a', '1');
    await into.finish();
    expect(repository.root).toBe(folder);
    vi.unstubAllEnvs();
    expect(git(folder, 'for-each-ref', 'refs/specstory')).not.toBe('');
    expect(git(other, 'for-each-ref', 'refs/specstory')).toBe('');
  });

  it('lists every working tree, from each of them', async () => {
    const main = makeRepository();
    const linked = [linkedTree(main), linkedTree(main)];
    for (const folder of [main, ...linked]) {
      const { roots, commonDir } = await openRepository(folder);
      expect(roots[0]).toBe(folder);
      expect([...roots].sort()).toEqual([main, ...linked].sort());
      expect(commonDir).toBe(path.join(main, '.git'));
    }
  });

  it('passes over what is damaged in the list of working trees', async () => {
    const folder = makeRepository();
    mkdirSync(path.join(folder, '.git/worktrees/empty'), { recursive: true });
    mkdirSync(path.join(folder, '.git/worktrees/odd'));
    writeFileSync(path.join(folder, '.git/worktrees/odd/gitdir'), '\0\n');
    writeFileSync(path.join(folder, '.git/worktrees/file'), '');
    expect((await openRepository(folder)).roots).toEqual([folder]);
  });
});

describe('readConfig', () => {
  it('reads values as git does, without our own settings', async () => {
    const folder = makeRepository();
    const more = path.join(temporaryFolder(), 'more');
    writeFileSync(more, '[user]\n\tname = Included\n[a "B.c"]\n\tD = "line one\\nline two"\n');
    git(folder, 'config', '--add', 'x.many', '1');
    git(folder, 'config', '--add', 'x.many', '2');
    git(folder, 'config', 'include.path', more);
    writeFileSync(path.join(folder, '.git/config'), '[flag]\n\tset\n', { flag: 'a' });
    const config = await readConfig(await openRepository(folder));
    expect(config.get('user.name')).toBe('Included');
    expect(config.get('a.B.c.d')).toBe('line one\nline two');
    expect(config.get('flag.set')).toBe('true');
    expect(config.get('core.hookspath')).toBeUndefined();
    expect(config.all('x.many').map(({ value }) => value)).toEqual(['1', '2']);
    expect(config.all().every(({ scope }) => scope === 'local')).toBe(true);
  });
});

describe('identity', () => {
  it('is that of the person, and never invented', async () => {
    const folder = makeRepository();
    const repository = await openRepository(folder);
    expect(await identity(repository)).toEqual({ name: 'specstory', email: 'specstory@localhost' });
    git(folder, 'config', 'user.name', 'Ada <b>\nX');
    git(folder, 'config', 'user.email', 'ada@example.org');
    expect(await identity(repository)).toEqual({ name: 'Ada  b X', email: 'ada@example.org' });
    git(folder, 'config', 'author.email', 'work@example.org');
    expect((await identity(repository)).email).toBe('work@example.org');
  });
});

describe('isAncestor', () => {
  it('tells which commit lies behind which', async () => {
    const folder = makeRepository();
    git(folder, 'commit', '--quiet', '--allow-empty', '--message=second');
    const repository = await openRepository(folder);
    const [older, newer] = [git(folder, 'rev-parse', 'HEAD^'), git(folder, 'rev-parse', 'HEAD')];
    expect(await isAncestor(repository, older, newer)).toBe(true);
    expect(await isAncestor(repository, newer, newer)).toBe(true);
    expect(await isAncestor(repository, newer, older)).toBe(false);
    expect(await isAncestor(repository, '1'.repeat(40), newer)).toBe(false);
    expect(await isAncestor(repository, '--help', newer)).toBe(false);
    rmSync(path.join(folder, '.git/objects', older.slice(0, 2)), { recursive: true });
    expect(await isAncestor(repository, older, newer)).toBe(false);
  });
});
