import { chmodSync, cpSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { type Http2Bindings, type HttpBindings, serve } from '@hono/node-server';
import { Hono } from 'hono';
import { sessionId } from '../../../src/core/ids.ts';
import { openGitSide } from '../../../src/server/git-side.ts';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import { shardedPath } from '../../../src/server/repositories/sharded-path.ts';
import { openSqliteIndexStore } from '../../../src/server/store/sqlite/index-store.ts';
import { git } from '../../git/repositories.ts';
import { keyOf, MemoryAccess } from '../../server/memory-access.ts';
import type { Cut } from './operations.ts';

/** An exchange that a host has of a writer. */
export interface Hosted {
  readonly writer: string;
  readonly session: string;
  readonly exchange: string;
  /** Object id of its file. */
  readonly oid: string;
}

interface Index {
  readonly listed: readonly string[];
  readonly exchanges: readonly Hosted[];
}

/** Where the clones of one run meet. */
export interface Host {
  readonly url: string;
  /** Whether it has branches: `sync` asks for some before it sends anything to a host that is not ours. */
  readonly hasBranches: boolean;
  /** Lets pushes break off until further notice. */
  cut(how: Cut | undefined): void;
  gc(): Promise<void>;
  /** The bare repository behind it. */
  readonly folder: string;
  /** What it lists of sessions that are not deleted, when it keeps an index: by session, writer and ordinal. */
  index(sessions: readonly string[]): Promise<Index | undefined>;
}

/** A bare repository, as any host of git repositories has it. A hook is its fault. */
export function plainHost(folder: string, template: string): Host {
  const place = path.join(folder, 'host.git');
  cpSync(template, place, { recursive: true });
  const hooks = { before: path.join(place, 'hooks', 'pre-receive'), after: path.join(place, 'hooks', 'post-receive') };
  return {
    url: place,
    hasBranches: true,
    folder: place,
    cut: (how) => {
      for (const hook of Object.values(hooks)) rmSync(hook, { force: true });
      if (how) writeFileSync(hooks[how], '#!/bin/sh\nkill -9 $PPID\n');
      if (how) chmodSync(hooks[how], 0o755);
    },
    gc: async () => void git(place, 'gc', '--quiet', '--prune=now'),
    index: async () => undefined,
  };
}

export interface Server {
  /** A new project on it. */
  host(): Host;
  close(): Promise<void>;
}

/** The real server in this process: repositories, pushes, fetches, and the index in SQLite. Every run has a project of its own; `bare` stands for one that nobody pushed to. */
export async function openServer(data: string, bare: string): Promise<Server> {
  const store = openSqliteIndexStore(path.join(data, 'index.sqlite'));
  const problems: unknown[] = [];
  const onProblem = (thrown: unknown): void => void problems.push(thrown);
  const access = new MemoryAccess();
  const side = openGitSide({ repositories: new LocalRepositories(data), access, store, onProblem });
  const app = new Hono().route('/git', side.routes);
  let cut: Cut | undefined;
  /** The connection is lost before the push is looked at, or when all is done and nothing was said. */
  const answer = async (request: Request, bindings: HttpBindings | Http2Bindings): Promise<Response> => {
    if (!cut || request.method !== 'POST' || !request.url.endsWith('/git-receive-pack'))
      return app.fetch(request, bindings);
    if (cut === 'after') await (await app.fetch(request, bindings)).arrayBuffer();
    bindings.incoming.socket.destroy();
    return new Response();
  };
  const listener = serve({ fetch: answer, port: 0, hostname: '127.0.0.1', serverOptions: { requestTimeout: 0 } });
  await new Promise<void>((resolve) => listener.once('listening', resolve));
  const { port } = listener.address() as AddressInfo;
  let projects = 0;
  const host = (): Host => {
    const project = `p${++projects}`;
    const key = keyOf('ann', project);
    access.share('ann', project, 'ann', 'owner');
    return {
      url: `http://127.0.0.1:${port}/git/${project}`,
      hasBranches: false,
      get folder() {
        const place = path.join(data, 'repositories', shardedPath(key));
        return existsSync(place) ? place : bare;
      },
      cut: (how) => {
        cut = how;
      },
      gc: async () => undefined,
      index: async (sessions) => {
        if (problems.length > 0) throw new AggregateError(problems, 'the server had problems');
        const rows = await Promise.all(sessions.map((session) => store.exchanges(key, sessionId(session))));
        const exchanges = rows.flatMap((found, at) =>
          found.map(({ writer, exchange, oid }) => ({ writer, session: sessions[at] ?? '', exchange, oid })),
        );
        return { listed: (await store.sessions(key)).map(({ session }) => session), exchanges };
      },
    };
  };
  const close = async (): Promise<void> => {
    if ('closeAllConnections' in listener) listener.closeAllConnections();
    await new Promise<void>((resolve) => listener.close(() => resolve()));
    await store.close();
  };
  return { host, close };
}
