import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { type Figure, MB, type Scenario } from './figure.ts';
import { claudeLines, uuid, writeLines } from './transcripts.ts';
import { measured, median, World } from './world.ts';

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
