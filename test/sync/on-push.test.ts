import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { must, type SyncWorld, syncWorld } from './world.ts';

async function onPushWorld(): Promise<SyncWorld & { origin: string }> {
  const world = await syncWorld({ remote: false });
  const origin = join(world.home, '..', 'origin.git');
  execFileSync('git', ['init', '-q', '--bare', origin]);
  world.git('remote', 'add', 'origin', origin);
  await must(world.run('remote', 'add', world.server.url, '--project', 'app', '--on-push'));
  world.plantSessions('s1');
  return Object.assign(world, { origin });
}

function pushCode(world: SyncWorld, env: NodeJS.ProcessEnv = {}) {
  execFileSync('git', ['-c', 'core.hooksPath=/dev/null', 'commit', '-q', '--allow-empty', '-m', 'code'], {
    cwd: world.repository,
    env: world.env,
  });
  const ran = spawnSync('git', ['push', '-q', 'origin', 'main'], {
    cwd: world.repository,
    env: { ...world.env, ...env },
    encoding: 'utf8',
  });
  return { code: ran.status, said: ran.stdout + ran.stderr };
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let round = 0; round < 300 && !(await isTrue()); round++) await pause(100);
  expect(await isTrue()).toBe(true);
}

const isSynced = async (world: SyncWorld) => (await world.json('sync', 'status')).healthy === true;

it('lets a sync follow a push of code, once, and says nothing', async () => {
  const world = await onPushWorld();
  expect(pushCode(world, { GIT_TRACE2_PARENT_SID: 'x', GIT_CONFIG_COUNT: '0' })).toEqual({ code: 0, said: '' });
  await until(() => isSynced(world));
  expect(world.server.pushes).toHaveLength(1);
  const writer = /writers\/([0-9a-f]{16})\/history/.exec(world.server.git('app', 'for-each-ref'))?.[1];
  expect(world.server.git('app', 'rev-parse', `refs/specstory/writers/${writer}/history`).trim()).toBe(
    world.tip('refs/specstory/history'),
  );
  // The push of history ran no hook that would have begun another sync.
  await pause(1500);
  expect(world.server.pushes).toHaveLength(1);
  expect(execFileSync('git', ['-C', world.origin, 'for-each-ref'], { encoding: 'utf8' })).not.toContain('specstory');
});

it('neither fails nor slows a push when the server does not answer', async () => {
  const world = await onPushWorld();
  const held: unknown[] = [];
  world.server.instead = (request) => {
    held.push(request);
    return true;
  };
  expect(pushCode(world)).toEqual({ code: 0, said: '' });
  await until(() => held.length > 0);
  await world.server.stop();
  await until(async () => (await world.json('sync', 'status')).remotes[0].last_push?.outcome === 'unreachable');
  expect(await world.json('sync', 'status')).toMatchObject({ healthy: false });
});

it('does nothing without being asked to, and stops with the remote', async () => {
  const world = await onPushWorld();
  const mark = join(world.repository, '.git/specstory/on-push');
  expect(existsSync(mark)).toBe(true);
  await must(world.run('remote', 'add', world.origin, '--name', 'other'));
  await must(world.run('remote', 'remove', 'specstory'));
  expect(existsSync(mark)).toBe(false);
  expect(pushCode(world)).toEqual({ code: 0, said: '' });
  await pause(1500);
  expect(world.server.requests).toEqual([]);
  expect(execFileSync('git', ['-C', world.origin, 'for-each-ref'], { encoding: 'utf8' })).not.toContain('specstory');
});

it('does not follow a push of history by hand, nor one of its own', async () => {
  const world = await onPushWorld();
  await must(world.run('capture'));
  const count = () => world.server.requests.length;
  const hook = join(world.repository, '.git/specstory/hook');
  const run = (url: string, env: NodeJS.ProcessEnv = {}) =>
    spawnSync('sh', [hook, 'pre-push', 'specstory', url], { cwd: world.repository, env: { ...world.env, ...env } })
      .status;
  expect(run(`specstory://127.0.0.1:${world.server.port}/app`)).toBe(0);
  expect(run('git@example.org:x', { SPECSTORY_SYNC: '1' })).toBe(0);
  await pause(1500);
  expect(count()).toBe(0);
  expect(run('git@example.org:x')).toBe(0);
  await until(() => isSynced(world));
});
