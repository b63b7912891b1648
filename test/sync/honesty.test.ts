import { execFileSync } from 'node:child_process';
import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { openContext } from '../../src/client/context.ts';
import { syncStatus } from '../../src/client/sync/status.ts';
import { sync } from '../../src/client/sync/sync.ts';
import { problem, send } from './history-server.ts';
import { type SyncWorld, syncWorld } from './world.ts';

const faults: Record<string, (response: ServerResponse) => void> = {
  'no answer': (response) => void response.destroy(),
  page: (response) => void response.writeHead(200, { 'content-type': 'text/html' }).end('<html>'),
  garbage: (response) => send(response, 200, { nonsense: [-1, '\0'] }),
  401: (response) => problem(response, 401, 'auth_required'),
  403: (response) => problem(response, 403, 'forbidden'),
  412: (response) => problem(response, 412, 'protocol'),
  429: (response) => void response.writeHead(429, { 'retry-after': '600' }).end(),
  500: (response) => void response.writeHead(500).end(),
};

const action = fc.oneof(
  fc.record({ do: fc.constant('plant' as const) }),
  fc.record({ do: fc.constant('capture' as const) }),
  fc.record({
    do: fc.constant('sync' as const),
    fault: fc.constantFrom(...Object.keys(faults)),
    from: fc.integer({ min: 1, max: 5 }),
  }),
  fc.record({ do: fc.constant('sync' as const), fault: fc.constant(''), from: fc.constant(0) }),
  fc.record({ do: fc.constant('lose' as const) }),
  fc.record({ do: fc.constant('judge' as const), as: fc.constantFrom('stored', 'rejected', 'deferred', 'nothing') }),
  fc.record({ do: fc.constant('other' as const) }),
);

/** What is true, counted without any of our code: at the server and in the files. */
function truth(world: SyncWorld, planted: number) {
  const here = world.tip('refs/specstory/history');
  const raw = world.tip('refs/specstory/raw');
  const there = execFileSync('git', ['-C', world.server.repository('app'), 'for-each-ref', '--format=%(objectname)'], {
    encoding: 'utf8',
  });
  const captured =
    here === ''
      ? 0
      : world
          .git('ls-tree', '-r', '--name-only', here)
          .split('\n')
          .filter((name) => name.endsWith('/session.md')).length;
  const tracked = new Set(world.git('for-each-ref', '--format=%(objectname)', 'refs/specstory/').split('\n'));
  return {
    unsent: (here !== '' && !there.includes(here)) || (raw !== '' && !there.includes(raw)),
    uncaptured: captured < planted,
    unfetched: there.split('\n').filter((oid) => oid !== '' && !tracked.has(oid)).length,
    rejected: world.server.rejected.length,
  };
}

it('status is never healthy while something is unsent, unfetched, rejected or not known (R23)', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(action, { minLength: 3, maxLength: 7 }), async (actions) => {
      const world = await syncWorld();
      Object.assign(process.env, { HOME: world.home });
      const place = { cwd: world.repository, env: world.env };
      let planted = 0;
      let judged = 'stored';
      world.server.verdict = (session) => {
        if (judged === 'nothing') return [];
        if (judged === 'rejected')
          world.server.rejected.push({ session, writer: writerOf(world), code: 'x', reason: 'x', at: '' });
        return [
          { session, status: judged === 'rejected' ? 'rejected' : judged === 'deferred' ? 'deferred' : 'stored' },
        ];
      };
      for (const one of actions) {
        if (one.do === 'plant') world.plantSessions(`s${++planted}`);
        else if (one.do === 'capture') await world.run('capture');
        else if (one.do === 'lose') world.server.losesAnswer = true;
        else if (one.do === 'judge') judged = one.as;
        else if (one.do === 'other') pushAsOther(world);
        else {
          let left = one.from;
          world.server.instead = (_, response) => {
            if (one.fault === '' || --left > 0) return false;
            faults[one.fault]?.(response);
            return true;
          };
          await sync(await openContext(place), { ...place, agree: async () => true });
          world.server.instead = undefined;
        }
        const status = await syncStatus(await openContext(place), { ...place, check: true });
        const real = truth(world, planted);
        const [remote] = status.remotes;
        const told = JSON.stringify({ actions, status, real });
        if (remote?.connection?.state === 'Connected') expect(remote.unfetched, told).toBe(real.unfetched);
        expect((remote?.open ?? []).length >= real.rejected, told).toBe(true);
        if (status.healthy) expect(real, told).toEqual({ unsent: false, uncaptured: false, unfetched: 0, rejected: 0 });
        const quiet = await syncStatus(await openContext(place), { ...place, check: false });
        if (quiet.healthy) expect(real, told).toMatchObject({ unsent: false, uncaptured: false, rejected: 0 });
      }
      await world.server.stop();
    }),
    { numRuns: Number(process.env.FC_RUNS) || 8 },
  );
}, 600_000);

const writerOf = (world: SyncWorld) =>
  /writers\/([0-9a-f]{16})\/history/.exec(world.git('config', '--get-all', 'remote.specstory.push'))?.[1] ?? '';

let others = 0;

function pushAsOther(world: SyncWorld): void {
  const tree = execFileSync(
    'git',
    ['-C', world.server.repository('app'), 'hash-object', '-w', '-t', 'tree', '--stdin'],
    { input: '', encoding: 'utf8' },
  ).trim();
  const commit = world.server
    .git('app', '-c', 'user.name=x', '-c', 'user.email=x@example.org', 'commit-tree', '-m', `${++others}`, tree)
    .trim();
  world.server.git(
    'app',
    'update-ref',
    `refs/specstory/writers/${String(others % 3).padStart(16, 'f')}/history`,
    commit,
  );
}
