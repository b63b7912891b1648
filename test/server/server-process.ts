import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { onTestFinished } from 'vitest';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  readonly pid: number;
  /** Settles when what a crash left was mended and taken in. */
  readonly recovered: Promise<void>;
  /** What it wrote on standard error. */
  errors(): string;
  kill(): Promise<void>;
}

/** Starts the bundled driver on a data folder, and a database unless that is in it. */
export async function startServer(program: string, data: string, database?: string): Promise<ServerProcess> {
  const child: ChildProcess = spawn(process.execPath, [program, data, ...(database === undefined ? [] : [database])], {
    // The driver lies elsewhere, and the SQLite driver is native.
    env: { ...process.env, NODE_PATH: resolve('node_modules') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const closed = once(child, 'close');
    child.kill('SIGKILL');
    await closed;
  };
  onTestFinished(kill);
  if (!child.stdout) throw new Error('no output');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const { value: url } = await lines.next();
  if (typeof url !== 'string') throw new Error(`the server did not start: ${errors}`);
  const recovered = lines.next().then(() => {});
  return { url, pid: child.pid ?? 0, recovered, errors: () => errors, kill };
}
