import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { onTestFinished } from 'vitest';

export interface Serving {
  /** The address it printed, without a slash at the end. */
  readonly url: string;
  /** The key of the set-up link, when it printed one. */
  readonly key: string | undefined;
  readonly process: ChildProcess;
  /** What was written so far. */
  out(): string;
  err(): string;
  /** Sends a signal; gives the exit code. */
  end(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts the built `specstory serve` on a free port and waits until it listens; with `most`, no file may become larger than so many KiB. It ends with the test. */
export async function serving(
  data: string,
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
  most?: number,
): Promise<Serving> {
  const program = resolve('dist/specstory.cjs');
  const limit = most === undefined ? '' : `ulimit -f ${most}; `;
  const words = [process.execPath, program, 'serve', '--data', data, '--listen', '127.0.0.1:0', ...args];
  const child = spawn('/bin/bash', ['-c', `${limit}exec "$0" "$@"`, ...words], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [out, err] = ['', ''];
  const ended = new Promise<number | null>((done) => child.once('close', done));
  onTestFinished(async () => {
    child.kill('SIGKILL');
    await ended;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
  });
  await new Promise<void>((ready, fail) => {
    child.stdout.on('data', (chunk) => {
      out += chunk;
      // The link to set it up follows within the same moment; `ready` is asked for by the first request.
      if (/^listening on .*\n/.test(out)) setTimeout(ready, 50);
    });
    ended.then((code) => fail(new Error(`ended with ${code}: ${err}`)));
  });
  return {
    url: /listening on (.*)\/\n/.exec(out)?.[1] ?? '',
    key: /key=([\w-]+)/.exec(out)?.[1],
    process: child,
    out: () => out,
    err: () => err,
    end: (signal = 'SIGTERM') => {
      child.kill(signal);
      return ended;
    },
  };
}
