import { readdirSync } from 'node:fs';
import { connect } from 'node:net';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { Clone } from '../clone.ts';
import { type GitServer, gitServer } from '../git-server.ts';
import { packOf, pushBody, rawPush, zero } from '../raw-push.ts';
import { refsOf } from '../server-state.ts';

const session = { 'sessions/aa/s/session.md': 'one' };
const types = { push: 'application/x-git-receive-pack-request', fetch: 'application/x-git-upload-pack-request' };

/** A server with one push on it. */
async function pushed(): Promise<{ server: GitServer; clone: Clone; url: string; tip: string }> {
  const server = await gitServer();
  const clone = new Clone();
  const tip = clone.commit(session);
  const url = `${server.url}/project`;
  expect((await clone.push(url, 'ann', [`${tip}:${clone.ref()}`])).code).toBe(0);
  return { server, clone, url, tip };
}

const ask = (url: string, token: string | undefined, init: RequestInit = {}) =>
  fetch(url, { ...init, headers: { ...(token ? { Authorization: `Bearer ${token}` } : {}), ...init.headers } });

describe('who may do what', () => {
  it('asks for a token, takes it as a password as well, and names what it lacks', async () => {
    const { server, url } = await pushed();
    const info = `${url}/info/refs?service=git-upload-pack`;
    const none = await ask(info, undefined);
    expect([none.status, none.headers.get('WWW-Authenticate')]).toEqual([401, 'Basic realm="specstory"']);
    const basic = `Basic ${Buffer.from('x:ann').toString('base64')}`;
    expect((await ask(info, undefined, { headers: { Authorization: basic } })).status).toBe(200);
    expect((await ask(info, 'ann.capture:write')).status).toBe(403);
    const push = `${url}/info/refs?service=git-receive-pack`;
    const lacks = await ask(push, 'ann.sessions:read');
    expect([lacks.status, await lacks.text()]).toEqual([403, 'this token lacks the scope capture:write\n']);
    server.access.share('ann', 'project', 'rob', 'reader');
    expect((await ask(info, 'rob')).status).toBe(200);
    expect((await ask(push, 'rob')).status).toBe(403);
    expect((await ask(`${url}/info/refs`, 'ann')).status).toBe(403);
  });

  it('B47: answers for a project of others as for none at all', async () => {
    const { server, url } = await pushed();
    const seen = async (at: string) => {
      const answer = await ask(`${at}/info/refs?service=git-upload-pack`, 'eve');
      const headers = [...answer.headers].filter(([name]) => name !== 'date');
      return JSON.stringify([answer.status, headers, await answer.text()]);
    };
    expect(await seen(url)).toContain('404');
    expect(await seen(url)).toBe(await seen(`${server.url}/nothing-here`));
    expect(await seen(`${server.url}/..%2F..%2Fetc`)).toBe(await seen(url));
  });

  it('B09: halts a client of another protocol, and names its own', async () => {
    const { url } = await pushed();
    const info = `${url}/info/refs?service=git-upload-pack`;
    const newer = await ask(info, 'ann', { headers: { 'Specstory-Protocol': '2' } });
    expect([newer.status, newer.headers.get('Specstory-Protocol')]).toEqual([412, '1']);
    expect((await ask(info, 'ann', { headers: { 'Specstory-Protocol': '1' } })).headers.get('Specstory-Protocol')).toBe(
      '1',
    );
  });

  it('shows a fetch nothing but the refs of writers, and an empty project before the first push', async () => {
    const { server, url, clone, tip } = await pushed();
    const { gitDir } = await server.repositories.open(
      (await server.access.project(await eve('ann', server), 'project'))?.key ?? '',
    );
    clone.git('push', '--quiet', gitDir, `${tip}:refs/heads/secret`);
    expect((await clone.run(['ls-remote', url], 'ann')).out).toBe(`${tip}\t${clone.ref()}\n`);
    expect((await clone.run(['ls-remote', url], 'ann', ['protocol.version=0'])).out).toBe(`${tip}\t${clone.ref()}\n`);
    await server.access.project(await eve('ann', server), 'fresh', { create: true });
    expect(await clone.run(['ls-remote', `${server.url}/fresh`], 'ann')).toEqual({ code: 0, out: '' });
  });

  it('asks to come again when it is busy', async () => {
    const server = await gitServer({ most: { fetches: 1, pushes: 0, patience: 1 } });
    const answer = await ask(`${server.url}/project/git-receive-pack`, 'ann', {
      method: 'POST',
      body: '0000',
      headers: { 'Content-Type': types.push },
    });
    expect([answer.status, answer.headers.get('Retry-After')]).toEqual([429, '5']);
  });
});

