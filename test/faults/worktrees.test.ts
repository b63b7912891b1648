import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it, onTestFinished } from 'vitest';
import { listSessions } from '../../src/client/history/query.ts';
import { checkRepository } from '../git/repositories.ts';
import { scratch } from '../hosts/scratch.ts';
import { opened } from '../hosts/writers.ts';
import { bundle } from './bundle.ts';

const run = promisify(execFile);

it('B23, R5: 8 working trees capture 50 times each beside a gc and switches of branches, and nothing is lost', {
  timeout: 300_000,
}, async () => {
  const driver = await bundle(new URL('./worktree-driver.ts', import.meta.url));
  const world = scratch();
  world.git('commit', '-q', '--allow-empty', '-m', 'one');
  const context = await opened(world);
  const trees = Array.from({ length: 8 }, (_, at) => `${world.repository}-${at}`);
  for (const tree of trees) world.git('worktree', 'add', '-q', '--detach', tree);
  const loop = spawn('sh', ['-c', 'while :; do git gc --quiet --prune=now || exit; done'], {
    ...{ cwd: world.repository, env: world.env, stdio: 'ignore', detached: true },
  });
  const ended = once(loop, 'close');
  const stop = (): void =>
    void (loop.pid && loop.exitCode === null && loop.signalCode === null && process.kill(-loop.pid));
  onTestFinished(stop);
  const captures = trees.map((tree, at) => run(process.execPath, [driver, tree, world.home, `t${at}`, '50']));
  for (const at of [0, 1]) await run('git', ['switch', '-q', '-c', `branch-${at}`], { cwd: trees[at], env: world.env });
  const said = await Promise.all(captures);
  const survived = loop.exitCode === null;
  stop();
  await ended;
  expect(said.map(({ stdout, stderr }) => stdout + stderr)).toEqual(Array(8).fill('done\n'));
  expect(survived).toBe(true);
  const sessions = await listSessions(context);
  expect(sessions).toHaveLength(400);
  expect(sessions.every(({ count }) => count === 1)).toBe(true);
  expect(readdirSync(context.place('lock'))).toEqual(['400.free']);
  checkRepository(world.repository);
  expect(readdirSync(join(world.repository, '.git')).filter((name) => name.endsWith('.lock'))).toEqual([]);
});
