import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listTree } from '../../src/git/read.ts';
import { openRepository } from '../../src/git/repository.ts';
import { checkRepository, git, makeRepository } from '../git/repositories.ts';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';
import { bundle } from './bundle.ts';

let driver: string;

beforeAll(async () => {
  driver = await bundle(new URL('./driver.ts', import.meta.url));
});

async function run(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [driver, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  return output;
}

/** Runs the built program beside what else is running. */
async function exitCode(world: Scratch, args: readonly string[]): Promise<number | null> {
  const child = spawn(process.execPath, [path.resolve('dist/specstory.cjs'), ...args], {
    cwd: world.repository,
    env: world.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const [code] = await once(child, 'close');
  return code;
}

async function files(folder: string, ref: 'history' | 'raw'): Promise<number> {
  return (await listTree(await openRepository(folder), `refs/specstory/${ref}`, [])).length;
}

describe('many captures at once', () => {
  it('are all there, from 8 processes in 3 working trees', async () => {
    const folder = makeRepository();
    const trees = [folder, path.join(folder, '../second'), path.join(folder, '../third')];
    for (const tree of trees.slice(1)) git(folder, 'worktree', 'add', '--quiet', '--detach', tree);
    const all = Array.from({ length: 8 }, (_, at) => run(trees[at % 3] ?? '', `p${at}`, '25', '1'));
    expect(new Set(await Promise.all(all))).toEqual(new Set(['done\n']));
    expect(await files(folder, 'history')).toBe(200);
    expect(await files(folder, 'raw')).toBe(200);
    expect(git(folder, 'rev-list', '--count', 'refs/specstory/history')).toBe('200');
    expect(readdirSync(path.join(folder, '.git/specstory/lock'))).toEqual(['200.free']);
    checkRepository(folder);
  }, 120_000);

  it.each([
    ['gc --prune=now', 'git gc --quiet --prune=now'],
    ['repack', 'git repack -q -a -d && git prune --expire=now && git pack-refs --all'],
  ])(
    'lose nothing to %s in a loop',
    async (_, command) => {
      const folder = makeRepository();
      // What nobody reaches, with content that comes again: git must not take it away from under an import.
      await run(folder, 'p', '3', '3');
      git(folder, 'update-ref', '-d', 'refs/specstory/history');
      const script = `while :; do ${command} || exit; done`;
      const loop: ChildProcess = spawn('sh', ['-c', script], { cwd: folder, stdio: 'ignore', detached: true });
      const ended = once(loop, 'close');
      const outcome = await run(folder, 'p', '50', '3');
      const survived = loop.exitCode === null;
      if (loop.pid) process.kill(-loop.pid);
      await ended;
      expect(outcome).toBe('done\n');
      expect(survived).toBe(true);
      checkRepository(folder);
      expect(await files(folder, 'history')).toBe(150);
      expect(await files(folder, 'raw')).toBe(150);
    },
    120_000,
  );

  it('and sessions that are ignored and taken again, lose nothing to gc --prune=now in a loop', async () => {
    const world = scratch();
    const ids = ['s1', 's2', 's3', 's4'];
    for (const id of ids) world.plantClaude(id, claudeTranscript(world.repository, id, 2).join(''));
    expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
    const loop = spawn('sh', ['-c', 'while :; do git gc --quiet --prune=now || exit; done'], {
      cwd: world.repository,
      env: world.env,
      stdio: 'ignore',
      detached: true,
    });
    const ended = once(loop, 'close');
    const outcomes: (number | null)[] = [];
    for (let turn = 0; turn < 12; turn++) {
      const id = ids[turn % ids.length] ?? '';
      for (const args of [['ignore', id], ['ignore', '--undo', id], ['capture']]) {
        outcomes.push(await exitCode(world, args));
      }
    }
    const survived = loop.exitCode === null;
    if (loop.pid) process.kill(-loop.pid);
    await ended;
    expect(outcomes.filter((code) => code !== 0)).toEqual([]);
    expect(survived).toBe(true);
    checkRepository(world.repository);
    expect(JSON.parse(specstory(world, ['list', '--json']).out)).toHaveLength(ids.length);
  }, 120_000);
});
