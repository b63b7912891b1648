// A server with nothing but the git side, as a program of its own: `driver <data> [database]`. It says where it listens, takes in what a crash left,
// and says so.
import type { AddressInfo } from 'node:net';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { openGitSide } from '../../src/server/git-side.ts';
import { openStores } from '../../src/server/store/open.ts';
import { MemoryAccess } from './memory-access.ts';

async function main([data = '', url]: readonly string[]): Promise<void> {
  const { index: store, repositories } = await openStores({ data, url });
  const onProblem = (thrown: unknown) => process.stderr.write(`${thrown instanceof Error ? thrown.stack : thrown}\n`);
  const side = openGitSide({ repositories, access: new MemoryAccess(), store, onProblem });
  const app = new Hono().route('/git', side.routes);
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1', serverOptions: { requestTimeout: 0 } });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  process.stdout.write(`http://127.0.0.1:${(server.address() as AddressInfo).port}/git\n`);
  await side.recover();
  process.stdout.write('recovered\n');
}

main(process.argv.slice(2));
