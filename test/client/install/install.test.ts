import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import fc from 'fast-check';
import husky from 'husky';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { FileEdit } from '../../../src/adapters/adapter.ts';
import { isShell } from '../../../src/client/install/hook-file.ts';
import { hookNames, nodeSpellings } from '../../../src/client/install/hook-script.ts';
import { inspectInstall } from '../../../src/client/install/inspect-install.ts';
import { applyInstall, planInstall } from '../../../src/client/install/install.ts';
import { applyUninstall, planUninstall } from '../../../src/client/install/uninstall.ts';
import { openRepository } from '../../../src/git/repository.ts';
import { Sandbox } from '../../hooks/sandbox.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => {
  sandbox.remove();
});

/** Every file below the repository with its bytes, mode or target; not what a commit writes. */
function image(folder = sandbox.root): Record<string, string> {
  const found: [string, string][] = [];
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    if (/^(?:COMMIT_EDITMSG|index)$/.test(entry.name)) continue;
    const file = path.join(folder, entry.name);
    const mode = lstatSync(file).mode.toString(8);
    if (entry.isSymbolicLink()) found.push([file, `-> ${readlinkSync(file)}`]);
    else if (!entry.isDirectory()) found.push([file, `${mode} ${readFileSync(file, 'latin1')}`]);
    else if (!/\/\.git\/(?:objects|logs|refs)$/.test(file))
      found.push([`${file}/`, mode], ...Object.entries(image(file)));
  }
  return Object.fromEntries(found);
}

const repository = () => openRepository(sandbox.root);
const uninstall = async (edits: FileEdit[] = []) => applyUninstall(planUninstall(await repository(), edits));
const states = async (options = sandbox.options) =>
  (await inspectInstall(await repository(), options)).hooks.map(({ state }) => state);
const all = (state: string) => hookNames.map(() => state);

/** Installs twice, uninstalls, and checks that the second changed nothing and that the last left nothing. */
async function comesAndGoes(during: () => Promise<void> | void = () => {}): Promise<void> {
  const before = image();
  await sandbox.install();
  const after = image();
  expect((await planInstall(await repository(), sandbox.options)).changes).toEqual([]);
  await sandbox.install();
  expect(image()).toEqual(after);
  await during();
  await uninstall();
  expect(image()).toEqual(before);
}

describe('a repository without hooks', () => {
  it('gets all of them, and none is left', async () => {
    expect(await states()).toEqual(all('missing'));
    await comesAndGoes(async () => {
      expect(await states()).toEqual(all('installed'));
      expect((await inspectInstall(await repository(), sandbox.options)).script).toBe('current');
      expect(await states({ ...sandbox.options, version: [2, 60] })).toEqual(all('installed'));
    });
    rmSync(path.join(sandbox.common, 'hooks'), { recursive: true });
    await comesAndGoes();
  });

  it('shows a plan before anything is done', async () => {
    const before = image();
    const plan = await planInstall(await repository(), sandbox.options);
    expect(image()).toEqual(before);
    expect(plan.notes).toEqual([]);
    const files = plan.changes.map(({ file }) => path.relative(sandbox.common, file));
    expect(files).toEqual(['specstory/install.json', 'specstory/hook', ...hookNames.map((hook) => `hooks/${hook}`)]);
    expect(plan.changes.every(({ what }) => what.length > 10)).toBe(true);
  });

  it('is understood after it was moved, and without the record', async () => {
    const before = Object.values(image());
    await sandbox.install();
    const moved = path.join(sandbox.folder, 'moved');
    spawnSync('mv', [sandbox.root, moved]);
    await applyUninstall(planUninstall(await openRepository(moved)));
    expect(Object.values(image(moved))).toEqual(before);
    spawnSync('mv', [moved, sandbox.root]);
    await sandbox.install();
    rmSync(path.join(sandbox.common, 'specstory', 'install.json'));
    await uninstall();
    expect(Object.values(image())).toEqual(before);
  });

  it('keeps what was captured', async () => {
    await sandbox.install();
    writeFileSync(path.join(sandbox.common, 'specstory', 'writer'), '0123456789abcdef\n');
    await uninstall();
    expect(readdirSync(path.join(sandbox.common, 'specstory'))).toEqual(['writer']);
  });
});

