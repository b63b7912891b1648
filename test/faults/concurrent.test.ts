import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listTree } from '../../src/git/read.ts';
import { openRepository } from '../../src/git/repository.ts';
import { checkRepository, git, makeRepository } from '../git/repositories.ts';
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
});
