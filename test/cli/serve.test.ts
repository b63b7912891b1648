import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { openStoreDatabase } from '../../src/platform/sqlite-store.ts';
import { temporaryFolder } from '../git/repositories.ts';
import { specstory } from '../hosts/program.ts';
import { type Scratch, scratch } from '../hosts/scratch.ts';
import { type Serving, serving } from '../hosts/serving.ts';

const newData = () => join(temporaryFolder(), 'data');
const serve = (world: Scratch, data: string, ...args: string[]) =>
  specstory(world, ['serve', '--data', data, '--listen', '127.0.0.1:0', ...args]);

async function setUp({ url, key }: Serving): Promise<Response> {
  return fetch(`${url}/setup`, {
    method: 'POST',
    redirect: 'manual',
    headers: { Origin: new URL(url).origin, 'Content-Type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams({ setup: key ?? '', name: 'root', password: 'a long password' }),
  });
}

describe('specstory serve', () => {
  it('begins with nothing, prints one address and one link, and ends in order', async () => {
    const data = newData();
    const first = await serving(data);
    expect(first.out()).toMatch(
      /^listening on http:\/\/127\.0\.0\.1:\d+\/\nmake the first account at http:\S+\/setup\?key=[\w-]{43}\n$/,
    );
    expect(await (await fetch(`${first.url}/readyz`)).json()).toEqual({ ready: true });
    expect((await setUp(first)).status).toBe(303);
    expect(await first.end()).toBe(0);
    const again = await serving(data);
    expect(again.out()).toMatch(/^listening on \S+\n$/);
    expect(await again.end('SIGINT')).toBe(0);
    for (const line of `${first.err()}${again.err()}`.trim().split('\n'))
      expect(JSON.parse(line)).toHaveProperty('time');
    expect(first.err()).not.toContain(first.key ?? '-');
  });

  it('keeps its files to itself', async () => {
    const data = newData();
    const server = await serving(data);
    expect(statSync(data).mode & 0o777).toBe(0o700);
    for (const name of readdirSync(data).filter((entry) => entry !== 'lock'))
      expect(statSync(join(data, name)).mode & 0o077, name).toBe(0);
    await server.end();
  });

  it('lets requests that go on come to their end, and takes no new ones', async () => {
    const server = await serving(newData(), [], { SPECSTORY_DRAIN_SECONDS: '20' });
    const { hostname, port } = new URL(server.url);
    const body = JSON.stringify({ client: 'slow' });
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk;
    });
    const closed = new Promise((done) => socket.on('close', done));
    socket.write(
      `POST /api/v2/device/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`,
    );
    await fetch(`${server.url}/healthz`);
    const ended = server.end();
    while (!server.err().includes('draining')) await pause(10);
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    socket.write(body);
    expect(await ended).toBe(0);
    await closed;
    expect(received).toMatch(/^HTTP\/1\.1 200/);
    expect(received).toContain('device_code');
  });

  it('waits no longer than it was told for one that does not end', async () => {
    const server = await serving(newData(), [], { SPECSTORY_DRAIN_SECONDS: '0.2' });
    const { hostname, port } = new URL(server.url);
    const socket = connect(Number(port), hostname).on('error', () => {});
    socket.write(
      'POST /api/v2/device/code HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n',
    );
    await fetch(`${server.url}/healthz`);
    expect(await server.end()).toBe(0);
    socket.destroy();
  });

  it('has its data directory for itself, until it is gone, however it went', async () => {
    const world = scratch();
    const data = newData();
    const first = await serving(data);
    expect(serve(world, data)).toMatchObject({ code: 1, err: expect.stringMatching(/process \d+ \(specstory serve/) });
    await first.end('SIGKILL');
    const second = await serving(data);
    expect(second.key).toBeDefined();
    await second.end();
  });

  it('migrates an empty and an old database, and refuses a newer one with both versions (B77)', async () => {
    const world = scratch();
    const data = newData();
    await (await serving(data)).end();
    const file = join(data, 'accounts.sqlite');
    const change = (sql: string) => {
      const database = openStoreDatabase(file);
      database.run(sql);
      database.close();
    };
    change('DROP TABLE writers');
    change('DROP TABLE members');
    change('DROP TABLE projects');
    change('UPDATE schema_parts SET version = 2');
    const old = await serving(data);
    expect((await setUp(old)).status).toBe(303);
    await old.end();
    change('UPDATE schema_parts SET version = 99');
    expect(serve(world, data)).toMatchObject({ code: 1, err: expect.stringMatching(/version 99 .* knows \d/) });
    change('UPDATE schema_parts SET version = 4');
    writeFileSync(join(data, 'version'), '7\n');
    expect(serve(world, data)).toMatchObject({ code: 1, err: expect.stringMatching(/layout 7.*knows 1/) });
    writeFileSync(join(data, 'version'), '1\n');
    expect((await serving(data)).out()).toMatch(/^listening/);
  });

  it('takes no folder that holds other things, and leaves it alone', () => {
    const world = scratch();
    const mode = statSync(world.repository).mode;
    expect(serve(world, world.repository)).toMatchObject({
      code: 2,
      err: expect.stringContaining('holds other things'),
    });
    expect(existsSync(join(world.repository, 'version'))).toBe(false);
    expect(statSync(world.repository).mode).toBe(mode);
  });

  it('says what it cannot do: a database that is not there or none, a port that is taken, a setting that is wrong', async () => {
    const world = scratch();
    const gone = serve(world, newData(), '--database-url', 'postgres://user:hunter2@127.0.0.1:1/x');
    expect(gone).toMatchObject({ code: 1, err: expect.stringContaining('PostgreSQL does not answer') });
    const other = serve(world, newData(), '--database-url', 'mysql://user:hunter2@db/x');
    expect(other).toMatchObject({ code: 2, err: expect.stringContaining('postgres://') });
    expect(gone.err + gone.out + other.err + other.out).not.toContain('hunter2');
    const { url } = await serving(newData());
    const taken = specstory(world, ['serve', '--data', newData(), '--listen', new URL(url).host]);
    expect(taken).toMatchObject({ code: 1, err: expect.stringContaining('another program has this port') });
    expect(serve(world, newData(), '--base-path', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--base-path'),
    });
  });

  it('answers below a base path, and prints it', async () => {
    const server = await serving(newData(), ['--base-path', '/history']);
    expect(server.url).toMatch(/\/history$/);
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    expect((await setUp(server)).headers.get('Location')).toBe('/history/');
  });

  it('shows its settings and where they come from, without secrets', () => {
    const world = scratch();
    const data = newData();
    const env = { SPECSTORY_DATABASE_URL: 'postgres://user:hunter2@db/x' };
    const json = specstory(world, ['serve', '--settings', '--json', '--data', data, '--listen', ':1'], { env });
    expect(JSON.parse(json.out)).toMatchObject({
      data,
      settings: expect.arrayContaining([
        { name: 'listen', value: ':1', from: '--listen', meaning: expect.any(String) },
        {
          name: 'database_url',
          value: 'postgres://…@db/x',
          from: 'SPECSTORY_DATABASE_URL',
          meaning: expect.any(String),
        },
      ]),
    });
    expect(specstory(world, ['serve', '--settings', '--data', data], { env }).out).not.toContain('hunter2');
    expect(existsSync(data)).toBe(false);
  });

  it('counts for Prometheus without names', async () => {
    const server = await serving(newData());
    await setUp(server);
    await fetch(`${server.url}/api/v2/projects/secret-name/status`);
    const text = await (await fetch(`${server.url}/metrics`)).text();
    expect(text).toMatch(
      /specstory_http_request_duration_seconds_count\{method="GET",route="\/api\/v2\/projects\/:project\/status",status="401"\} 1/,
    );
    expect(text).not.toMatch(/secret-name|root/);
  });

  it('is in a file of its own, which no other command reads', () => {
    const world = scratch();
    const main = readFileSync('dist/specstory.cjs', 'utf8');
    expect(main).not.toContain('specstory_http_request_duration_seconds');
    const trace = `require('node:module').prototype.load = ((load) => function (name) { if (/specstory-server/.test(name)) throw new Error('loaded'); return load.call(this, name); })(require('node:module').prototype.load);`;
    const file = world.plant('trace.cjs', trace);
    const env = { NODE_OPTIONS: `--require ${file}` };
    for (const args of [['-V'], ['serve', '-h'], ['cloud', 'user', '-h']])
      expect(specstory(world, args, { env }), args.join(' ')).toMatchObject({ code: 0 });
    expect(specstory(world, ['serve', '--settings'], { env })).toMatchObject({
      code: 1,
      err: expect.stringContaining('loaded'),
    });
  });
});
