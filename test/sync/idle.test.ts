import { existsSync, readFileSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, it } from 'vitest';
import { withGit } from '../git/repositories.ts';
import { patience, soak } from '../hosts/soak.ts';
import { realWorld } from './real-world.ts';

it('R18: with nothing to do, a large history asks for as little as a small one', { timeout: patience }, async () => {
  const world = await realWorld();
  const log = join(world.home, 'git-calls');
  const counted = { ...world.env, PATH: `${withGit(`echo x >> '${log}'`)}${delimiter}${world.env.PATH}` };
  const idle = async () => {
    const before = world.env.PATH;
    Object.assign(world.env, { PATH: counted.PATH });
    world.server.proxy.requests.length = 0;
    const { toServer, toClient } = world.server.proxy.passed;
    expect(await world.json('sync')).toMatchObject({ remotes: [{ push: { outcome: 'nothing' } }] });
    await world.json('sync', 'status');
    Object.assign(world.env, { PATH: before });
    const calls = existsSync(log) ? readFileSync(log, 'utf8').split('\n').length - 1 : 0;
    rmSync(log, { force: true });
    const { passed, requests } = world.server.proxy;
    return { calls, requests: requests.length, sent: passed.toServer - toServer, got: passed.toClient - toClient };
  };
  const captured = async (sessions: number) => {
    world.plantSessions(sessions);
    await world.json('sync');
    return idle();
  };
  await captured(20);
  const [{ got: few, ...small }, { got: many, ...large }] = [await captured(20), await captured(soak(80, 5000))];
  expect(large).toEqual(small);
  expect(small).toMatchObject({ requests: 1, calls: expect.any(Number) });
  expect(small.calls).toBeGreaterThan(0);
  // Headers are not always of one length.
  expect(Math.abs(many - few)).toBeLessThan(100);
});