async function eve(name: string, { access }: GitServer) {
  const actor = await access.authenticate(`Bearer ${name}`);
  if (!actor) throw new Error('no such account');
  return actor;
}

describe('a body', () => {
  it('that is the probe of a large push is answered with nothing', async () => {
    const { url } = await pushed();
    const answer = await ask(`${url}/git-receive-pack`, 'ann', {
      method: 'POST',
      body: '0000',
      headers: { 'Content-Type': types.push },
    });
    expect([answer.status, await answer.text()]).toEqual([200, '']);
    expect(answer.headers.get('Content-Type')).toBe('application/x-git-receive-pack-result');
  });

  it('B44 B17: may be gzip, and nothing else that claims to be', async () => {
    const server = await gitServer();
    const url = `${server.url}/project`;
    const clone = new Clone();
    const tip = clone.commit(session);
    const body = pushBody([`${zero} ${tip} ${clone.ref()}`], packOf(clone, [tip]));
    const zipped = gzipSync(body);
    expect(gunzipSync(zipped).equals(body)).toBe(true);
    const send = async (bytes: Uint8Array, encoding: string) =>
      (await rawPush(url, 'ann', bytes, { 'Content-Encoding': encoding })).status;
    const badSum = Buffer.from(zipped);
    badSum.writeUInt32LE(1, badSum.length - 8);
    const before = process.memoryUsage().rss;
    expect(await send(gzipSync(Buffer.concat([body, Buffer.alloc(256 << 20)])), 'gzip')).toBe(413);
    expect(process.memoryUsage().rss - before).toBeLessThan(1000 << 20);
    expect(await send(body, 'br')).toBe(415);
    expect(await send(gzipSync(zipped), 'gzip, gzip')).toBe(415);
    expect(await send(body, 'gzip')).toBe(400);
    expect(await send(badSum, 'gzip')).toBe(400);
    expect(await send(Buffer.concat([zipped, Buffer.from('more')]), 'gzip')).toBe(400);
    expect(await send(zipped.subarray(0, zipped.length - 20), 'gzip')).toBe(400);
    expect(refsOf(server)).toEqual([]);
    expect(await send(zipped, 'gzip')).toBe(200);
    expect(refsOf(server)).toEqual([`${tip} ${clone.ref()}`]);
  });

  it('of another type, or that is not git’s, is refused', async () => {
    const { server, url, tip, clone } = await pushed();
    const post = async (body: string, type = types.push) =>
      (await ask(`${url}/git-receive-pack`, 'ann', { method: 'POST', body, headers: { 'Content-Type': type } })).status;
    expect(await post('0000', 'application/json')).toBe(415);
    expect(await post('0000', types.fetch)).toBe(415);
    expect(await post('')).toBe(400);
    expect(await post('zzzz')).toBe(400);
    expect(await post('0003')).toBe(400);
    expect(await post('00010000')).toBe(400);
    expect(await post('0010hello world!0000')).toBe(400);
    expect(await post(`0035shallow ${tip}0000`)).toBe(400);
    expect(await post(pushBody(Array(2).fill(`${zero} ${tip} ${clone.ref()}`), Buffer.alloc(0)).toString())).toBe(400);
    expect(refsOf(server)).toEqual([`${tip} ${clone.ref()}`]);
    expect(server.problems).toEqual([]);
  });

  it('that breaks off anywhere leaves nothing behind', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const noise = Array.from({ length: 5000 }, () => Math.random().toString(36)).join('\n');
    const tip = clone.commit({ ...session, 'sessions/aa/s/exchanges/000001-000000000000.md': noise });
    const body = pushBody([`${zero} ${tip} ${clone.ref()}`], packOf(clone, [tip]));
    for (const share of [0, 0.001, 0.01, 0.3, 0.9, 0.999]) {
      await sendPart(server, body, Math.floor(body.length * share));
    }
    await quietOnce(server);
    expect(refsOf(server)).toEqual([]);
    expect(server.problems).toEqual([]);
    expect((await rawPush(`${server.url}/project`, 'ann', body)).report.at(-1)).toBe(`ok ${clone.ref()}`);
  });

  it('B13 B14: of a client that goes away after its last byte lands all the same', async () => {
    const server = await gitServer();
    const clone = new Clone();
    const tip = clone.commit(session);
    const body = pushBody([`${zero} ${tip} ${clone.ref()}`], packOf(clone, [tip]));
    await sendPart(server, body, body.length);
    const landed = [`${tip} ${clone.ref()}`];
    await expect.poll(async () => (await clone.run(['ls-remote', `${server.url}/project`], 'ann')).out).toContain(tip);
    await quietOnce(server);
    expect(refsOf(server)).toEqual(landed);
    expect((await rawPush(`${server.url}/project`, 'ann', body)).report).toEqual(['unpack ok', `ok ${clone.ref()}`]);
    expect(server.problems).toEqual([]);
  });

  it('that comes too slowly is given up', async () => {
    const server = await gitServer({ fetchLimits: { idle: 200, wall: 5000 } });
    const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
    socket.write(
      `POST /git/project/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ann\r\nContent-Type: ${types.push}\r\nContent-Length: 100\r\n\r\n00`,
    );
    const answer = await new Promise<string>((resolve) => socket.once('data', (bytes) => resolve(bytes.toString())));
    socket.destroy();
    expect(answer).toMatch(/^HTTP\/1.1 408 /);
  });
});

