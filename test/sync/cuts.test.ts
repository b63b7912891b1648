import { expect, it } from 'vitest';
import type { Faults } from '../hosts/fault-proxy.ts';
import { isSoak, patience, soak } from '../hosts/soak.ts';
import { expectOneCopy, expectTruth, type RealWorld, realWorld } from './real-world.ts';

/** A sync with something new while the line is bad, and another one when it is well again. */
async function syncThrough(world: RealWorld, faults: Faults): Promise<string> {
  world.plantSessions();
  Object.assign(world.server.proxy.faults, faults);
  const report = await world.json('sync');
  for (const name of Object.keys(faults)) Reflect.deleteProperty(world.server.proxy.faults, name);
  const outcome = await expectTruth(world, report);
  await expectOneCopy(world);
  return outcome;
}

// 41 places, 50 bytes apart, in both directions; usually every seventh of them, in turns.
const cuts = Array.from({ length: 82 }, (_, at) => ({
  [at % 2 === 0 ? 'toServer' : 'toClient']: 50 * Math.floor(at / 2),
})).filter((_, at) => at % soak(7, 1) === 0);

it('R16, B13, B78: reset after any number of bytes, a sync says the truth, and the next one ends it', {
  timeout: patience,
}, async () => {
  const world = await realWorld();
  world.plantSessions();
  await expectOneCopy(world);
  const outcomes = new Set<string>();
  for (const resetAfter of cuts) outcomes.add(await syncThrough(world, { resetAfter }));
  expect(outcomes).toContain('unreachable');
  expect(outcomes).toContain('ok');
});

it('R16: a server that takes no connection, or is not there, changes nothing', { timeout: patience }, async () => {
  const world = await realWorld();
  expect(await syncThrough(world, { refuse: true })).toBe('unreachable');
  world.plantSessions();
  await world.server.kill();
  expect(await expectTruth(world, await world.json('sync'))).toBe('unreachable');
  await world.server.start();
  await expectOneCopy(world);
});

it('R16: two seconds for each piece make a sync late, and nothing else', { timeout: patience }, async () => {
  const world = await realWorld();
  expect(await syncThrough(world, { delay: soak(500, 2000) })).toBe('ok');
});

it.runIf(isSoak)(
  'R16, B18: a line that falls silent is given up, and the next sync ends it',
  { timeout: patience },
  async () => {
    const world = await realWorld();
    world.plantSessions();
    await expectOneCopy(world);
    for (const direction of ['toServer', 'toClient'] as const)
      expect(await syncThrough(world, { stallAfter: { [direction]: 400 } })).toMatch(/unreachable|unknown/);
  },
);

it.runIf(isSoak)('R16: a line of one byte a second is given up as well', { timeout: patience }, async () => {
  const world = await realWorld();
  expect(await syncThrough(world, { bytesPerSecond: 1 })).toBe('unreachable');
});
