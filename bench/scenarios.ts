import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { claudeLines, uuid, writeLines } from './transcripts.ts';
import { measured, median, program, World } from './world.ts';

/** One figure and what it should be. */
export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** At most this, or at least this when `atLeast`. */
  readonly reach: number;
  readonly atLeast?: boolean;
  readonly note?: string;
}

export type Scenario = () => Promise<Figure[]>;

const MB = 1_000_000;

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

/** What a capture costs when ten thousand sessions are known instead of a hundred. */
export const captureManyKnown: Scenario = async () => {
  const cost = async (sessions: number): Promise<number> => {
    const world = new World(`known-${sessions}`);
    try {
      for (let index = 0; index < sessions; index++) {
        await writeLines(
          join(world.claude, `${uuid(index)}.jsonl`),
          claudeLines({ cwd: world.repository, session: uuid(index), size: 1500, calls: 1, result: 200, seed: index }),
        );
      }
      world.specstory('init', '--yes');
      world.specstory('capture');
      const times: number[] = [];
      for (let run = 0; run < 15; run++) {
        await writeLines(
          join(world.claude, `${uuid(1)}.jsonl`),
          claudeLines({
            cwd: world.repository,
            session: uuid(1),
            size: 1500,
            calls: 1,
            result: 200,
            seed: 100_000 + run,
          }),
          'a',
        );
        times.push((await measured(world, ['capture'])).wall);
      }
      return median(times);
    } finally {
      world.remove();
    }
  };
  const few = await cost(100);
  const many = await cost(10_000);
  return [
    {
      what: 'capture cost, 100 → 10,000 known sessions',
      value: many / few,
      unit: '×',
      reach: 1.3,
      note: `${few.toFixed(0)} ms → ${many.toFixed(0)} ms, medians of 15`,
    },
  ];
};

/** The first capture of a thousand sessions, and the size of the history after a gc. */
export const firstCapture: Scenario = async () => {
  const world = new World('first');
  try {
    const sessions = 1000;
    for (let index = 0; index < sessions; index++) {
      await writeLines(
        join(world.claude, `${uuid(index)}.jsonl`),
        claudeLines({ cwd: world.repository, session: uuid(index), size: MB, seed: index }),
      );
    }
    const bytes = readdirSync(world.claude).reduce((sum, name) => sum + statSync(join(world.claude, name)).size, 0);
    world.specstory('init', '--yes', '--no-capture');
    const run = await measured(world, ['capture']);
    world.git('gc', '-q', '--prune=now');
    const packed = Number(world.git('rev-list', '--objects', '--disk-usage', 'refs/specstory/history'));
    const unique = await compressedContent(world);
    return [
      {
        what: 'first capture, 1,000 sessions / 1 GB, redaction on',
        value: bytes / MB / (run.wall / 1000),
        unit: 'MB/s',
        reach: 25,
        atLeast: true,
        note: `${(bytes / MB).toFixed(0)} MB in ${(run.wall / 1000).toFixed(1)} s`,
      },
      { what: 'the same: memory', value: run.memory, unit: 'MiB', reach: 400 },
      {
        what: 'history after gc, over its compressed unique content',
        value: packed / unique,
        unit: '×',
        reach: 1.2,
        note: `${(packed / MB).toFixed(0)} MB packed, ${(unique / MB).toFixed(0)} MB as one gzip per session`,
      },
    ];
  } finally {
    world.remove();
  }
};

/** The files of each session joined and compressed at gzip's usual level. */
async function compressedContent(world: World): Promise<number> {
  const { gzipSync } = await import('node:zlib');
  const folder = join(world.home, 'export');
  world.specstory('export', '-o', folder);
  return readdirSync(folder).reduce((sum, name) => sum + gzipSync(readFileSync(join(folder, name))).length, 0);
}

/** Transcripts of a size that nobody should have. */
export const hugeTranscripts: Scenario = async () => {
  const one = async (what: string, fill: (path: string, cwd: string) => Promise<void>): Promise<Figure> => {
    const world = new World('huge');
    try {
      await fill(join(world.claude, `${uuid(1)}.jsonl`), world.repository);
      world.specstory('init', '--yes', '--no-capture');
      const run = await measured(world, ['capture']);
      const sessions = world.specstory('list', '--json');
      const note = `${(run.wall / 1000).toFixed(1)} s, exit ${run.code}, ${JSON.parse(sessions).length} session`;
      return { what: `${what}: memory`, value: run.memory, unit: 'MiB', reach: 400, note };
    } finally {
      world.remove();
    }
  };
  return [
    await one('transcript of 500 MB', (path, cwd) =>
      writeLines(path, claudeLines({ cwd, session: uuid(1), size: 500 * MB })),
    ),
    await one('one line of 50 MB', (path, cwd) =>
      writeLines(path, claudeLines({ cwd, session: uuid(1), size: 50 * MB, result: 25 * MB, calls: 1 })),
    ),
    await one('1,000,000 lines', (path, cwd) =>
      writeLines(path, claudeLines({ cwd, session: uuid(1), lines: 1_000_000, result: 20, text: 40 })),
    ),
  ];
};

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
