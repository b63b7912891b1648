import { execFileSync } from 'node:child_process';
import { join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { git, temporaryFolder } from '../../git/repositories.ts';
import type { Answer } from '../../hosts/server.ts';
import { serving } from '../../hosts/serving.ts';
import { freshDatabase, postgres } from '../store/fresh-database.ts';
import { bodyOf, type CommandLine, commandLine, project, uuid } from './command-line.ts';

const program = resolve('dist/specstory.cjs');

function cloud(data: string, args: readonly string[], input = '', env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(process.execPath, [program, 'cloud', ...args, '--data', data], {
    input,
    encoding: 'utf8',
    env: { PATH: process.env.PATH, ...env },
  }).trim();
}

/** A token of a new account. */
function tokenOn(data: string, env?: NodeJS.ProcessEnv): string {
  cloud(data, ['user', 'add', 'ada', '--admin', '--password', '-'], 'a long password\n', env);
  const scopes = ['capture:write', 'sessions:read', 'share:write'].flatMap((scope) => ['--scope', scope]);
  return cloud(data, ['token', 'add', '--user', 'ada', '--name', 'test', ...scopes], '', env);
}

function clientOf(url: string, token: string): CommandLine {
  const send = async (
    method: string,
    path: string,
    { headers = {}, body }: { headers?: object; body?: unknown } = {},
  ) => {
    const response = await fetch(`${url}${path}`, {
      method,
      headers: { Authorization: `Bearer ${token}`, ...headers },
      ...(body === undefined ? {} : { body: body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body) }),
    });
    const text = await response.text();
    const json = text.startsWith('{') ? JSON.parse(text) : undefined;
    return { status: response.status, headers: response.headers, text, json } satisfies Answer;
  };
  return commandLine({ send }, token);
}

const markdown = { Accept: 'text/markdown' };
const path = (session: string): string => `/projects/${project}/sessions/${session}`;

describe('the built server', () => {
  it('has every session that it answered for, whenever it is killed, and gives it by git as well', async () => {
    const data = join(temporaryFolder(), 'data');
    let server = await serving(data);
    const token = tokenOn(data);
    const answered = new Set<string>();
    for (let cycle = 0; cycle < 3; cycle++) {
      const client = clientOf(server.url, token);
      let next = cycle * 60;
      const send = async (): Promise<void> => {
        for (let n = next++; n < cycle * 60 + 60; n = next++) {
          const put = await client.put(uuid(n), bodyOf(uuid(n), [`number ${n}`])).catch(() => undefined);
          if (put?.status === 201) answered.add(uuid(n));
        }
      };
      const work = Promise.all(Array.from({ length: 10 }, send));
      // In the middle of it, whatever the machine's speed.
      await expect.poll(() => answered.size, { timeout: 30_000, interval: 5 }).toBeGreaterThan(10 + 20 * cycle);
      await pause(17 * cycle);
      await server.end('SIGKILL');
      await work;
      server = await serving(data);
    }
    const client = clientOf(server.url, token);
    await expect
      .poll(async () => Object.keys((await client.get(`/projects/${project}/sessions/sizes`)).json.data.sessions))
      .toEqual(expect.arrayContaining([...answered]));
    expect(answered.size).toBeLessThan(180);
    for (const id of answered) {
      const { text } = await client.get(path(id), markdown);
      expect(text).toBe(bodyOf(id, [`number ${Number(id.slice(-12))}`]).markdown);
    }
    const again = await client.put(uuid(1), bodyOf(uuid(1), ['number 1']));
    expect([200, 201]).toContain(again.status);
    const clone = temporaryFolder();
    git(clone, 'init', '-q');
    const header = `http.extraHeader=Authorization: Bearer ${token}`;
    git(clone, '-c', header, 'fetch', '-q', `${server.url}/git/${project}`, '+refs/specstory/writers/*:refs/x/*');
    const [ref = ''] = git(clone, 'for-each-ref', '--format=%(refname)', 'refs/x/*/history').split('\n');
    const names = git(clone, 'ls-tree', '-r', '--name-only', ref);
    for (const id of answered) expect(names).toContain(id);
    git(clone, 'fsck', '--strict');
  });

  it.runIf(postgres)('two of them on one database take in and give what either was sent', async () => {
    const env = { SPECSTORY_DATABASE_URL: await freshDatabase() };
    const [first, second] = [join(temporaryFolder(), 'one'), join(temporaryFolder(), 'two')];
    const servers = [await serving(first, [], env), await serving(second, [], env)];
    const token = tokenOn(first, env);
    const clients = servers.map(({ url }) => clientOf(url, token));
    const client = (n: number): CommandLine => clients[n % 2] ?? clientOf('', '');
    const ids = Array.from({ length: 30 }, (_, n) => uuid(n));
    const puts = await Promise.all(ids.map((id, n) => client(n).put(id, bodyOf(id, [`number ${n}`]))));
    expect(puts.map(({ status, text }) => (status === 201 ? status : text))).toEqual(ids.map(() => 201));
    for (const [n, id] of ids.entries()) {
      const { text } = await client(n + 1).get(path(id), markdown);
      expect(text).toBe(bodyOf(id, [`number ${n}`]).markdown);
    }
    expect((await client(0).send('DELETE', path(uuid(1)))).status).toBe(200);
    for (const one of clients) {
      const { json } = await one.get(`/projects/${project}/sessions`);
      expect(json.data.total).toBe(29);
    }
    expect((await client(1).send('DELETE', `/projects/${project}`)).status).toBe(200);
    for (const one of clients) expect((await one.get(path(uuid(2)))).status).toBe(404);
    expect((await client(0).put(uuid(2), bodyOf(uuid(2)))).status).toBe(201);
    expect((await client(1).get(path(uuid(2)), markdown)).text).toBe(bodyOf(uuid(2)).markdown);
  });
});
