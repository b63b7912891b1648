import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { type Figure, MB, type Scenario } from './figure.ts';
import { claudeLines, uuid, writeLines } from './transcripts.ts';
import { measured, median, World } from './world.ts';

/** What a capture costs when ten thousand sessions are known instead of a hundred: in turns, so that what the machine does besides hits both. */
export const captureManyKnown: Scenario = async () => {
  const few = await knowing(100);
  const many = await knowing(10_000);
  try {
    const grown = await inTurns([few, many], (world, run) => grow(world, 1, run));
    const begun = await inTurns([few, many], (world, run) => grow(world, 20_000 + run, run));
    return [
      ratio('capture cost, 100 → 10,000 known sessions: one has grown', grown),
      ratio('the same: one is new', begun),
    ];
  } finally {
    few.remove();
    many.remove();
  }
};

async function knowing(sessions: number): Promise<World> {
  const world = new World(`known-${sessions}`);
  for (let index = 0; index < sessions; index++) await grow(world, index, index);
  world.specstory('init', '--yes');
  world.specstory('capture');
  return world;
}

/** Adds a prompt and its answer to a session. */
async function grow(world: World, session: number, seed: number): Promise<void> {
  const shape = { cwd: world.repository, session: uuid(session), size: 1500, calls: 1, result: 200, seed };
  await writeLines(join(world.claude, `${uuid(session)}.jsonl`), claudeLines(shape), 'a');
}

/** Milliseconds of a capture in each world, medians of 21. */
async function inTurns(worlds: readonly World[], before: (world: World, run: number) => Promise<void>) {
  const times = worlds.map((): number[] => []);
  for (let run = 0; run < 21; run++) {
    for (const [index, world] of worlds.entries()) {
      await before(world, 100_000 + run);
      times[index]?.push((await measured(world, ['capture'])).wall);
    }
  }
  return times.map(median);
}

function ratio(what: string, [few = Number.NaN, many = Number.NaN]: readonly number[]): Figure {
  const note = `${few.toFixed(0)} ms → ${many.toFixed(0)} ms, medians of 21, in turns`;
  return { what, value: many / few, unit: '×', reach: 1.3, note };
}

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
        note: `${(packed / MB).toFixed(0)} MB packed, ${(unique / MB).toFixed(0)} MB with every file compressed by itself`,
      },
    ];
  } finally {
    world.remove();
  }
};

/** Every file of the history, compressed by itself at the usual level, as git would without deltas. */
async function compressedContent(world: World): Promise<number> {
  const folder = join(world.home, 'export');
  world.specstory('export', '-o', folder);
  let sum = 0;
  for (const name of readdirSync(folder)) {
    const files = readFileSync(join(folder, name), 'utf8').split(/^<!-- [0-9a-f]+ exchanges\/\S+ -->\n/m);
    for (const file of files) sum += deflateSync(file).length;
  }
  return sum;
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
