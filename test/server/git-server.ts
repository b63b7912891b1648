import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { pushLimits } from '../../src/server/receive/limits.ts';
import { LocalRepositories } from '../../src/server/repositories/local-repositories.ts';
import type { Repositories } from '../../src/server/repositories/repositories.ts';
import { type GitServices, gitRoutes } from '../../src/server/routes/git.ts';
import { temporaryFolder } from '../git/repositories.ts';
import { MemoryAccess } from './memory-access.ts';

export interface GitServer {
  readonly url: string;
  readonly data: string;
  readonly access: MemoryAccess;
  readonly repositories: Repositories;
  /** What the server thought was its own fault. */
  readonly problems: unknown[];
  close(): Promise<void>;
}

/** A server on this machine with nothing but the git side; it goes with the test. */
export async function gitServer(options: Partial<GitServices> & { data?: string } = {}): Promise<GitServer> {
  const made = await startGitServer(options);
  onTestFinished(made.close);
  return made;
}

async function startGitServer({
  data = temporaryFolder(),
  ...options
}: Partial<GitServices> & { data?: string } = {}): Promise<GitServer> {
  const access = new MemoryAccess();
  const repositories = new LocalRepositories(data);
  const problems: unknown[] = [];
  const services: GitServices = {
    access,
    repositories,
    limits: pushLimits,
    landed: async () => {},
    onProblem: (thrown) => problems.push(thrown),
    fetchLimits: { idle: 20_000, wall: 120_000 },
    most: { fetches: 8, pushes: 4, patience: 15_000 },
    ...options,
  };
  const app = new Hono().route('/git', gitRoutes(services));
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: { requestTimeout: 0 } });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      if ('closeAllConnections' in server) server.closeAllConnections();
      server.close(() => resolve());
    });
  return { url: `http://127.0.0.1:${port}/git`, data, access, repositories, problems, close };
}
