import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { Piece } from '../hosts/fault-proxy.ts';
import { patience, soak } from '../hosts/soak.ts';
import { expectOneCopy, expectStored, expectTruth, type RealWorld, realWorld } from './real-world.ts';

/** A moment of a sync: says of each piece that is about to move whether it is now. */
type Moment = (piece: Piece, world: RealWorld) => Promise<boolean> | boolean;

const isPush = ({ request }: Piece): boolean => request.startsWith('POST ');
const answer = (piece: Piece): boolean => isPush(piece) && piece.direction === 'toClient';

async function untilStored(world: RealWorld): Promise<true> {
  for (let tries = 0; tries < 200; tries++) {
    const { here, there } = world.tips();
    if (here === there) return true;
    await pause(10);
  }
  throw new Error('nothing was stored');
}

const moments: Readonly<Record<string, () => Moment>> = {
  'when it asks for refs': () => (piece) => piece.request.includes('service=git-receive-pack'),
  'when it has the refs': () => (piece) =>
    piece.direction === 'toClient' && piece.request.includes('service=git-receive-pack'),
  'before the push': () => (piece) => isPush(piece),
  'in the middle of the push': () => (piece, world) => {
    if (!isPush(piece)) return false;
    world.server.proxy.faults.stallAfter = { toServer: piece.moved + (piece.bytes.length >> 1) };
    return true;
  },
  'when all of it was sent': () => answer,
  'when it was stored, and nobody was told': () => async (piece, world) => answer(piece) && (await untilStored(world)),
  'while it is taken into the index': () => async (piece, world) => {
    if (!answer(piece)) return false;
    await untilStored(world);
    await pause(Math.random() * 30);
    return true;
  },
  'in the middle of the answer': () => {
    let pieces = 0;
    return (piece) => answer(piece) && ++pieces === 2;
  },
  'when the answer was read': () => (piece) => piece.request.includes('service=git-upload-pack'),
};

/** Lets something happen once, at a moment. Gives how to stop waiting for it. */
function at(world: RealWorld, moment: Moment, strike: () => Promise<void> | void): () => boolean {
  const { faults } = world.server.proxy;
  let isStruck = false;
  faults.before = async (piece) => {
    if (isStruck || !(await moment(piece, world)) || isStruck) return undefined;
    isStruck = true;
    // Half of a piece is on its way still.
    if (faults.stallAfter) void pause(50).then(strike);
    else await strike();
    return undefined;
  };
  return () => {
    delete faults.before;
    delete faults.stallAfter;
    return isStruck;
  };
}

function startSync(world: RealWorld): ChildProcess {
  return spawn(process.execPath, [resolve('dist/specstory.cjs'), 'sync'], {
    cwd: world.repository,
    env: world.env,
    stdio: 'ignore',
    detached: true,
  });
}

const repetitions = Array.from({ length: soak(1, 20) });

describe('R2, R3, B14: the server is killed', () => {
  it('at every moment of a push: what is said is true, and the next sync ends it', { timeout: patience }, async () => {
    const world = await realWorld();
    world.plantSessions();
    await expectOneCopy(world);
    for (const name of Object.keys(moments)) {
      for (const _ of repetitions) {
        world.plantSessions(name.includes('index') ? 40 : 1);
        const over = at(world, moments[name]?.() ?? isPush, world.server.kill);
        const report = await world.json('sync');
        expect(over(), name).toBe(true);
        await world.server.start();
        await expectTruth(world, report);
        await expectOneCopy(world);
      }
    }
  });
});

describe('R2: the client is killed', () => {
  it('at every moment of a push, alone or with all it started: the next sync ends it', {
    timeout: patience,
  }, async () => {
    const world = await realWorld();
    world.plantSessions();
    await expectOneCopy(world);
    for (const [index, name] of [...Object.keys(moments), 'at random', 'at random'].entries()) {
      for (const turn of repetitions.keys()) {
        world.plantSessions();
        const sync = startSync(world);
        const ended = once(sync, 'close');
        const kill = () => {
          if (sync.pid !== undefined) process.kill((index + turn) % 2 === 0 ? sync.pid : -sync.pid, 'SIGKILL');
        };
        const moment = moments[name]?.();
        const over = moment ? at(world, moment, kill) : () => true;
        if (!moment) void pause(Math.random() * 500).then(() => sync.exitCode === null && kill());
        await ended;
        expect(over(), name).toBe(true);
        // What it started may live on, and finish the push.
        const status = await world.json('sync', 'status');
        const { here, there } = world.tips();
        if (here !== there) expect(status, name).toMatchObject({ healthy: false });
        await expectOneCopy(world);
      }
    }
  });
});

describe('R4: the server is killed and started again and again', () => {
  it('under four clients: what they were told is there, and in the end all is, once', {
    timeout: patience,
  }, async () => {
    const first = await realWorld();
    const { server } = first;
    const others = await Promise.all([1, 2, 3].map(() => realWorld({ server })));
    const clients = [first, ...others];
    let isOver = false;
    const work = clients.map(async (client) => {
      while (!isOver) {
        client.plantSessions();
        const report = await client.json('sync');
        const [{ push }] = report.remotes;
        expect(['ok', 'nothing', 'unknown', 'unreachable', 'retryable'], JSON.stringify(report)).toContain(
          push.outcome,
        );
        if (push.outcome === 'ok') expect(client.tips().there, JSON.stringify(report)).toBe(client.tips().here);
      }
    });
    for (let cycle = 0; cycle < soak(5, 100); cycle++) {
      await pause(200 + Math.random() * 1500);
      await server.kill();
      await server.start();
    }
    isOver = true;
    await Promise.all(work);
    for (const client of clients) expect(await client.json('sync')).toMatchObject({ exit_code: 0 });
    await expectStored(server, clients);
    await expectOneCopy(first, others);
  });
});
