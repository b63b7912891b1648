import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';
import type { Scratch } from './scratch.ts';

const program = resolve('dist/specstory.cjs');

export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the built program as a person would, without a terminal. */
export function specstory(
  world: Pick<Scratch, 'env' | 'repository'>,
  args: readonly string[],
  options: { cwd?: string; input?: string; env?: NodeJS.ProcessEnv } = {},
): Ran {
  const { cwd = world.repository, input = '', env = {} } = options;
  const ran = spawnSync(process.execPath, [program, ...args], {
    cwd,
    env: { ...world.env, ...env },
    input,
    encoding: 'utf8',
    timeout: 50_000,
    maxBuffer: 1 << 28,
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}
