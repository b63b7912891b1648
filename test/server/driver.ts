// A server with nothing but the git side, as a program of its own: `driver <data>`. It says where it listens, takes in what a crash left, and says so.
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { openGitSide } from '../../src/server/git-side.ts';
import { openSqliteIndexStore } from '../../src/server/store/sqlite/index-store.ts';
import { MemoryAccess } from './memory-access.ts';

async function main([data = '']: readonly string[]): Promise<void> {
  const store = openSqliteIndexStore(path.join(data, 'index.sqlite'));
  const onProblem = (thrown: unknown) => process.stderr.write(`${thrown instanceof Error ? thrown.stack : thrown}\n`);
  const side = openGitSide({ data, access: new MemoryAccess(), store, onProblem });
  const app = new Hono().route('/git', side.routes);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: { requestTimeout: 0 } });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/git\n`);
  await side.recover();
  process.stdout.write('recovered\n');
}

main(process.argv.slice(2));
