import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

export const program = resolve('dist/specstory.cjs');

/** A scratch home and repository; removed by `remove`. */
export class World {
  readonly home: string;
  readonly repository: string;
  readonly env: NodeJS.ProcessEnv;

  constructor(name: string) {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), `specstory-bench-${name}-`)));
    this.home = join(folder, 'home');
    this.repository = join(folder, 'repository');
    this.env = { PATH: process.env.PATH, HOME: this.home, GIT_CONFIG_NOSYSTEM: '1', NODE_EXTRA_CA_CERTS: '' };
    for (const path of [this.home, this.repository]) mkdirSync(path);
    this.git('init', '-q', '-b', 'main');
    this.git('config', 'user.name', 'Bench');
    this.git('config', 'user.email', 'bench@example.org');
    this.git('commit', '-q', '--allow-empty', '-m', 'begin');
  }

  get claude(): string {
    const folder = join(this.home, '.claude', 'projects', this.repository.replace(/[^A-Za-z0-9]/g, '-'));
    mkdirSync(folder, { recursive: true });
    return folder;
  }

  git(...args: string[]): string {
    return execFileSync('git', args, { cwd: this.repository, env: this.env, encoding: 'utf8', maxBuffer: 1 << 30 });
  }

  /** What git makes of an input: the id of an object. */
  make(args: readonly string[], input: string | Buffer): string {
    return execFileSync('git', args, { cwd: this.repository, env: this.env, encoding: 'utf8', input }).trim();
  }

  specstory(...args: string[]): string {
    return execFileSync(process.execPath, [program, ...args], {
      cwd: this.repository,
      env: this.env,
      encoding: 'utf8',
      maxBuffer: 1 << 30,
    });
  }

  remove(): void {
    rmSync(join(this.home, '..'), { recursive: true, force: true, maxRetries: 5 });
  }
}

export interface Run {
  /** Milliseconds. */
  readonly wall: number;
  /** Largest resident memory of the process itself, in MiB (Linux only). */
  readonly memory: number;
  readonly code: number | null;
}

/** Runs the program and watches its memory. */
export async function measured(world: World, args: readonly string[], cwd = world.repository): Promise<Run> {
  const start = performance.now();
  const child = spawn(process.execPath, [program, ...args], {
    cwd,
    env: world.env,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  let memory = 0;
  const timer = setInterval(() => {
    memory = Math.max(memory, highWater(child.pid));
  }, 15);
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  clearInterval(timer);
  return { wall: performance.now() - start, memory, code };
}

function highWater(pid: number | undefined): number {
  try {
    const match = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'));
    return Number(match?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1] ?? Number.NaN;
}
