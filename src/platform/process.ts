import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import type { Readable, Writable } from 'node:stream';
import { reason, SpecstoryError } from '../core/errors.ts';

/** The environment of a child, whole: nothing is added to it. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface ProcessOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** Hears what the child says on standard error, as it comes. */
  readonly onStderr?: ((chunk: Buffer) => void) | undefined;
}

interface RunOptions extends ProcessOptions {
  /** Written to standard input, which is closed after it. */
  readonly input?: string | Uint8Array;
  /** Milliseconds after which the child is killed and the run fails. */
  readonly timeout: number;
  /** Bytes of standard output after which the child is killed and the run fails. */
  readonly maxBytes: number;
}

/** How a child ended: `code` is null when a signal ended it. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface Outcome extends Ending {
  readonly stdout: Buffer;
  /** The last 64 kB of standard error. */
  readonly stderr: string;
}

/** A child that lives as long as its owner needs it. */
export interface Child {
  /** Its errors are silent: the end of the child tells more than a broken pipe. */
  readonly stdin: Writable;
  /** To be listened to from the start: what a child that ended has said to nobody, Node throws away. */
  readonly stdout: Readable;
  /** The last 64 kB of standard error so far. */
  stderr(): string;
  /** Sends standard error on: the last 64 kB so far, and everything to come. */
  relayStderr(to: Writable): void;
  /** Settles when the child is gone and its output was received; never rejects. */
  readonly ended: Promise<Ending>;
  /** Ends the child and everything it started; with another signal than the usual SIGKILL it may still tidy up. */
  kill(signal?: NodeJS.Signals): void;
}

/**
 * Runs a program to its end, whatever its exit code. Throws `unavailable` when it cannot be started,
 * does not end in time or writes more than `maxBytes`.
 */
export async function run(program: string, args: readonly string[], options: RunOptions): Promise<Outcome> {
  const child = await start(program, args, options);
  let problem: string | undefined;
  const stop = (why: string): void => {
    problem ??= why;
    child.kill();
  };
  const timer = setTimeout(() => stop(`did not end within ${options.timeout} ms`), options.timeout);
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on('data', (chunk: Buffer) => {
    size += chunk.length;
    if (size > options.maxBytes) stop(`wrote more than ${options.maxBytes} bytes`);
    else chunks.push(chunk);
  });
  // A child that reads to the end takes the loss of its input for the end of it, and says that all went well.
  child.stdin.on('error', (thrown) => {
    problem ??= `did not take its input: ${reason(thrown)}`;
  });
  child.stdin.end(options.input);
  const ending = await child.ended;
  clearTimeout(timer);
  if (problem && (ending.code === 0 || ending.signal))
    throw new SpecstoryError('unavailable', `${program} ${args[0] ?? ''} ${problem}`);
  return { ...ending, stdout: Buffer.concat(chunks), stderr: child.stderr() };
}

interface StartOptions extends ProcessOptions {
  /** Standard error goes where ours goes, instead of being kept. */
  readonly loud?: boolean;
}

/** Starts a program and leaves its streams to the caller. Throws `unavailable` when it cannot be started. */
export async function start(program: string, args: readonly string[], options: StartOptions): Promise<Child> {
  // A group of its own, so that a kill reaches what the child started as well.
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env,
    stdio: ['pipe', 'pipe', options.loud ? 'inherit' : 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  });
  const { stdin, stdout } = child;
  if (!stdin || !stdout) throw new SpecstoryError('bug', `${program} was started without pipes`);
  const ended = new Promise<Ending>((resolve) => {
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const stderr = child.stderr ? tail(child.stderr, 64 << 10) : () => '';
  if (options.onStderr) child.stderr?.on('data', options.onStderr);
  stdin.on('error', () => {});
  await spawned(child, program, options.cwd);
  let open = true;
  ended.then(() => {
    open = false;
  });
  const relayStderr = (to: Writable): void => {
    to.write(stderr());
    child.stderr?.on('data', (chunk: Buffer) => to.write(chunk));
  };
  return { stdin, stdout, stderr, relayStderr, ended, kill: (signal) => open && killGroup(child, signal) };
}

/** Starts a program that outlives us, in a session of its own and without streams. Throws `unavailable` when it cannot be started. */
export async function detach(program: string, args: readonly string[], options: ProcessOptions): Promise<void> {
  const { cwd, env } = options;
  const child = spawn(program, args, { cwd, env, stdio: 'ignore', detached: true, windowsHide: true });
  await spawned(child, program, cwd);
  child.unref();
}

/**
 * Runs a program in this terminal, with our streams; gives its exit code, 128 + the signal's number when a signal ended it. Signals of the
 * terminal reach the program by themselves, and SIGTERM is passed on; ours wait for it. Throws `unavailable` when it cannot be started.
 */
export async function attach(program: string, args: readonly string[], options: ProcessOptions): Promise<number> {
  const child = spawn(program, args, { cwd: options.cwd, env: options.env, stdio: 'inherit' });
  const ended = new Promise<number>((resolve) => {
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal ? constants.signals[signal] : 0)));
  });
  const leave = (signal: NodeJS.Signals): void => void (signal === 'SIGTERM' && child.kill(signal));
  const signals = ['SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, leave);
  try {
    await spawned(child, program, options.cwd);
    return await ended;
  } finally {
    for (const signal of signals) process.off(signal, leave);
  }
}

function spawned(child: ChildProcess, program: string, cwd: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', (cause) => reject(notStarted(program, cwd, cause)));
  });
}

function notStarted(program: string, cwd: string, cause: Error): SpecstoryError {
  // Node says ENOENT for a missing folder as well as for a missing program.
  if (!existsSync(cwd)) return new SpecstoryError('not-found', `no folder at ${cwd}`, { cause });
  const missing = 'code' in cause && cause.code === 'ENOENT';
  const hint = missing ? `install ${program}, or check that PATH names its folder` : `check that ${program} can be run`;
  return new SpecstoryError('unavailable', `cannot start ${program}: ${reason(cause)}`, { hint, cause });
}

function tail(stream: Readable, limit: number): () => string {
  let kept = Buffer.alloc(0);
  stream.on('data', (chunk: Buffer) => {
    kept = Buffer.concat([kept, chunk]).subarray(-limit);
  });
  return () => kept.toString('utf8');
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): void {
  try {
    if (process.platform === 'win32' || child.pid === undefined) child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch {
    // It ended by itself in the meantime.
  }
  if (signal !== 'SIGKILL') return;
  // A grandchild that left the group may hold these open, and `ended` would wait for it.
  child.stdout?.destroy();
  child.stderr?.destroy();
}
