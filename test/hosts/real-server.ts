import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { temporaryFolder } from '../git/repositories.ts';
import { type FaultProxy, faultProxy } from './fault-proxy.ts';
import { type Serving, serving } from './serving.ts';

/** The built server on data of its own, behind a proxy whose address stays when the server is started anew. */
export interface RealServer {
  readonly data: string;
  /** The address that clients know. */
  readonly url: string;
  readonly proxy: FaultProxy;
  /** The server as it runs now. */
  now(): Serving;
  kill(): Promise<void>;
  /** Starts it again; it takes in what a crash left behind the first answers. */
  start(env?: NodeJS.ProcessEnv): Promise<void>;
  /** Administers its data by the command line. */
  cloud(args: readonly string[], input?: string): string;
  /** A personal token of an account. */
  token(account: string, ...scopes: string[]): string;
}

const program = join(process.cwd(), 'dist', 'specstory.cjs');

/** A server with the account `ada`, who manages it. It goes with the test. */
export async function realServer(env: NodeJS.ProcessEnv = {}): Promise<RealServer> {
  const data = join(temporaryFolder(), 'data');
  let running = await serving(data, [], env);
  const proxy = await faultProxy(portOf(running));
  onTestFinished(() => proxy.close());
  const cloud = (args: readonly string[], input = ''): string =>
    execFileSync(process.execPath, [program, 'cloud', ...args, '--data', data], {
      input,
      encoding: 'utf8',
      env: { PATH: process.env.PATH },
    });
  cloud(['user', 'add', 'ada', '--admin', '--password', '-'], 'a long password\n');
  return {
    data,
    url: `http://127.0.0.1:${proxy.port}`,
    proxy,
    now: () => running,
    kill: async () => void (await running.end('SIGKILL')),
    start: async (more = env) => {
      running = await serving(data, [], more);
      proxy.target = portOf(running);
    },
    cloud,
    token: (account, ...scopes) => {
      const given = scopes.flatMap((scope) => ['--scope', scope]);
      return cloud(['token', 'add', '--user', account, '--name', 'test', ...given]).trim();
    },
  };
}

const portOf = ({ url }: Serving): number => Number(new URL(url).port);
