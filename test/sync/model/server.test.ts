import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openServer, type Server } from './host.ts';
import { crashers, draw, limit, play, stepsOf } from './play.ts';
import { makeStage, removeStage, type Stage } from './stage.ts';
import { World } from './world.ts';

let stage: Stage;
let server: Server;
beforeAll(async () => {
  stage = makeStage();
  const data = path.join(stage.folder, 'server');
  mkdirSync(data);
  server = await openServer(data, stage.bare);
});
afterAll(async () => {
  await server.close();
  removeStage(stage);
});

const world = (count: number) => new World(stage, count, () => server.host());

describe('clones that work apart and meet at a server of ours', () => {
  it('B38, R12: hold what was found before', { timeout: limit }, async () => {
    for (const { writers, operations } of crashers) await play(world(writers), stepsOf(operations));
  });

  it('B38, R12, I3, I4, I6: see the same, and so does the index of the server', { timeout: limit }, async () => {
    expect(await draw(world, 60)).toBeGreaterThan(0);
  });
});
