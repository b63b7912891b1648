import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { temporaryFolder } from '../git/repositories.ts';

/** System calls that change something on a disk. */
const mutating = [
  ...[
    'openat',
    'write',
    'pwrite64',
    'writev',
    'rename',
    'renameat',
    'renameat2',
    'link',
    'linkat',
    'unlink',
    'unlinkat',
  ],
  ...[
    'mkdir',
    'mkdirat',
    'rmdir',
    'chmod',
    'fchmod',
    'fchmodat',
    'ftruncate',
    'truncate',
    'fsync',
    'fdatasync',
    'utimensat',
  ],
];

/** What may be struck: our own process, or one of the git commands it starts. */
export type Target = 'node' | 'fast-import' | 'update-ref' | 'pack-objects';

/** The `when`-th call of one kind in a process, and what happens to it. */
export interface Fault {
  readonly target: Target;
  readonly call: string;
  readonly when: number;
  readonly effect: 'signal=SIGKILL' | 'error=ENOSPC' | 'error=EIO';
}

export function hasStrace(): boolean {
  try {
    execFileSync('strace', ['-f', '-qq', '-o', '/dev/null', 'true'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

/** Milliseconds. A fault that hits a pipe by which Node wakes itself leaves it standing; it is killed then, which is a fault as well. */
const patience = 10_000;

/** The calls of a target that change something below `folder`, each once, by its number among those of its kind. */
export async function countCalls(
  target: Target,
  folder: string,
  program: readonly string[],
): Promise<Omit<Fault, 'effect'>[]> {
  const log = path.join(temporaryFolder(), 'log');
  await runUnder(target, ['-y', '-o', log, '-e', `trace=${mutating.map((call) => `?${call}`).join(',')}`], program);
  const counts = new Map<string, number>();
  const found = new Map<string, Omit<Fault, 'effect'>>();
  for (const line of readFileSync(log, 'utf8').split('\n')) {
    const [, thread = '', call = '', rest = ''] = /^(\d+) +(\w+)\((.*)$/.exec(line) ?? [];
    const when = (counts.get(`${thread} ${call}`) ?? 0) + 1;
    counts.set(`${thread} ${call}`, when);
    const changes = call !== 'openat' || /O_CREAT|O_TRUNC/.test(rest);
    if (call && changes && rest.includes(folder)) found.set(`${call} ${when}`, { target, call, when });
  }
  return [...found.values()];
}

/** Runs a program with a fault; gives its exit code and output once nothing that it started is left. */
export function runWith(fault: Fault, program: readonly string[]): Promise<{ code: number | null; output: string }> {
  const { call, effect, when } = fault;
  const options = ['-o', '/dev/null', '-e', `trace=${call}`, '-e', `inject=${call}:${effect}:when=${when}`];
  return runUnder(fault.target, options, program);
}

/** What a program and everything it starts reached for. */
interface Reach {
  readonly code: number | null;
  readonly output: string;
  /** The names of the programs that were started, the first included. */
  readonly started: readonly string[];
  /** The families of all sockets that were opened, connected or written to. */
  readonly sockets: readonly string[];
}

/** Runs a program to its end and tells what it started and whom it asked. */
export function reach(program: readonly string[], world: { repository: string; env: NodeJS.ProcessEnv }): Reach {
  const log = path.join(temporaryFolder(), 'log');
  const calls = ['execve', 'execveat', 'socket', 'connect', 'sendto', 'sendmsg', 'bind'].join(',');
  const args = ['-f', '-qq', '-e', 'signal=none', '-o', log, '-e', `trace=${calls}`, ...program];
  const { status, stdout, stderr } = spawnSync('strace', args, {
    cwd: world.repository,
    env: world.env,
    encoding: 'utf8',
    timeout: 60_000,
  });
  const lines = readFileSync(log, 'utf8').split('\n');
  // A call that another thread interrupts stands on two lines, the first of them without its result.
  const executed = lines.filter((line) => !/ = -1 \w+ \(.*\)$/.test(line));
  const started = executed.flatMap((line) => /execve(?:at)?\((?:\w+, )?"([^"]*)"/.exec(line)?.[1] ?? []);
  const sockets = lines.flatMap(
    (line) => /(?:socket|connect|sendto|sendmsg|bind)\(.*?\b(AF_\w+)/.exec(line)?.[1] ?? [],
  );
  return { code: status, output: stdout + stderr, started: started.map((name) => path.basename(name)), sockets };
}

/** Runs a program as it is. */
export function runPlain(program: readonly string[]): Promise<{ code: number | null; output: string }> {
  return runAndWait(program, {});
}

function runUnder(target: Target, options: readonly string[], program: readonly string[]) {
  if (target === 'node') return runAndWait(['strace', '-f', '-b', 'execve', '-qq', ...options, ...program], {});
  return runAndWait(program, { PATH: `${tracingGit(target, options)}:${process.env.PATH}` });
}

async function runAndWait([command = '', ...args]: readonly string[], more: NodeJS.ProcessEnv) {
  const mark = `${process.pid}-${Math.random()}`;
  const env = { ...process.env, ...more, SPECSTORY_FAULT: mark };
  const child = spawn(command, args, { env, stdio: ['ignore', 'pipe', 'ignore'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  const timer = setTimeout(() => killLeft(mark), patience);
  const [code] = await once(child, 'close');
  while (left(mark).length > 0) await pause(5);
  clearTimeout(timer);
  return { code, output };
}

/** A folder with a git that runs one of its commands under strace. */
function tracingGit(command: string, options: readonly string[]): string {
  const folder = temporaryFolder();
  const real = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const traced = ['strace', '-f', '-qq', ...options, real].map((word) => `'${word}'`).join(' ');
  const script = `#!/bin/sh\ncase " $* " in *" ${command} "*) exec ${traced} "$@" ;; esac\nexec '${real}' "$@"\n`;
  writeFileSync(path.join(folder, 'git'), script, { mode: 0o755 });
  return folder;
}

/** The processes that live and have this mark in their environment. */
function left(mark: string): number[] {
  const marked = readdirSync('/proc').filter((pid) => {
    try {
      return /^\d+$/.test(pid) && readFileSync(`/proc/${pid}/environ`, 'latin1').includes(`SPECSTORY_FAULT=${mark}`);
    } catch {
      return false;
    }
  });
  return marked.map(Number);
}

function killLeft(mark: string): void {
  for (const pid of left(mark)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended in the meantime.
    }
  }
}
