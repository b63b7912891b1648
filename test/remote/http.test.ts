import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type HttpRequest, RequestError } from '../../src/remote/http.ts';
import { openHttp } from '../../src/remote/open-http.ts';
import { faultProxy } from '../hosts/fault-proxy.ts';

async function served(listener: RequestListener): Promise<number> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

function client() {
  const http = openHttp({ cwd: process.cwd(), env: { PATH: process.env.PATH } });
  onTestFinished(() => http.close());
  return (port: number, request: Partial<HttpRequest> = {}) =>
    http.send({ method: 'GET', url: `http://127.0.0.1:${port}/`, ...request });
}

async function problem(work: Promise<unknown>): Promise<RequestError> {
  const thrown = await work.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(thrown instanceof RequestError)) throw new Error(`no RequestError: ${thrown}`);
  return thrown;
}

describe('Http', () => {
  it('sends bodies of every kind and gives the answer', async () => {
    const port = await served(async (request, response) => {
      let body = '';
      for await (const chunk of request) body += chunk;
      response.writeHead(201, { 'x-way': request.headers['transfer-encoding'] ?? 'whole' }).end(body.toUpperCase());
    });
    const send = client();
    async function* pieces() {
      yield Buffer.from('sm');
      yield Buffer.from('all');
    }
    for (const [body, way] of [
      ['small', 'whole'],
      [Buffer.from('small'), 'whole'],
      [pieces(), 'chunked'],
    ] as const) {
      const response = await send(port, { method: 'POST', body });
      expect([response.status, response.headers['x-way'], await response.text()]).toEqual([201, way, 'SMALL']);
    }
  });

  it('says whether the server may have acted on the body', async () => {
    const port = await served((request) => void request.resume());
    const send = client();
    async function* endless() {
      for (;;) yield Buffer.alloc(64 << 10);
    }
    const cut = await faultProxy(port, { resetAfter: { toServer: 1 << 20 } });
    onTestFinished(() => cut.close());
    expect((await problem(send(cut.port, { method: 'POST', body: endless() }))).bodySent).toBe(false);
    expect((await problem(send(port, { method: 'POST', body: 'all of it', timeout: 200 }))).bodySent).toBe(true);
    expect((await problem(send(1, { method: 'POST', body: 'x' }))).bodySent).toBe(false);
  });

  it('has patience with what we do ourselves, not with silence (B18)', async () => {
    const port = await served(async (request, response) => {
      for await (const _chunk of request);
      response.end('done');
    });
    const send = client();
    async function* slow() {
      yield Buffer.from('a');
      await new Promise((resolve) => setTimeout(resolve, 500));
      yield Buffer.from('b');
    }
    expect(await (await send(port, { method: 'POST', body: slow(), timeout: 200 })).text()).toBe('done');
    const late = await served((_request, response) => void setTimeout(() => response.end('late'), 1500));
    expect(await (await send(late)).text()).toBe('late');
    const halfOpen = await faultProxy(port, { stallAfter: { toClient: 50 } });
    onTestFinished(() => halfOpen.close());
    expect(
      (await problem(send(halfOpen.port, { timeout: 200 }).then((response) => response.text()))).message,
    ).toContain('no sign of life for 0.2 s');
  });

  it('stops sending when the server has refused', async () => {
    const port = await served((_request, response) => void response.writeHead(413).end('enough'));
    let sent = 0;
    async function* large() {
      for (; sent < 2000; sent++) yield Buffer.alloc(64 << 10);
    }
    const response = await client()(port, { method: 'POST', body: large() });
    expect(response.status).toBe(413);
    await response.discard();
    expect(sent).toBeLessThan(2000);
  });

  it('B17: reads what a proxy compressed, and no half of it', async () => {
    const whole = gzipSync('compressed'.repeat(1000));
    let body = whole;
    const port = await served((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip', 'content-length': body.length }).end(body);
    });
    const send = client();
    expect(await (await send(port)).text()).toBe('compressed'.repeat(1000));
    body = whole.subarray(0, -8);
    await expect(send(port).then((response) => response.text())).rejects.toThrow(RequestError);
    body = Buffer.concat([whole.subarray(0, -8), Buffer.alloc(4), whole.subarray(-4)]);
    await expect(send(port).then((response) => response.text())).rejects.toThrow(RequestError);
  });

  it('R19: bounds what it takes as text, and follows no redirect', async () => {
    const port = await served((request, response) => {
      if (request.url === '/') response.writeHead(302, { location: '/large' }).end();
      else response.end('x'.repeat(10_000));
    });
    const send = client();
    expect((await send(port)).status).toBe(302);
    const large = await send(port, { url: `http://127.0.0.1:${port}/large` });
    await expect(large.text(1000)).rejects.toThrow('an answer of more than 1000 bytes');
  });

  it('is stopped by a signal', async () => {
    const port = await served(() => {});
    const stop = new AbortController();
    setTimeout(() => stop.abort(), 100);
    expect((await problem(client()(port, { signal: stop.signal }))).message).toMatch(/abort/i);
  });
});
