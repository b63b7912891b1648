import { execFileSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';
import { must, specstory } from './world.ts';

interface Plain extends Scratch {
  /** A bare repository, beside the home. */
  readonly host: string;
  run(...args: string[]): ReturnType<typeof specstory>;
  json(...args: string[]): Promise<ReturnType<typeof JSON.parse>>;
  plantSession(id: string, say?: (turn: number) => string): void;
  /** The refs of the host, without those of branches. */
  hosted(): string[];
}

/** A clone that is set up, and a plain host with one branch unless told. */
async function plainWorld({ branch = true, host }: { branch?: boolean; host?: string } = {}): Promise<Plain> {
  const at = scratch();
  const folder = host ?? join(at.home, '..', 'host.git');
  if (!host) execFileSync('git', ['init', '-q', '--bare', folder]);
  const world: Plain = {
    ...at,
    host: folder,
    run: (...args) => specstory(at, args),
    json: async (...args) => JSON.parse((await specstory(at, [...args, '--json'])).out),
    plantSession: (id, say) => at.plantClaude(id, claudeTranscript(at.repository, id, 2, say).join('')),
    hosted: () =>
      execFileSync('git', ['-C', folder, 'for-each-ref', '--format=%(refname)', 'refs/specstory'], { encoding: 'utf8' })
        .split('\n')
        .filter(Boolean),
  };
  at.git('commit', '-q', '--allow-empty', '-m', 'code');
  if (branch && !host) at.git('push', '-q', folder, 'HEAD:refs/heads/main');
  await must(world.run('init', '--yes', '--no-capture'));
  return world;
}

/** What every object says that the refs of a repository reach. */
function reached(repository: string): string {
  const git = (...args: string[]): string => execFileSync('git', ['-C', repository, ...args], { encoding: 'utf8' });
  const ids = git('rev-list', '--objects', '--no-object-names', '--glob=refs/specstory').split('\n').filter(Boolean);
  return ids.map((id) => git('cat-file', '-p', id)).join('\n');
}

/** Makes git talk to the host by a program that does what ssh would: it starts a shell there. */
function overSsh(world: Plain): string {
  const log = join(world.home, 'ssh.log');
  const program = join(world.home, 'ssh');
  writeFileSync(program, `#!/bin/sh\nprintf '%s\\n' "$*" >> '${log}'\nwhile [ $# -gt 1 ]; do shift; done\neval "$1"\n`);
  chmodSync(program, 0o755);
  Object.assign(world.env, { GIT_SSH_COMMAND: program, GIT_SSH_VARIANT: 'simple' });
  return `git@history.example.org:${world.host}`;
}

describe('a plain host', () => {
  it('by path: what one clone sends the other one has, and nothing goes twice', async () => {
    const one = await plainWorld();
    const two = await plainWorld({ host: one.host });
    for (const [at, world] of [one, two].entries()) {
      await must(world.run('remote', 'add', world.host, '--name', 'backup'));
      world.plantSession(`s${at}`);
      expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'ok' } }] });
    }
    expect(await one.json('sync')).toMatchObject({
      exit_code: 0,
      remotes: [{ push: { outcome: 'nothing' }, fetch: { sessions: 1 } }],
    });
    for (const world of [one, two]) {
      expect((await world.json('list')).map((one: { session_id: string }) => one.session_id).sort()).toEqual([
        's0',
        's1',
      ]);
      expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
    }
    expect(one.hosted()).toHaveLength(4);
  });

  it('by ssh: asks before the first push, as nobody knows who can read there', async () => {
    const world = await plainWorld();
    const url = overSsh(world);
    await must(world.run('remote', 'add', url, '--name', 'backup'));
    world.plantSession('s1');
    expect(await world.run('sync')).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(world.hosted()).toEqual([]);
    await must(world.run('sync', '--yes'));
    expect(world.hosted()).toHaveLength(2);
    world.plantSession('s2');
    await must(world.run('sync'));
    expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  });

  it('that has no branch gets nothing, whoever asks', async () => {
    const world = await plainWorld({ branch: false });
    await must(world.run('remote', 'add', world.host, '--name', 'backup', '--on-push'));
    world.plantSession('s1');
    for (const args of [['sync'], ['sync', '--yes'], ['sync', '--on-push'], ['sync', '--send-only']]) {
      const ran = await world.run(...args);
      expect(ran, ran.err).toMatchObject({ code: 2 });
    }
    expect((await world.run('sync')).err).toContain('push your code first');
    await world.run('purge', 's1', '--yes');
    expect(world.hosted()).toEqual([]);
    world.git('-c', 'core.hooksPath=/dev/null', 'push', '-q', world.host, 'HEAD:refs/heads/main');
    world.plantSession('s2');
    await must(world.run('sync'));
    expect(world.hosted()).toHaveLength(2);
  });

  it('that declines our refs is named by sync and doctor, with a way out', async () => {
    const world = await plainWorld();
    const hook = join(world.host, 'hooks', 'pre-receive');
    const lines = ['#!/bin/sh', 'while read -r old new ref; do', '  case "$ref" in refs/heads/*|refs/tags/*) ;;'];
    lines.push('  *) echo "this host takes branches and tags only"; exit 1 ;;', '  esac', 'done', '');
    writeFileSync(hook, lines.join('\n'), { mode: 0o755 });
    await must(world.run('remote', 'add', world.host, '--name', 'backup'));
    world.plantSession('s1');
    const ran = await world.run('sync');
    expect(ran, ran.err).toMatchObject({ code: 1, err: expect.stringContaining('branches and tags only') });
    expect(ran.err).toContain('docs/sync.md');
    const checks: { name: string }[] = JSON.parse((await world.run('doctor', '--json')).out);
    expect(checks.find(({ name }) => name === 'host backup')).toMatchObject({
      state: 'failure',
      text: expect.stringContaining('branches and tags only'),
      hint: expect.stringContaining('specstory server'),
    });
    expect(world.hosted()).toEqual([]);
    writeFileSync(hook, '#!/bin/sh\n');
    await must(world.run('sync'));
    expect(world.hosted()).toHaveLength(2);
  });

  it('B70: a purge replaces the refs of this clone there, unless somebody moved them', async () => {
    const world = await plainWorld();
    await must(world.run('remote', 'add', world.host, '--name', 'backup'));
    world.plantSession('s1', (turn) => `the plan of midnight ${turn}`);
    world.plantSession('s2');
    await must(world.run('sync'));
    expect(reached(world.host)).toMatch(/midnight/);
    const ran = await world.run('purge', 's1', '--yes', '--json');
    expect(JSON.parse(ran.out), ran.out).toMatchObject({ servers: [{ remote: 'backup', outcome: 'rewritten' }] });
    expect(ran.code).toBe(3);
    expect(reached(world.host)).not.toMatch(/midnight/);
    expect(await world.json('sync', 'status', '--check')).toMatchObject({ remotes: [{ healthy: true }] });
    world.plantSession('s3', (turn) => `another plan of midnight ${turn}`);
    await must(world.run('sync'));
    const [ref = ''] = world.hosted();
    const moved = execFileSync('git', ['-C', world.host, 'commit-tree', '-p', ref, '-m', 'x', `${ref}^{tree}`], {
      encoding: 'utf8',
      env: {
        ...world.env,
        GIT_AUTHOR_NAME: 'x',
        GIT_AUTHOR_EMAIL: 'x@x',
        GIT_COMMITTER_NAME: 'x',
        GIT_COMMITTER_EMAIL: 'x@x',
      },
    }).trim();
    execFileSync('git', ['-C', world.host, 'update-ref', ref, moved]);
    expect(await world.json('purge', 's3', '--yes')).toMatchObject({ servers: [{ outcome: 'failed' }] });
    expect(execFileSync('git', ['-C', world.host, 'rev-parse', ref], { encoding: 'utf8' }).trim()).toBe(moved);
  });
});
