import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { bakeHook, hookLines, hookNames } from '../../src/client/install/hook-script.ts';
import { Sandbox, templates } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(() => {
  sandbox = new Sandbox();
});
afterEach(() => sandbox.remove());

const shells = [['dash'], ['bash'], ['bash', '--posix'], ['busybox', 'sh'], ['zsh'], ['ksh'], ['sh']].filter(
  ([program = '', ...args]) => spawnSync(program, [...args, '-c', 'exit 0']).status === 0,
);

describe('the shell texts', () => {
  const baked = bakeHook(templates.hook, { nodes: ["/it's/node", '/b'], worker: '/w $x' });
  const texts = {
    hook: baked,
    ...Object.fromEntries(hookNames.map((hook) => [hook, hookLines(templates.block, hook)])),
  };

  it.each(shells.map((shell) => shell.join(' ')))('are understood by %s', (shell) => {
    const [program = '', ...args] = shell.split(' ');
    for (const input of Object.values(texts))
      expect(spawnSync(program, [...args, '-n'], { input })).toMatchObject({ status: 0 });
  });

  it('pass shellcheck where it is installed', () => {
    for (const input of Object.values(texts)) {
      const outcome = spawnSync('shellcheck', ['-s', 'sh', '-S', 'style', '-e', 'SC1091,SC2016', '-'], {
        input,
        encoding: 'utf8',
      });
      if (outcome.error) console.info('shellcheck is not installed: the hooks were only parsed');
      else expect(outcome.stdout).toBe('');
    }
  });

  it('leave no placeholder', () => {
    expect(Object.values(texts).join('')).not.toMatch(/@\w+@/);
  });
});