describe('a fetch', () => {
  it('is answered whole when git is done before the request ends', async () => {
    const { url, tip } = await pushed();
    async function* slowly() {
      yield Buffer.from(`0032want ${tip}\n00000009done\n`);
      await pause(500);
    }
    const answer = await ask(`${url}/git-upload-pack`, 'ann', {
      method: 'POST',
      body: ReadableStream.from(slowly()),
      headers: { 'Content-Type': types.fetch },
      ...{ duplex: 'half' },
    });
    const bytes = Buffer.from(await answer.arrayBuffer()).toString('latin1');
    expect(bytes.slice(0, 8)).toBe('0008NAK\n');
    expect(bytes.slice(8, 12)).toBe('PACK');
  });
});

describe('a fetch whose client goes away', () => {
  it('is ended', async () => {
    const { server, url, tip } = await pushed();
    const want = `0032want ${tip}\n00000009done\n`;
    const controller = new AbortController();
    const answer = await ask(`${url}/git-upload-pack`, 'ann', {
      method: 'POST',
      body: want,
      headers: { 'Content-Type': types.fetch },
      signal: controller.signal,
    });
    expect(answer.status).toBe(200);
    controller.abort();
    await pause(50);
    expect((await ask(`${url}/info/refs?service=git-upload-pack`, 'ann')).status).toBe(200);
    expect(server.problems).toEqual([]);
  });
});

/** Sends the first bytes of a push, as one that would be longer, and goes away without waiting for an answer. */
async function sendPart(server: GitServer, body: Buffer, bytes: number): Promise<void> {
  const socket = connect({ host: '127.0.0.1', port: Number(new URL(server.url).port) });
  const head = `POST /git/project/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ann\r\nContent-Type: ${types.push}\r\nContent-Length: ${body.length}\r\n\r\n`;
  await new Promise<void>((resolve) =>
    socket.write(Buffer.concat([Buffer.from(head), body.subarray(0, bytes)]), () => resolve()),
  );
  await pause(20);
  socket.destroy();
}

/** Waits until no push is at work any more. */
async function quietOnce(server: GitServer): Promise<void> {
  await expect.poll(() => readdirSync(path.join(server.data, 'quarantine')), { timeout: 10_000 }).toEqual([]);
}
