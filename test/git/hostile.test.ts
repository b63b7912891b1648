import { chmodSync, existsSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { gitBinary } from '../../src/git/binary.ts';
import { gitError } from '../../src/git/errors.ts';
import { isAncestor } from '../../src/git/history.ts';
import { listTree, openBlobs, tips } from '../../src/git/read.ts';
import { openRepository, readConfig } from '../../src/git/repository.ts';
import { runGit } from '../../src/git/run.ts';
import { openImport } from '../../src/git/write.ts';
import { author, commitFile, git, makeRepository, temporaryFolder } from './repositories.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const hooks = ['reference-transaction', 'post-index-change', 'pre-auto-gc', 'post-checkout', 'fsmonitor-watchman'];

/** A repository in which everything that can be made to run something runs `touch <canary>`. */
function trap(): { folder: string; canary: string } {
  const folder = makeRepository();
  const canary = path.join(temporaryFolder(), 'canary');
  const script = path.join(temporaryFolder(), 'script');
  writeFileSync(script, `#!/bin/sh\ntouch '${canary}'\n`, { mode: 0o755 });
  const included = path.join(folder, '.git/included');
  writeFileSync(
    included,
    `[core]\n\tfsmonitor = ${script}\n\tpager = ${script}\n[credential]\n\thelper = !${script}\n`,
  );
  writeFileSync(path.join(folder, '.gitattributes'), '* filter=evil diff=evil merge=evil\n');
  git(folder, 'add', '.gitattributes');
  git(folder, 'commit', '--quiet', '--message=attributes');
  const names = ['core.fsmonitor', 'core.pager', 'core.editor', 'core.sshCommand', 'core.askPass', 'core.gitProxy'];
  names.push('core.alternateRefsCommand', 'diff.external', 'diff.evil.textconv', 'diff.evil.command');
  names.push('filter.evil.clean', 'filter.evil.smudge', 'filter.evil.process', 'merge.evil.driver', 'pager.ls-tree');
  names.push('pager.for-each-ref', 'pager.config', 'gpg.program', 'sequence.editor', 'uploadpack.packObjectsHook');
  for (const name of names) git(folder, 'config', name, script);
  for (const command of ['rev-parse', 'ls-tree', 'cat-file', 'fast-import']) {
    git(folder, 'config', `alias.${command}`, `!${script}`);
  }
  git(folder, 'config', 'includeIf.gitdir:/.path', included);
  git(folder, 'config', 'gc.auto', '1');
  git(folder, 'config', 'remote.evil.url', `ext::${script}`);
  git(folder, 'config', 'remote.evil.promisor', 'true');
  git(folder, 'config', 'protocol.ext.allow', 'always');
  git(folder, 'config', 'core.hooksPath', path.join(folder, 'traps'));
  for (const at of ['traps', '.git/hooks']) {
    mkdirSync(path.join(folder, at), { recursive: true });
    for (const hook of hooks) writeFileSync(path.join(folder, at, hook), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return { folder, canary };
}

describe('a repository that wants to run something', () => {
  it('is read and written without running it', async () => {
    const { folder, canary } = trap();
    const repository = await openRepository(folder);
    await readConfig(repository);
    const blobs = openBlobs(repository);
    for (let turn = 0; turn < 22; turn++) {
      const before = await tips(repository);
      const into = openImport(repository, before, author);
      await commitFile(into, `f${turn}`, `${turn}`);
      const { history = '' } = await into.finish();
      expect(await isAncestor(repository, before.history ?? history, history)).toBe(true);
      expect(await blobs.read('1'.repeat(40)).catch(() => undefined)).toBeUndefined();
    }
    expect(await listTree(repository, 'refs/specstory/history', [])).toHaveLength(22);
    await blobs.close();
    expect(existsSync(canary)).toBe(false);
  });

  it('would have run it without our settings', () => {
    const { folder, canary } = trap();
    writeFileSync(path.join(folder, 'file'), 'x');
    try {
      git(folder, 'status');
      git(folder, 'update-ref', 'refs/x', 'HEAD');
    } catch {
      // Some traps make git fail.
    }
    expect(existsSync(canary)).toBe(true);
  });
});

describe('runGit', () => {
  it('passes nothing of git on but where the configuration is', async () => {
    vi.stubEnv('GIT_TRACE', '1');
    vi.stubEnv('Git_Dir', '/nowhere');
    vi.stubEnv('GIT_SSH_COMMAND', 'x');
    const folder = makeRepository();
    git(folder, 'config', 'alias.show-variables', '!env');
    const seen = (await runGit(['show-variables'], { cwd: folder })).toString('utf8').split('\n');
    const names = seen.filter((line) => /^GIT_/i.test(line)).map((line) => line.slice(0, line.indexOf('=')));
    const known = ['GIT_ALLOW_PROTOCOL', 'GIT_CONFIG_GLOBAL', 'GIT_CONFIG_NOSYSTEM', 'GIT_NO_LAZY_FETCH'];
    // What `git -c` and its options turn into, and what git itself tells an alias.
    known.push('GIT_CONFIG_PARAMETERS', 'GIT_LITERAL_PATHSPECS', 'GIT_NO_REPLACE_OBJECTS', 'GIT_OPTIONAL_LOCKS');
    known.push('GIT_EXEC_PATH', 'GIT_PAGER_IN_USE', 'GIT_PREFIX', 'GIT_TERMINAL_PROMPT', 'GIT_DIR', 'GIT_PAGER');
    expect(names.filter((name) => !known.includes(name))).toEqual([]);
    expect(seen).toContain('LC_ALL=C');
    expect(seen).toContain('GIT_ALLOW_PROTOCOL=');
  });

  it('lets no address start a program or a connection', async () => {
    const folder = makeRepository();
    const canary = path.join(temporaryFolder(), 'canary');
    const addresses = [
      `ext::sh -c touch% ${canary}`,
      'fd::7',
      'file:///etc',
      'ssh://-oProxyCommand=x/y',
      'https://localhost:1/x',
    ];
    for (const address of [...addresses, `--upload-pack=touch ${canary}`]) {
      await expect(runGit(['ls-remote', '--', address], { cwd: folder })).rejects.toMatchObject({
        name: 'SpecstoryError',
      });
    }
    expect(existsSync(canary)).toBe(false);
  });
});

describe('gitBinary', () => {
  it('takes no git from the repository, and none by a relative path', () => {
    const folder = makeRepository();
    const own = path.join(folder, 'node_modules/.bin');
    mkdirSync(own, { recursive: true });
    writeFileSync(path.join(own, 'git'), '#!/bin/sh\n', { mode: 0o755 });
    const outside = temporaryFolder();
    writeFileSync(path.join(outside, 'git'), '#!/bin/sh\n', { mode: 0o755 });
    mkdirSync(path.join(folder, 'below'));
    const relative = path.relative(process.cwd(), own);
    const search = [own, relative, '.', '', path.join(outside, 'missing'), outside].join(path.delimiter);
    expect(gitBinary(path.join(folder, 'below'), search)).toBe(path.join(outside, 'git'));
    chmodSync(path.join(outside, 'git'), 0o644);
    expect(() => gitBinary(path.join(folder, 'below'), `${search}:`)).toThrow(/no git/);
  });
});

describe('gitError', () => {
  it.each([
    ['fatal: not a git repository (or any of the parent directories): .git', 'not-found'],
    ["fatal: detected dubious ownership in repository at '/x'", 'denied'],
    ['fatal: this operation must be run in a work tree', 'unsupported'],
    ['fatal: unknown repository extension found:\n\tfoo', 'unsupported'],
    ["fatal: cannot lock ref 'refs/specstory/history': is at 1 but expected 2", 'conflict'],
    ["fatal: cannot lock ref 'refs/x': Unable to create '/x/.git/refs/x.lock': No space left on device", 'unavailable'],
    ['error: unable to write file: Permission denied', 'denied'],
    ['fatal: bad object 1234', 'unavailable'],
    ['something new', 'unavailable'],
    ['', 'unavailable'],
  ])('gives %j a kind', (stderr, kind) => {
    const error = gitError(['update-ref'], '/project', { code: 128, signal: null, stderr });
    expect(error).toMatchObject({ name: 'SpecstoryError', kind });
    expect(error.message).toContain('/project');
    expect(String(error.cause)).toContain('update-ref');
  });
});