describe('a commit', () => {
  it('starts the worker once per hook, with nothing of git in it, and does not wait', async () => {
    await sandbox.install();
    sandbox.slow(1500);
    const env = {
      ...process.env,
      NODE_EXTRA_CA_CERTS: '/etc/x.pem',
      NODE_OPTIONS: '--no-warnings',
      GIT_TRACE2_EVENT: '0',
      KEPT: 'a\nGIT_X=1 GIT_a-b=2',
    };
    expect(sandbox.commit({ env })).toEqual({ code: 0, said: '' });
    expect(sandbox.runs()).toEqual([]);
    const runs = await sandbox.waitForRuns(2);
    expect(runs.map(({ argv }) => argv).sort()).toEqual([
      [sandbox.common, 'post-commit', ''],
      [sandbox.common, 'pre-commit', ''],
    ]);
    for (const run of runs) {
      expect(Object.keys(run.env).filter((name) => name.startsWith('GIT_'))).toEqual([]);
      expect(run.env).toMatchObject({ NODE_EXTRA_CA_CERTS: '', KEPT: env.KEPT });
      expect(run.env).not.toHaveProperty('NODE_OPTIONS');
      expect(run).toMatchObject({ cwd: sandbox.root, input: '' });
      expect(run).toMatchObject({ nice: 10, leadsSession: true });
    }
  });

  it('starts nothing when nothing is new', async () => {
    await sandbox.install();
    sandbox.settle();
    expect(sandbox.commit()).toEqual({ code: 0, said: '' });
    expect(await sandbox.noRuns()).toEqual([]);
  });

  it('starts the worker when a place is younger than the stamp, or a capture waits for its commit', async () => {
    await sandbox.install();
    utimesSync(sandbox.settle(), 3000, 3000);
    sandbox.commit();
    expect(await sandbox.waitForRuns(2)).toHaveLength(2);
    sandbox.settle();
    writeFileSync(path.join(sandbox.common, 'specstory', 'pending'), '');
    sandbox.commit();
    const runs = await sandbox.waitForRuns(3);
    expect(runs.map(({ argv }) => argv[1]).slice(2)).toEqual(['post-commit']);
  });

  it('tells an amended commit from a rebased one', async () => {
    await sandbox.install();
    sandbox.settle();
    sandbox.commit();
    writeFileSync(path.join(sandbox.common, 'specstory', 'pending'), '');
    sandbox.commit({ args: ['--amend'] });
    const runs = await sandbox.waitForRuns(2);
    expect(runs.map(({ argv }) => argv.slice(1)).sort()).toEqual([
      ['post-commit', ''],
      ['post-rewrite', 'amend'],
    ]);
  });

  it('waits for the worker in the foreground when told', async () => {
    await sandbox.install();
    writeFileSync(path.join(sandbox.common, 'specstory', 'foreground'), '');
    sandbox.slow(300);
    expect(sandbox.commit()).toEqual({ code: 0, said: '' });
    expect(sandbox.runs()).toHaveLength(2);
  });

  it('works in linked worktrees, subfolders and submodules', async () => {
    await sandbox.install();
    sandbox.settle();
    sandbox.commit();
    utimesSync(sandbox.settle(), 3000, 3000);
    const linked = path.join(sandbox.folder, 'linked  tree');
    sandbox.git('worktree', 'add', '-q', '-b', 'linked', linked);
    expect(sandbox.commit({ cwd: linked })).toEqual({ code: 0, said: '' });
    const runs = await sandbox.waitForRuns(2);
    expect(runs.map(({ cwd }) => cwd)).toEqual([linked, linked]);
    expect(runs.every(({ argv: [common = ''] }) => path.resolve(common) === sandbox.common)).toBe(true);

    sandbox.write('deep/er/file', '');
    sandbox.commit({ cwd: path.join(sandbox.root, 'deep/er') });
    expect(await sandbox.waitForRuns(4)).toHaveLength(4);

    const inner = new Sandbox('inner');
    inner.commit();
    sandbox.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', inner.root, 'sub');
    await sandbox.install(path.join(sandbox.root, 'sub'));
    sandbox.commit({ cwd: path.join(sandbox.root, 'sub') });
    const [run] = (await sandbox.waitForRuns(6)).slice(4);
    expect(path.resolve(run?.cwd ?? '', run?.argv[0] ?? '')).toBe(path.join(sandbox.common, 'modules/sub'));
    inner.remove();
  });

  it('works with the git directory and the working tree apart', async () => {
    await sandbox.install();
    const elsewhere = path.join(sandbox.folder, 'elsewhere');
    mkdirSync(elsewhere);
    const env = { ...process.env, GIT_DIR: sandbox.common, GIT_WORK_TREE: elsewhere };
    expect(sandbox.commit({ cwd: elsewhere, env })).toEqual({ code: 0, said: '' });
    expect(await sandbox.waitForRuns(2)).toHaveLength(2);
  });

  it('never fails or speaks, whatever is broken', async () => {
    await sandbox.install();
    const folder = path.join(sandbox.common, 'specstory');
    const bake = (nodes: string[], worker: string) =>
      writeFileSync(path.join(folder, 'hook'), bakeHook(templates.hook, { nodes, worker }));
    const fine = { code: 0, said: '' };
    const { HOME: _, ...homeless } = process.env;
    expect(sandbox.commit({ env: homeless })).toEqual(fine);
    bake(['/nowhere/node'], '/nowhere/worker.cjs');
    expect(sandbox.commit()).toEqual(fine);
    bake([process.execPath], '/nowhere/worker.cjs');
    expect(sandbox.commit()).toEqual(fine);
    bake([folder], 'x');
    expect(sandbox.commit()).toEqual(fine);
    for (const text of ['if broken (', 'exit 7', 'set -e; false', 'echo loud; echo loud >&2']) {
      writeFileSync(path.join(folder, 'hook'), text);
      expect(sandbox.commit()).toEqual(fine);
    }
    rmSync(folder, { recursive: true });
    expect(sandbox.commit()).toEqual(fine);
    symlinkSync('loop', folder);
    expect(sandbox.commit()).toEqual(fine);
  });

  it('does not need /dev/null', async () => {
    await sandbox.install();
    const script =
      'mount --bind "$1" /dev && cd "$2" && for shell in $3; do $shell .git/hooks/pre-commit || exit 9; done';
    const empty = path.join(sandbox.folder, 'dev');
    mkdirSync(empty);
    const all = shells
      .map((shell) => shell.join(' '))
      .filter((shell) => !shell.includes(' '))
      .join(' ');
    const outcome = spawnSync('unshare', ['-rm', 'sh', '-c', script, 'sh', empty, sandbox.root, all], {
      encoding: 'utf8',
    });
    if (outcome.error || /unshare|mount/.test(outcome.stderr))
      return console.info('no mount namespaces here: /dev/null stays');
    expect(outcome).toMatchObject({ status: 0, stdout: '', stderr: '' });
  });
});