describe('hooks that are there', () => {
  const run = (hook: string, input = '') =>
    spawnSync(path.join('.git/hooks', hook), ['one', 'two words'], { cwd: sandbox.root, input, encoding: 'utf8' });

  it.each([
    ['a shell script', '#!/bin/sh\nset -e\necho "$1 $2" "$(cat)"\nexit 1\n'],
    ['one that replaces itself', '#!/usr/bin/env bash\nexec sh -c \'echo "$1 $2" "$(cat)"; exit 1\' x "$@"\n'],
    ['a strict one without a line end', '#!/bin/bash -eu\necho "$1 $2" "$(cat)"; exit 1'],
    ['one without a shebang', 'echo "$1 $2" "$(cat)"\nexit 1\n'],
    [
      'another language',
      `#!${process.execPath}\nconsole.log(process.argv.slice(2).join(' '), require('fs').readFileSync(0,'utf8').trim());process.exit(1)\n`,
    ],
  ])('%s keeps its arguments, input and exit code', async (_, text) => {
    sandbox.write('.git/hooks/pre-commit', text, 0o750);
    await comesAndGoes(async () => {
      if (text.startsWith('echo')) return;
      expect(run('pre-commit', 'input\n')).toMatchObject({ status: 1, stdout: 'one two words input\n', stderr: '' });
      expect((await sandbox.waitForRuns(1))[0]?.argv[1]).toBe('pre-commit');
    });
  });

  it('a failing one still stops the commit, a program is still run', async () => {
    sandbox.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    sandbox.write('.git/hooks/post-commit', readFileSync('/bin/true'));
    await comesAndGoes(async () => {
      expect(sandbox.commit().code).toBe(1);
      expect((await sandbox.waitForRuns(1)).map(({ argv }) => argv[1])).toEqual(['pre-commit']);
      expect(run('post-commit')).toMatchObject({ status: 0 });
    });
  });

  it('links and hooks that are switched off are put aside and come back', async () => {
    sandbox.write('scripts/check', '#!/bin/sh\necho linked\nexit 4\n');
    symlinkSync('../../scripts/check', path.join(sandbox.common, 'hooks', 'pre-commit'));
    symlinkSync('nowhere', path.join(sandbox.common, 'hooks', 'pre-push'));
    sandbox.write('.git/hooks/post-commit', '#!/bin/sh\necho off\n', 0o644);
    await comesAndGoes(() => {
      expect(run('pre-commit')).toMatchObject({ status: 4, stdout: 'linked\n' });
      expect(run('post-commit')).toMatchObject({ status: 0, stdout: '' });
      expect(run('pre-push')).toMatchObject({ status: 0, stdout: '' });
      expect(sandbox.read('scripts/check')).toBe('#!/bin/sh\necho linked\nexit 4\n');
    });
  });

  it('are restored byte for byte, whatever is in them', async () => {
    const line = fc.constantFrom(
      '#!/bin/sh',
      '#!/usr/bin/python3',
      '# x',
      '',
      'exit 1',
      '\r',
      'caf\u00e9',
      '# specstory >>',
      '\0',
    );
    const text = fc.array(line, { maxLength: 5 }).map((lines) => Buffer.from(lines.join('\n')));
    const bytes = fc.oneof(text, fc.uint8Array({ maxLength: 40 }));
    await fc.assert(
      fc.asyncProperty(
        bytes,
        fc.constantFrom(0o755, 0o644, 0o700),
        fc.constantFrom(...hookNames),
        async (content, mode, hook) => {
          sandbox.write(`.git/hooks/${hook}`, content, mode);
          await comesAndGoes();
          rmSync(path.join(sandbox.common, 'hooks', hook));
        },
      ),
      { numRuns: 25 },
    );
  });

  it('keep what was written into them since', async () => {
    sandbox.write('.git/hooks/pre-commit', '#!/bin/sh\nmake lint\n');
    await sandbox.install();
    for (const hook of ['pre-commit', 'post-commit']) {
      sandbox.write(`.git/hooks/${hook}`, `${sandbox.read(`.git/hooks/${hook}`)}make test\n`);
    }
    sandbox.write('.git/hooks/post-rewrite', '#!/bin/sh\necho replaced\n');
    expect(await states()).toEqual(['installed', 'installed', 'rewritten', 'installed']);
    await uninstall();
    expect(sandbox.read('.git/hooks/pre-commit')).toBe('#!/bin/sh\nmake lint\nmake test\n');
    expect(sandbox.read('.git/hooks/post-commit')).toBe('#!/bin/sh\nmake test\n');
    expect(sandbox.read('.git/hooks/post-rewrite')).toBe('#!/bin/sh\necho replaced\n');
    expect(sandbox.read('.git/hooks/pre-push')).toBeUndefined();
  });

  it('of Overcommit are left alone, and a folder in the place of a hook is named', async () => {
    sandbox.write('.git/hooks/pre-commit', '#!/usr/bin/env ruby\n# Overcommit hook\n');
    await expect(sandbox.install()).rejects.toMatchObject({
      kind: 'unsupported',
      hint: expect.stringContaining('.overcommit.yml'),
    });
    rmSync(path.join(sandbox.common, 'hooks', 'pre-commit'));
    mkdirSync(path.join(sandbox.common, 'hooks', 'pre-commit'));
    await expect(sandbox.install()).rejects.toMatchObject({ kind: 'unsupported' });
    expect(existsSync(path.join(sandbox.common, 'specstory'))).toBe(false);
  });
});

