import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { recordingProxy } from '../hosts/recording-proxy.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';
import { expectStored, realWorld } from './real-world.ts';
import { repositoriesOf } from './stored.ts';
import { must, specstory } from './world.ts';

const [sessions, exchanges] = [50, 10];

/** Sessions whose every prompt bears the name of their repository, all in one home. */
function plantAll(world: Scratch, home: Scratch, name: string): void {
  const project = world.repository.replace(/[^A-Za-z0-9]/g, '-');
  for (let session = 0; session < sessions; session++) {
    const id = `${name}-${session}`;
    const say = (turn: number) => `${name} says ${turn}`;
    home.plant(
      `.claude/projects/${project}/${id}.jsonl`,
      claudeTranscript(world.repository, id, exchanges, say).join(''),
    );
  }
}

/** One repository agreed to another place than its remote leads to by now, the other one just has a remote. */
function disagree([moved, plain]: readonly Scratch[], port: number): void {
  const url = `specstory://127.0.0.1:${port}/app`;
  for (const at of [moved, plain]) at?.git('config', 'remote.named.url', url);
  const fetch = '+refs/specstory/writers/*:refs/specstory/remotes/named/*';
  moved?.git('config', 'remote.named.fetch', fetch);
  moved?.git('config', 'remote.named.specstory', 'specstory://history.example.org/app');
}

it('R25: of three repositories with 500 exchanges each, those of the one that agreed leave the machine', async () => {
  const world = await realWorld();
  const { server } = world;
  const silent = [scratch(), scratch()];
  const proxies = await Promise.all(
    [world, ...silent].map(async (at) => {
      const proxy = await recordingProxy();
      onTestFinished(() => proxy.close());
      // Whatever this repository sends by HTTP, to wherever, passes a proxy of its own.
      at.git('config', 'http.proxy', proxy.origin);
      Object.assign(at.env, { HOME: world.home, http_proxy: proxy.origin, HTTP_PROXY: proxy.origin });
      return proxy;
    }),
  );
  for (const [index, at] of [world, ...silent].entries()) plantAll(at, world, ['open', 'shut', 'unasked'][index] ?? '');
  for (const at of silent) {
    await must(specstory(at, ['init', '--yes', '--no-capture']));
    const origin = join(at.home, 'origin.git');
    execFileSync('git', ['init', '-q', '--bare', origin]);
    at.git('remote', 'add', 'origin', origin);
    at.git('commit', '-q', '--allow-empty', '-m', 'code');
  }
  disagree(silent, server.proxy.port);
  await must(world.run('sync'));
  for (const at of silent) {
    await must(specstory(at, ['capture']));
    for (const args of [['sync'], ['sync', '--send-only'], ['sync', '--on-push'], ['sync', '--yes']])
      expect(await specstory(at, args)).toMatchObject({ code: 2 });
    await specstory(at, ['sync', 'status', '--check']);
    spawnSync('git', ['push', '-q', 'origin', 'main'], { cwd: at.repository, env: at.env });
    expect(at.git('ls-remote', 'origin')).not.toContain('specstory');
  }
  const [own, ...others] = proxies;
  expect(own?.requests.length).toBeGreaterThan(0);
  for (const proxy of others) expect(proxy.requests).toEqual([]);
  await must(world.run('sync'));
  const [repository = ''] = repositoriesOf(server.data);
  const all = execFileSync('git', ['-C', repository, 'cat-file', '--batch-all-objects', '--batch'], {
    maxBuffer: 1 << 30,
  }).toString('latin1');
  expect(new Set(all.match(/open says \d+/g)).size).toBe(exchanges);
  expect(all).not.toMatch(/shut says|unasked says/);
  await expectStored(server, [{ ...world, planted: () => sessions }], exchanges);
});