describe('the block in any shell', () => {
  it.each(shells.map((shell) => shell.join(' ')))('leaves %s as it was', async (shell) => {
    await sandbox.install();
    sandbox.commit();
    await sandbox.waitForRuns(2);
    const block = hookLines(templates.block, 'post-rewrite');
    const script = path.join(sandbox.folder, 'script');
    const about = 'echo "$# $1 $- $? $(set | grep -E "^(line|hook|folder|place)=") $specstory_common"; cat; exit 3';
    const [program = '', ...args] = shell.split(' ');
    const outcomes = ['', block].map((lines) => {
      writeFileSync(script, `set -eu\n${lines}${about}\n`);
      return spawnSync(program, [...args, script, 'amend'], {
        cwd: sandbox.root,
        input: 'old new\n',
        encoding: 'utf8',
        env: { ...process.env, specstory_common: '/x' },
      });
    });
    expect(outcomes[1]).toMatchObject({ status: 3, stdout: outcomes[0]?.stdout, stderr: outcomes[0]?.stderr });
    const runs = await sandbox.waitForRuns(3);
    expect(runs[2]).toMatchObject({ argv: [sandbox.common, 'post-rewrite', 'amend'], input: '' });
  });
});

describe('pre-push', () => {
  const held = (pid: number) => {
    const lock = path.join(sandbox.common, 'specstory', 'worker.lock');
    mkdirSync(lock, { recursive: true });
    writeFileSync(path.join(lock, '7.held'), JSON.stringify({ pid, start: '1', purpose: 'capture' }));
    return path.join(lock, '7.held');
  };

  it('waits for a worker that is at work and leaves the input to others', async () => {
    await sandbox.install();
    sandbox.commit();
    await sandbox.waitForRuns(2);
    const remote = path.join(sandbox.folder, 'remote.git');
    sandbox.run('git', ['init', '-q', '--bare', remote]);
    sandbox.write(
      '.git/hooks/pre-push',
      `${sandbox.read('.git/hooks/pre-push')}echo "[$(cat)] $(ls .git/specstory/worker.lock)" >&2\n`,
    );
    const child = spawnSync('sh', ['-c', 'sleep 1 >&- 2>&- & echo $!'], { encoding: 'utf8' });
    held(Number(child.stdout));
    const push = spawnSync('git', ['push', '-q', remote, 'main'], { cwd: sandbox.root, encoding: 'utf8' });
    expect(push.status).toBe(0);
    expect(push.stderr).toMatch(/^\[refs\/heads\/main [0-9a-f]{40} refs\/heads\/main 0{40}\]/);
    expect(spawnSync('kill', ['-0', child.stdout.trim()]).status).not.toBe(0);
  });

  it('gives up waiting, and does not wait for a worker that died', async () => {
    await sandbox.install();
    const script = path.join(sandbox.common, 'specstory', 'hook');
    const run = () => {
      const counted = path.join(sandbox.folder, 'bin');
      mkdirSync(counted, { recursive: true });
      writeFileSync(path.join(counted, 'sleep'), `#!/bin/sh\necho >>'${sandbox.folder}/slept'\n`);
      chmodSync(path.join(counted, 'sleep'), 0o755);
      writeFileSync(path.join(sandbox.folder, 'slept'), '');
      const env = { ...process.env, PATH: `${counted}:${process.env.PATH}` };
      expect(spawnSync('sh', [script, 'pre-push'], { cwd: sandbox.root, env })).toMatchObject({ status: 0 });
      return sandbox
        .run('wc', ['-l', path.join(sandbox.folder, 'slept')])
        .trim()
        .split(' ')[0];
    };
    held(process.pid);
    expect(run()).toBe('30');
    const dead = spawnSync('true').pid;
    held(dead);
    expect(run()).toBe('0');
  });
});
