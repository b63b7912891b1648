import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { plainHost } from './host.ts';
import { crashers, draw, limit, play, stepsOf } from './play.ts';
import { makeStage, removeStage, type Stage } from './stage.ts';
import { World } from './world.ts';

let stage: Stage;
beforeAll(() => {
  stage = makeStage();
});
afterAll(() => removeStage(stage));

const world = (count: number) => new World(stage, count, (folder) => plainHost(folder, stage.bare));

describe('clones that work apart and meet at any host of git repositories', () => {
  it('B38, R12: hold what was found before', { timeout: limit }, async () => {
    for (const { writers, operations } of crashers) await play(world(writers), stepsOf(operations));
  });

  it('B38, R12, I1, I3, I4, I6: see all that was saved exactly once, and the same', { timeout: limit }, async () => {
    expect(await draw(world, 240)).toBeGreaterThan(0);
  });
});
