import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Scenario } from './figure.ts';
import { claudeLines, uuid, writeLines } from './transcripts.ts';
import { measured, program, World } from './world.ts';

/** Eight worktrees, fifty captures each, all at once. */
export const worktrees: Scenario = async () => {
  const world = new World('worktrees');
  try {
    world.specstory('init', '--yes');
    const trees = Array.from({ length: 8 }, (_, index) => join(world.repository, '..', `tree-${index}`));
    for (const tree of trees) world.git('worktree', 'add', '-q', '--detach', tree);
    const start = performance.now();
    const codes = await Promise.all(trees.map((tree, index) => captureFifty(world, tree, index)));
    const listed: { exchanges: number }[] = JSON.parse(world.specstory('list', '--json'));
    const failed = codes.flat().filter((code) => code !== 0).length;
    world.git('fsck', '--strict', '--no-dangling');
    const seconds = (performance.now() - start) / 1000;
    return [
      {
        what: '8 worktrees × 50 captures at once: sessions lost',
        value: 400 - listed.length,
        unit: '',
        reach: 0,
        note: `${listed.length} of 400 there, ${seconds.toFixed(0)} s`,
      },
      { what: 'the same: captures that failed', value: failed, unit: '', reach: 0 },
    ];
  } finally {
    world.remove();
  }
};

async function captureFifty(world: World, tree: string, index: number): Promise<(number | null)[]> {
  const folder = join(world.home, '.claude', 'projects', tree.replace(/[^A-Za-z0-9]/g, '-'));
  mkdirSync(folder, { recursive: true });
  const codes: (number | null)[] = [];
  for (let run = 0; run < 50; run++) {
    const session = uuid(index * 1000 + run);
    await writeLines(
      join(folder, `${session}.jsonl`),
      claudeLines({ cwd: tree, session, size: 2000, calls: 1, result: 300, seed: index * 1000 + run }),
    );
    codes.push((await measured(world, ['capture'], tree)).code);
  }
  return codes;
}

/** A watch with nothing to do. */
export const watchIdle: Scenario = async () => {
  const world = new World('watch');
  try {
    for (let index = 0; index < 300; index++) {
      await writeLines(
        join(world.claude, `${uuid(index)}.jsonl`),
        claudeLines({ cwd: world.repository, session: uuid(index), size: 20_000, seed: index }),
      );
    }
    world.specstory('init', '--yes');
    const child = spawn(process.execPath, [program, 'watch', '--json'], {
      cwd: world.repository,
      env: world.env,
      stdio: 'ignore',
    });
    await sleep(6000);
    const cpu = () =>
      readFileSync(`/proc/${child.pid}/stat`, 'utf8')
        .split(' ')
        .slice(13, 15)
        .reduce((sum, ticks) => sum + Number(ticks), 0) * 10;
    const files = () => readdirSync(`/proc/${child.pid}/fd`).length;
    const [cpuBefore, filesBefore] = [cpu(), files()];
    await sleep(20_000);
    const used = ((cpu() - cpuBefore) / 20_000) * 100;
    const more = files() - filesBefore;
    child.kill('SIGINT');
    await once(child, 'exit');
    return [
      { what: 'watch, idle: processor time', value: used, unit: '%', reach: 1, note: '300 sessions known, 20 s' },
      { what: 'watch, idle: more file descriptors after 20 s', value: more, unit: '', reach: 0 },
    ];
  } finally {
    world.remove();
  }
};
