import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { MB, type Scenario } from './figure.ts';
import { claudeLines, uuid, writeLines } from './transcripts.ts';
import { median, World } from './world.ts';

async function commitTimes(world: World, runs: number, before: (run: number) => void = () => {}): Promise<number[]> {
  const times: number[] = [];
  for (let run = 0; run < runs; run++) {
    before(run);
    writeFileSync(join(world.repository, 'file'), `${run} ${Math.random()}\n`);
    world.git('add', 'file');
    const start = performance.now();
    world.git('commit', '-qm', `run ${run}`);
    times.push(performance.now() - start);
  }
  return times;
}

async function idle(world: World): Promise<void> {
  const folder = join(world.repository, '.git', 'specstory');
  for (let quiet = 0; quiet < 4; ) {
    await sleep(50);
    const busy = ['lock', 'worker.lock'].some(
      (lock) =>
        existsSync(join(folder, lock)) && readdirSync(join(folder, lock)).some((name) => name.endsWith('.held')),
    );
    quiet = busy || existsSync(join(folder, 'again')) ? 0 : quiet + 1;
  }
}

/** A commit with nothing new, over a bare commit. */
export const commitNothingNew: Scenario = async () => {
  const bare = new World('bare');
  const hooked = new World('hooked');
  try {
    await writeLines(join(hooked.claude, `${uuid(1)}.jsonl`), claudeLines({ cwd: hooked.repository, size: MB }));
    hooked.specstory('init', '--yes');
    hooked.specstory('capture');
    await sleep(2500);
    await commitTimes(hooked, 2);
    await idle(hooked);
    const [without, with_] = [[] as number[], [] as number[]];
    for (let round = 0; round < 10; round++) {
      without.push(...(await commitTimes(bare, 5)));
      with_.push(...(await commitTimes(hooked, 5)));
    }
    const note = `bare ${median(without).toFixed(1)} ms, with hooks ${median(with_).toFixed(1)} ms; medians of 50, in turns`;
    return [
      {
        what: 'commit, nothing new: over a bare commit',
        value: median(with_) - median(without),
        unit: 'ms',
        reach: 10,
        note,
      },
    ];
  } finally {
    bare.remove();
    hooked.remove();
  }
};

/** A commit while a live transcript of 5 MB has 200 kB new. */
export const commitLive: Scenario = async () => {
  const bare = new World('bare');
  const world = new World('live');
  try {
    const path = join(world.claude, `${uuid(1)}.jsonl`);
    const lines = [...claudeLines({ cwd: world.repository, session: uuid(1), size: 9 * MB })];
    let at = 0;
    const grow = (bytes: number): void => {
      let text = '';
      while (text.length < bytes) text += lines[at++] ?? '';
      appendFileSync(path, text);
    };
    grow(5 * MB);
    world.specstory('init', '--yes');
    world.specstory('capture');
    const foreground: number[] = [];
    const worker: number[] = [];
    for (let round = 0; round < 12; round++) {
      await sleep(1100);
      grow(200_000);
      const tip = () => world.git('rev-parse', 'refs/specstory/history').trim();
      const before = tip();
      const [time = 0] = await commitTimes(world, 1);
      const start = performance.now();
      while (tip() === before && performance.now() - start < 10_000) await sleep(5);
      foreground.push(time);
      worker.push(time + performance.now() - start);
      await idle(world);
    }
    const without = median(await commitTimes(bare, 30));
    return [
      {
        what: 'commit, live 5 MB transcript with 200 kB new: foreground, over a bare commit',
        value: median(foreground) - without,
        unit: 'ms',
        reach: 15,
        note: `medians of 12; bare ${without.toFixed(1)} ms`,
      },
      { what: 'the same: worker done after', value: median(worker), unit: 'ms', reach: 300 },
    ];
  } finally {
    bare.remove();
    world.remove();
  }
};