describe('what cannot be written', () => {
  it('is said in one line, and nothing is left half done', async () => {
    const before = image();
    // The folder of the hooks is a file: nobody, root included, can write into it.
    rmSync(path.join(sandbox.common, 'hooks'), { recursive: true });
    writeFileSync(path.join(sandbox.common, 'hooks'), '');
    const blocked = image();
    const error = await sandbox.install().catch((thrown) => thrown);
    expect(error).toMatchObject({ name: 'SpecstoryError', hint: expect.stringContaining('check') });
    expect(error.message).toMatch(/^cannot write [^\n]*hooks[^\n]*$/);
    rmSync(path.join(sandbox.common, 'specstory'), { recursive: true, force: true });
    expect(image()).toEqual(blocked);
    expect(before).not.toEqual(blocked);
  });

  it('is denied in a folder that is read-only', async () => {
    const plan = await planInstall(await repository(), sandbox.options);
    chmodSync(path.join(sandbox.common, 'hooks'), 0o555);
    const root = process.getuid?.() === 0;
    // Root may write anywhere, so that it has to be somebody else for a while.
    if (root) spawnSync('chown', ['-R', '65534', sandbox.folder]);
    if (root) process.seteuid?.(65534);
    const error = await applyInstall(plan).catch((thrown) => thrown);
    if (root) process.seteuid?.(0);
    chmodSync(path.join(sandbox.common, 'hooks'), 0o755);
    expect(error).toMatchObject({
      kind: 'denied',
      message: expect.stringMatching(/^cannot write [^\n]*hooks\/pre-commit[^\n]*$/),
    });
    expect(readdirSync(path.join(sandbox.common, 'specstory'))).toEqual([]);
  });

  it('takes back the files before it', async () => {
    sandbox.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
    const plan = await planInstall(await repository(), sandbox.options);
    sandbox.write('.git/hooks/pre-push', '#!/bin/sh\n# written meanwhile\n');
    const before = image();
    await expect(applyInstall(plan)).rejects.toMatchObject({ kind: 'conflict' });
    rmSync(path.join(sandbox.common, 'specstory'), { recursive: true });
    expect(image()).toEqual(before);
  });

  it('waits for nobody when git writes its configuration', async () => {
    writeFileSync(path.join(sandbox.common, 'config.lock'), '');
    sandbox.git('config', '--file', path.join(sandbox.folder, '.gitconfig'), 'core.hooksPath', '/tmp');
    const options = { ...sandbox.options, version: [2, 54] as const };
    sandbox.write('.git/hooks/pre-commit', '#!/bin/sh\ncall_lefthook run "pre-commit" "$@"\n');
    const plan = await planInstall(await repository(), options);
    await expect(applyInstall(plan)).rejects.toMatchObject({
      name: 'SpecstoryError',
      message: expect.stringContaining('config.lock'),
    });
  });
});

