import { SpecstoryError } from '../core/errors.ts';
import type { Child } from '../platform/process.ts';
import { gitError } from './errors.ts';
import type { Limits } from './limits.ts';
import { type OpenPlace, startGit } from './run.ts';

interface RecordOptions {
  readonly separator: '\n' | '\0';
  /** Written to git's standard input, piece by piece. */
  readonly input?: Iterable<string>;
  readonly limits?: Limits;
  /** Milliseconds for all of it; 600,000 unless told. */
  readonly timeout?: number;
}

/**
 * The records of git's output as they come, without the separator. git waits while the caller is busy, and is ended when the caller
 * leaves. Throws what `gitError` makes of a failure, and `unavailable` for one that takes too long.
 */
export async function* gitRecords(
  args: readonly string[],
  place: OpenPlace,
  options: RecordOptions,
): AsyncGenerator<string> {
  const { separator, input = [], limits, timeout = 600_000 } = options;
  const child = await startGit(args, limits ? { ...place, limits } : place);
  let isLate = false;
  const timer = setTimeout(() => {
    isLate = true;
    child.kill();
  }, timeout);
  try {
    void feed(child, input);
    yield* split(child, separator);
    const ending = await child.ended;
    if (isLate) throw new SpecstoryError('unavailable', `git ${args[0]} did not end within ${timeout} ms`);
    if (ending.code !== 0) throw gitError(args, place.cwd, { ...ending, stderr: child.stderr() });
  } finally {
    clearTimeout(timer);
    child.kill();
  }
}

async function* split({ stdout }: Child, separator: string): AsyncGenerator<string> {
  let rest = '';
  stdout.setEncoding('utf8');
  try {
    for await (const chunk of stdout) {
      const records = (rest + chunk).split(separator);
      rest = records.pop() ?? '';
      yield* records;
    }
  } catch (thrown) {
    // A git that was killed leaves its output torn off; how it ended says more.
    if (!stdout.destroyed) throw thrown;
  }
  if (rest !== '') yield rest;
}

const enough = 64 << 10;

async function feed(child: Child, input: Iterable<string>): Promise<void> {
  let pending = '';
  for (const piece of input) {
    pending += piece;
    if (pending.length < enough) continue;
    if (!(await taken(child, pending))) return;
    pending = '';
  }
  if (!child.stdin.destroyed) child.stdin.end(pending);
}

/** Writes and waits until git has room for more; false when git is gone. */
export async function taken({ stdin, ended }: Child, bytes: string | Uint8Array): Promise<boolean> {
  if (stdin.destroyed || stdin.writableEnded) return false;
  if (stdin.write(bytes)) return true;
  let resume = (): void => {};
  const drained = new Promise<void>((resolve) => {
    resume = resolve;
    stdin.once('drain', resume).once('close', resume);
  });
  await Promise.race([drained, ended]);
  stdin.off('drain', resume).off('close', resume);
  return !stdin.destroyed;
}
