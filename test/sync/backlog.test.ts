import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { highWaters } from '../hosts/high-waters.ts';
import { patience, soak } from '../hosts/soak.ts';
import { expectOneCopy, expectStored, type RealWorld, realWorld } from './real-world.ts';
import { must } from './world.ts';

const [days, daily] = [soak(5, 30), soak(40, 167)];

function startSync(world: RealWorld): ChildProcess {
  const args = [resolve('dist/specstory.cjs'), 'sync'];
  return spawn(process.execPath, args, { cwd: world.repository, env: world.env, stdio: 'ignore', detached: true });
}

it('R17: what gathered in days without a network goes out in one sync, whatever was killed before', {
  timeout: patience,
}, async () => {
  const world = await realWorld();
  await world.server.kill();
  for (let day = 0; day < days; day++) {
    world.plantSessions(daily);
    await must(world.run('capture'));
  }
  await world.server.start();
  for (let kill = 0; kill < soak(4, 40); kill++) {
    const sync = startSync(world);
    const ended = once(sync, 'close');
    await Promise.race([ended, pause(300 + Math.random() * 1000)]);
    if (kill % 2 === 0 && sync.pid !== undefined && sync.exitCode === null) process.kill(-sync.pid, 'SIGKILL');
    if (kill % 2 === 1) {
      await world.server.kill();
      await world.server.start();
    }
    await ended;
    world.plantSessions();
  }
  const sync = startSync(world);
  const peaks = { own: 0, children: 0 };
  const timer = setInterval(() => {
    const { own, children } = highWaters(sync.pid);
    peaks.own = Math.max(peaks.own, own);
    peaks.children = Math.max(peaks.children, children);
  }, 20);
  const [code] = await once(sync, 'close');
  clearInterval(timer);
  expect(code).toBe(0);
  expect(peaks.own).toBeLessThan(300);
  expect(peaks.children).toBeLessThan(300);
  await expectStored(world.server, [world]);
  await expectOneCopy(world);
});