describe('core.hooksPath', () => {
  it('inside the repository is used, and what is visible is said', async () => {
    sandbox.git('config', 'core.hooksPath', '.githooks');
    sandbox.write('.githooks/pre-commit', '#!/bin/sh\nexit 0\n');
    const { notes } = await planInstall(await repository(), sandbox.options);
    expect(notes).toEqual([expect.stringMatching(/^in the working tree.*\.githooks\/pre-commit/)]);
    await comesAndGoes(async () => {
      sandbox.commit();
      expect(await sandbox.waitForRuns(2)).toHaveLength(2);
    });
  });

  it('outside the repository is never written to', async () => {
    const outside = path.join(sandbox.folder, 'global hooks');
    mkdirSync(outside);
    const config = path.join(sandbox.folder, '.gitconfig');
    sandbox.run('git', ['config', '--file', config, 'core.hooksPath', '~/global hooks']);
    process.env.GIT_CONFIG_GLOBAL = config;
    try {
      const plan = await planInstall(await repository(), sandbox.options);
      expect(plan.notes).toEqual([expect.stringMatching(/outside the repository.*global hooks/)]);
      expect(plan.changes.every(({ file }) => file.startsWith(path.join(sandbox.common, 'specstory')))).toBe(true);
      await comesAndGoes(async () => expect(await states()).toEqual(all('missing')));
      const newer = await planInstall(await repository(), { ...sandbox.options, version: [2, 54] });
      expect(newer.notes).toEqual([]);
      expect(newer.changes.map(({ file }) => file)).toContain(path.join(sandbox.common, 'config'));
    } finally {
      process.env.GIT_CONFIG_GLOBAL = '/dev/null';
    }
    expect(readdirSync(outside)).toEqual([]);
  });

  it('that switches hooks off is respected', async () => {
    await sandbox.install();
    for (const value of ['/dev/null', '']) {
      sandbox.git('config', 'core.hooksPath', value);
      const { notes } = await planInstall(await repository(), { ...sandbox.options, version: [2, 54] });
      expect(notes).toEqual([expect.stringContaining('switched off')]);
      expect(await states()).toEqual(all('shadowed'));
    }
  });
});

describe('hooks as settings (git 2.54)', () => {
  it('are written so that git and a shell read them, and taken back', async () => {
    sandbox.write('.git/hooks/pre-commit', '#!/bin/sh\ncall_lefthook run "pre-commit" "$@"\n');
    const before = image();
    const options = { ...sandbox.options, version: [2, 54] as const };
    await applyInstall(await planInstall(await repository(), options));
    expect((await planInstall(await repository(), options)).changes).toEqual([]);
    expect(await states(options)).toEqual(all('installed'));
    expect(sandbox.git('config', 'hook.specstory-post-rewrite.event')).toBe('post-rewrite\n');
    // As git does it: the command, and the arguments behind it.
    const command = `${sandbox.git('config', 'hook.specstory-post-rewrite.command').trimEnd()} "$@"`;
    const outcome = spawnSync('sh', ['-c', command, 'x', 'amend'], {
      cwd: sandbox.root,
      input: 'kept',
      encoding: 'utf8',
    });
    expect(outcome).toMatchObject({ status: 0, stdout: '', stderr: '' });
    const [seen] = await sandbox.waitForRuns(1);
    expect(seen?.argv).toEqual([sandbox.common, 'post-rewrite', 'amend']);
    rmSync(path.join(sandbox.common, 'specstory', 'hook'));
    expect(spawnSync('sh', ['-c', command, 'x', 'amend']).status).toBe(0);
    await uninstall();
    expect(image()).toEqual(before);
  });
});

