import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { onTestFinished } from 'vitest';
import { type GitSide, type GitSideOptions, openGitSide } from '../../src/server/git-side.ts';
import { LocalRepositories } from '../../src/server/repositories/local-repositories.ts';
import type { IndexStore } from '../../src/server/store/index-store.ts';
import { openSqliteIndexStore } from '../../src/server/store/sqlite/index-store.ts';
import { temporaryFolder } from '../git/repositories.ts';
import { keyOf, MemoryAccess } from './memory-access.ts';

export interface FullServer extends GitSide {
  /** Address of ann's project. */
  readonly url: string;
  readonly data: string;
  readonly key: string;
  readonly access: MemoryAccess;
  readonly store: IndexStore;
  readonly problems: unknown[];
}

/** A server on this machine that takes pushes and ingests them; it goes with the test. */
export async function fullServer(options: Partial<GitSideOptions> & { data?: string } = {}): Promise<FullServer> {
  const data = options.data ?? temporaryFolder();
  const access = new MemoryAccess();
  const store = options.store ?? openSqliteIndexStore(path.join(data, 'index.sqlite'));
  const problems: unknown[] = [];
  const repositories = options.repositories ?? new LocalRepositories(data);
  const side = openGitSide({ access, onProblem: (thrown) => problems.push(thrown), ...options, store, repositories });
  const app = new Hono().route('/git', side.routes);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: { requestTimeout: 0 } });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  onTestFinished(async () => {
    if ('closeAllConnections' in server) server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
    await store.close();
  });
  const { port } = server.address() as AddressInfo;
  return {
    ...side,
    url: `http://127.0.0.1:${port}/git/project`,
    data,
    key: keyOf('ann', 'project'),
    access,
    store,
    problems,
  };
}
