// One push and its ingest in a process of its own: `push-once <data> <file with the body of the push>`. It mends what a crash left, pushes to
// itself, and prints the report.
import { readFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { openGitSide } from '../../src/server/git-side.ts';
import { LocalRepositories } from '../../src/server/repositories/local-repositories.ts';
import { openSqliteIndexStore } from '../../src/server/store/sqlite/index-store.ts';
import { MemoryAccess } from './memory-access.ts';
import { rawPush } from './raw-push.ts';

async function main([data = '', body = '']: readonly string[]): Promise<void> {
  const store = openSqliteIndexStore(path.join(data, 'index.sqlite'));
  const onProblem = (thrown: unknown) => process.stdout.write(`problem ${thrown}\n`);
  const side = openGitSide({ repositories: new LocalRepositories(data), access: new MemoryAccess(), store, onProblem });
  await side.recover();
  const server = serve({ fetch: new Hono().route('/git', side.routes).fetch, port: 0, hostname: '127.0.0.1' });
  await new Promise<void>((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/git/project`;
  const { report } = await rawPush(url, 'ann', readFileSync(body));
  process.stdout.write(`${report.join('\n')}\n`);
  process.exit(0);
}

main(process.argv.slice(2));
