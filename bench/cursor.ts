import { execFileSync } from 'node:child_process';
import { closeSync, fsyncSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { Figure, Scenario } from './figure.ts';
import { measured, median, World } from './world.ts';

const require = createRequire(import.meta.url);

/** Gigabytes of the database. */
const size = 2;
const conversations = 1000;
/** Bytes of one message: text, tool results and the context that Cursor keeps with each. */
const message = 10_000;

/**
 * How long it takes to list the conversations of one project in a database of Cursor as large as they get. It has a thousand, a third of them the
 * project's; the time is that of the whole program. Building it takes half a minute and 2 GB of disk: not without `BENCH_LARGE=1`.
 */
export const cursorDatabase: Scenario = async () => {
  if (process.env.BENCH_LARGE !== '1') {
    process.stderr.write('  left out; BENCH_LARGE=1 builds a database of 2 GB for it\n');
    return [];
  }
  const world = new World('cursor');
  try {
    world.specstory('init', '--yes', '--no-capture');
    const bare = await times(world, () => {});
    const path = build(world);
    const bytes = statSync(path).size / 1e9;
    const cold = await times(world, () => dropFromMemory(path));
    const warm = await times(world, () => {});
    const { agents } = JSON.parse(world.specstory('status', '--json'));
    const found = agents.find(({ agent }: { agent: string }) => agent === 'cursoride')?.sources;
    const note = `${bytes.toFixed(2)} GB, ${found} conversations listed, medians of 9; without Cursor ${median(bare).toFixed(0)} ms`;
    const figure = (what: string, values: readonly number[]): Figure => {
      return { what, value: median(values), unit: 'ms', reach: 1000, note };
    };
    return [
      figure('status with a Cursor database of 2 GB, none of it in memory', cold),
      figure('the same, after it was read', warm),
    ];
  } finally {
    world.remove();
  }
};

async function times(world: World, before: () => void): Promise<number[]> {
  const all: number[] = [];
  for (let run = 0; run < 9; run++) {
    before();
    all.push((await measured(world, ['status', '--json'])).wall);
  }
  return all;
}

/** Has the system forget what it holds of a file. */
function dropFromMemory(path: string): void {
  execFileSync('dd', [`if=${path}`, 'of=/dev/null', 'iflag=nocache', 'count=0'], { stdio: 'ignore' });
}

/** Writes the database of all windows, and that of the project's one window; gives the path of the first. */
function build(world: World): string {
  const user = join(world.home, '.config', 'Cursor', 'User');
  const path = join(user, 'globalStorage', 'state.vscdb');
  const workspace = join(user, 'workspaceStorage', 'w1');
  for (const folder of [dirname(path), workspace]) mkdirSync(folder, { recursive: true });
  writeFileSync(join(workspace, 'workspace.json'), JSON.stringify({ folder: `file://${world.repository}` }));
  const own = Array.from({ length: conversations / 3 }, (_, index) => ({ type: 'head', composerId: `c${index * 3}` }));
  write(join(workspace, 'state.vscdb'), [
    'CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)',
    `INSERT INTO ItemTable VALUES ('composer.composerData', '${JSON.stringify({ allComposers: own })}')`,
  ]);
  const messages = Math.round((size * 1e9) / message / conversations);
  const series = (count: number) =>
    `WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < ${count})`;
  write(path, [
    'CREATE TABLE ItemTable (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)',
    'CREATE TABLE cursorDiskKV (key TEXT UNIQUE ON CONFLICT REPLACE, value BLOB)',
    `${series(conversations)} INSERT INTO cursorDiskKV SELECT 'composerData:c' || i, json_object('composerId', 'c' || i,
      'name', 'Conversation ' || i, 'createdAt', 1767323045000 + i, 'context', hex(zeroblob(20000))) FROM n`,
    // Conversations grow side by side, so that the messages of one lie all over the file.
    `${series(conversations * messages)} INSERT INTO cursorDiskKV SELECT 'bubbleId:c' || (i % ${conversations}) || ':' ||
      lower(hex(randomblob(16))), json_object('type', 1 + i % 2, 'bubbleId', i, 'text', hex(zeroblob(${message} / 2))) FROM n`,
  ]);
  return path;
}

function write(path: string, statements: readonly string[]): void {
  const Database = require('libsql');
  const database = new Database(path);
  for (const statement of ['PRAGMA synchronous = OFF', 'BEGIN', ...statements, 'COMMIT']) database.exec(statement);
  database.close();
  // Only what is on the disk can be dropped from memory.
  const file = openSync(path, 'r+');
  fsyncSync(file);
  closeSync(file);
}