describe('husky', () => {
  const cwd = process.cwd();
  beforeEach(() => {
    process.chdir(sandbox.root);
    expect(husky()).toBe('');
    process.chdir(cwd);
    sandbox.write('.husky/pre-commit', 'echo from husky >&2\nexit 1\n', 0o644);
  });

  it('gets the block in its own files, which stay as strict as they are', async () => {
    const { notes } = await planInstall(await repository(), sandbox.options);
    expect(notes[0]).toContain('.husky/pre-commit');
    await comesAndGoes(async () => {
      expect(await states()).toEqual(all('installed'));
      const { code, said } = sandbox.commit();
      expect(code).toBe(1);
      expect(said).toContain('from husky');
      expect(await sandbox.waitForRuns(1)).toHaveLength(1);
    });
  });

  it('in a fresh worktree is told apart: its stubs are missing there', async () => {
    await sandbox.install();
    sandbox.git('add', '.husky');
    sandbox.git('commit', '-q', '-m', 'x', '--no-verify');
    const linked = path.join(sandbox.folder, 'linked');
    sandbox.git('worktree', 'add', '-q', linked);
    const report = await inspectInstall(await openRepository(linked), sandbox.options);
    expect(report.hooks.map(({ state }) => state)).toEqual(all('unprepared'));
    expect(report.hooks[0]?.hint).toContain('npm install');
  });

  it('installed after us hides our hooks, which is seen and mended', async () => {
    rmSync(path.join(sandbox.root, '.husky'), { recursive: true });
    sandbox.git('config', '--unset', 'core.hooksPath');
    const before = image();
    await sandbox.install();
    sandbox.git('config', 'core.hooksPath', '.husky/_');
    expect(await states()).toEqual(all('shadowed'));
    await sandbox.install();
    await uninstall();
    sandbox.git('config', '--unset', 'core.hooksPath');
    expect(image()).toEqual(before);
  });

  it('leaves everything to git where it runs hooks from settings', async () => {
    const { changes, notes } = await planInstall(await repository(), { ...sandbox.options, version: [3, 0] });
    expect(notes).toEqual([]);
    expect(changes.map(({ file }) => path.relative(sandbox.common, file))).toEqual([
      'specstory/install.json',
      'specstory/hook',
      'config',
    ]);
  });
});

