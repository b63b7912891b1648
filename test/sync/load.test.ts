import { execFile } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { patience, soak } from '../hosts/soak.ts';
import { expectStored, type RealWorld, realWorld } from './real-world.ts';
import { repositoriesOf } from './stored.ts';

const captures = soak(2, 10);

async function eightWriters(): Promise<[RealWorld, ...RealWorld[]]> {
  const first = await realWorld();
  const others: RealWorld[] = [];
  for (let more = 0; more < 7; more++) others.push(await realWorld({ server: first.server }));
  return [first, ...others];
}

/** Collects garbage again and again, at once and everywhere. */
async function collecting(worlds: readonly RealWorld[], isOver: () => boolean): Promise<number> {
  const git = promisify(execFile);
  let times = 0;
  while (!isOver()) {
    const folders = [...repositoriesOf(worlds[0]?.server.data ?? ''), ...worlds.map(({ repository }) => repository)];
    for (const folder of folders) {
      // One that meets another's lock says so, and the next round comes soon.
      await git('git', ['-C', folder, 'gc', '-q', '--prune=now']).then(
        () => times++,
        () => {},
      );
    }
  }
  return times;
}

it('eight writers at once: nothing is rejected, nothing is lost (R4, B24)', { timeout: patience }, async () => {
  const writers = await eightWriters();
  const [{ server }] = writers;
  const all = (work: (writer: RealWorld) => Promise<void>) =>
    Promise.all(
      writers.map(async (writer) => {
        for (let turn = 0; turn < captures; turn++) await work(writer);
      }),
    );
  await all(async (writer) => {
    writer.plantSessions();
    const report = await writer.json('sync');
    expect(report, JSON.stringify(report)).toMatchObject({
      exit_code: 0,
      remotes: [{ push: { outcome: 'ok' }, counts: { selected: 1, stored: 1 } }],
    });
  });
  await expectStored(server, writers);

  // Once more, while git gc --prune=now runs on all sides and the server is killed twice.
  let isOver = false;
  const garbage = collecting(writers, () => isOver);
  const work = all(async (writer) => {
    writer.plantSessions();
    const report = await writer.json('sync');
    expect(report.capture.captured, JSON.stringify(report)).toHaveLength(1);
    expect([0, 75], JSON.stringify(report)).toContain(report.exit_code);
    if (report.exit_code === 0) expect(writer.tips().there).toBe(writer.tips().here);
  });
  for (let kills = 0; kills < 2; kills++) {
    await pause(1500);
    await server.kill();
    await server.start();
  }
  await work;
  isOver = true;
  expect(await garbage).toBeGreaterThan(0);
  for (const writer of writers) expect(await writer.json('sync')).toMatchObject({ exit_code: 0 });
  await expectStored(server, writers);
  for (const { git } of writers) git('fsck', '--strict', '--no-dangling');
});