describe('lefthook', () => {
  const stub = '#!/bin/sh\n\ncall_lefthook()\n{\n  lefthook "$@"\n}\n\ncall_lefthook run "pre-commit" "$@"\n';
  const main = 'pre-commit:\n  commands:\n    lint:\n      run: make lint\n';
  beforeEach(() => {
    sandbox.write('lefthook.yml', main, 0o644);
    sandbox.write('.git/hooks/pre-commit', stub);
  });

  it('calls us from its local file in the hooks it owns; the others are plain', async () => {
    await comesAndGoes(async () => {
      expect(sandbox.read('.git/hooks/pre-commit')).toBe(stub);
      expect(sandbox.read('lefthook.yml')).toBe(main);
      const local = sandbox.read('lefthook-local.yml') ?? '';
      expect(local).toMatch(
        /^# specstory >>>\npre-commit:\n {2}commands:\n {4}specstory:\n {6}run: ".*"\n# specstory <<<\n$/,
      );
      const command = JSON.parse(/run: (".*")/.exec(local)?.[1] ?? '""');
      expect(spawnSync('sh', ['-c', command], { cwd: sandbox.root })).toMatchObject({ status: 0 });
      expect((await sandbox.waitForRuns(1))[0]?.argv).toEqual([sandbox.common, 'pre-commit', '']);
      expect(sandbox.git('status', '--porcelain')).toBe('?? lefthook.yml\n');
      expect(await states()).toEqual(all('installed'));
    });
  });

  it('keeps a local file that is there', async () => {
    sandbox.write('lefthook-local.yml', 'post-merge:\n  commands: {}', 0o644);
    await comesAndGoes(() =>
      expect(sandbox.read('lefthook-local.yml')).toContain('post-merge:\n  commands: {}\n# specstory >>>'),
    );
  });

  it.each(['pre-commit:\n  parallel: true\n', '---\na: 1\n', '{"pre-commit": {}}'])(
    'takes the plain way when the local file is %j',
    async (text) => {
      sandbox.write('lefthook-local.yml', text, 0o644);
      await comesAndGoes(async () => {
        expect(sandbox.read('lefthook-local.yml')).toBe(text);
        expect(sandbox.read('.git/hooks/pre-commit')).toMatch(/^#!\/bin\/sh\n# specstory >>>/);
        sandbox.write('.git/hooks/pre-commit', stub);
        expect((await states())[0]).toBe('rewritten');
        await sandbox.install();
      });
    },
  );
});

describe('pre-commit', () => {
  const script = `#!/usr/bin/env bash
# File generated by pre-commit: https://pre-commit.com
# ID: 138fd403232d2ddd5efb44317e38bf03

# start templated
INSTALL_PYTHON=/usr/bin/python3
ARGS=(hook-impl --config=.pre-commit-config.yaml --hook-type=pre-commit)
# end templated

HERE="$(cd "$(dirname "$0")" && pwd)"
ARGS+=(--hook-dir "$HERE" -- "$@")
exit 5
`;

  it('keeps its script, its mark and what it put aside', async () => {
    sandbox.write('.git/hooks/pre-commit', script);
    sandbox.write('.git/hooks/pre-commit.legacy', '#!/bin/sh\necho legacy\n');
    await comesAndGoes(async () => {
      const text = sandbox.read('.git/hooks/pre-commit') ?? '';
      expect(text.startsWith(`${script.split('\n').slice(0, 3).join('\n')}\n# specstory >>>`)).toBe(true);
      expect(sandbox.commit().code).not.toBe(0);
      expect((await sandbox.waitForRuns(1))[0]?.argv[1]).toBe('pre-commit');
    });
  });
});

describe('settings of agents', () => {
  it('come with the hooks and go with them', async () => {
    const file = path.join(sandbox.folder, 'agent', 'settings.json');
    const edit: FileEdit = {
      path: file,
      scope: 'user',
      add: (before) => `${(before ?? '').replace('hook\n', '')}hook\n`,
      remove: (before) => before.replace('hook\n', '') || undefined,
    };
    const options = { ...sandbox.options, edits: [edit] };
    await applyInstall(await planInstall(await repository(), options));
    expect(readFileSync(file, 'utf8')).toBe('hook\n');
    expect((await planInstall(await repository(), options)).changes).toEqual([]);
    await uninstall([edit]);
    expect(existsSync(path.dirname(file))).toBe(false);
    mkdirSync(path.dirname(file));
    writeFileSync(file, Buffer.from([0xff, 10]));
    await expect(planInstall(await repository(), options)).rejects.toMatchObject({
      kind: 'config',
      message: expect.stringContaining('UTF-8'),
    });
  });
});

describe('isShell', () => {
  it.each([
    '',
    'echo',
    '#!/bin/sh',
    '#! /usr/bin/env bash\n',
    '#!/usr/bin/env -S bash -e\n',
    '#!/bin/busybox sh\n',
    '#!/usr/bin/zsh -f\r\n',
    '#!/usr/bin/env A=b ksh\n',
    '#!C:/Git/bin/sh.exe\n',
  ])('%j is one', (text) => {
    expect(isShell(text)).toBe(true);
  });
  it.each([
    '#!/usr/bin/python3\n',
    '#!/usr/bin/env node',
    '#!/usr/bin/fish',
    '#!/bin/csh',
    '\x7fELF\0',
    '#!',
    '#!/usr/bin/env',
  ])('%j is none', (text) => {
    expect(isShell(text)).toBe(false);
  });
});

describe('nodeSpellings', () => {
  it('prefers the one that outlives an upgrade, and never one of the repository', () => {
    const bin = path.join(sandbox.folder, 'bin');
    const own = path.join(sandbox.root, 'node_modules/.bin');
    for (const folder of [bin, own]) {
      mkdirSync(folder, { recursive: true });
      symlinkSync(process.execPath, path.join(folder, 'node'));
    }
    const name = path.basename(process.execPath);
    expect(nodeSpellings(process.execPath, `.:${own}:${bin}`, [sandbox.root])).toEqual([
      path.join(bin, name),
      process.execPath,
    ]);
    expect(nodeSpellings(process.execPath, '', [])).toEqual([process.execPath]);
  });
});
