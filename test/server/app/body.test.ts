import { connect } from 'node:net';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readJson } from '../../../src/server/middleware/json-text.ts';
import { startServer, type TestServer } from '../../hosts/server.ts';

let server: TestServer;
let token: string;
beforeAll(async () => {
  server = await startServer();
  token = await server.token(await server.account('root', { admin: true }), 'admin', 'sessions:read');
});
afterAll(() => server.stop());

const good = JSON.stringify({ name: 't', scopes: ['admin'] });
const post = (body: string | Uint8Array, headers: Record<string, string> = {}) =>
  server.send('POST', '/api/v2/tokens', { token, body, headers: { 'Content-Type': 'application/json', ...headers } });
const gzip = { 'Content-Encoding': 'gzip' };

describe('the body of a request', () => {
  it('is JSON, as it is or with gzip', async () => {
    expect((await post(good)).status).toBe(201);
    expect((await post(gzipSync(good), gzip)).status).toBe(201);
    expect((await post(good, { 'Content-Type': 'Application/JSON; charset=UTF-8' })).status).toBe(201);
    expect((await post(good, { 'Content-Encoding': 'identity' })).status).toBe(201);
  });

  it.each([
    ['a bomb', gzipSync(Buffer.alloc(64 << 20)), 'gzip', 413, 'too_large'],
    ['a bomb of JSON', gzipSync(`{"name":"${'a'.repeat(32 << 20)}"}`), 'gzip', 413, 'too_large'],
    ['gzip in gzip', gzipSync(gzipSync(good)), 'gzip', 400, 'bad_request'],
    ['gzip twice, as it says', gzipSync(gzipSync(good)), 'gzip, gzip', 415, 'unsupported_media_type'],
    ['brotli', brotliCompressSync(good), 'br', 415, 'unsupported_media_type'],
    ['deflate', Buffer.from(good), 'deflate', 415, 'unsupported_media_type'],
    ['no gzip', Buffer.from(good), 'gzip', 400, 'bad_encoding'],
    ['a wrong check sum', corrupted(gzipSync(good), -6), 'gzip', 400, 'bad_encoding'],
    ['a wrong length', corrupted(gzipSync(good), -1), 'gzip', 400, 'bad_encoding'],
    ['gzip that is cut', gzipSync(good).subarray(0, -4), 'gzip', 400, 'bad_encoding'],
    ['bytes behind gzip', Buffer.concat([gzipSync(good), Buffer.from('more')]), 'gzip', 400, 'bad_encoding'],
    ['zeros behind gzip', Buffer.concat([gzipSync(good), Buffer.alloc(100)]), 'gzip', 400, 'bad_encoding'],
    ['nothing', Buffer.alloc(0), 'gzip', 400, 'bad_encoding'],
    ['2 MB as it is', Buffer.alloc(2 << 20, 0x20), 'identity', 413, 'too_large'],
  ])('is refused as %s (B44)', async (_name, body, encoding, status, code) => {
    const before = process.memoryUsage().arrayBuffers;
    const answer = await post(body, { 'Content-Encoding': encoding });
    expect(answer).toMatchObject({ status, json: { code } });
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(16 << 20);
    expect((await post(good)).status, 'and the next request is answered').toBe(201);
  });

  it.each([
    ['too short for its length', `Content-Length: 500\r\n\r\n${good}`, /^$|^HTTP\/1.1 400/],
    ['of a negative length', `Content-Length: -1\r\n\r\n${good}`, /^HTTP\/1.1 400/],
    ['of two lengths', `Content-Length: 5\r\nContent-Length: 6\r\n\r\n${good}`, /^HTTP\/1.1 400/],
    ['of a length and in chunks', `Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, /^HTTP\/1.1 400/],
    [
      'endless',
      `Transfer-Encoding: chunked\r\n\r\n${`10000\r\n${' '.repeat(0x10000)}\r\n`.repeat(20)}`,
      /^HTTP\/1.1 413/,
    ],
  ])('is refused when it is %s (B44)', async (_name, rest, expected) => {
    const head = `POST /api/v2/tokens HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\n`;
    expect(await raw(head + rest)).toMatch(expected);
    expect((await post(good)).status).toBe(201);
  });

  it.each(['text/plain', 'text/json', 'application/x-www-form-urlencoded', 'application/json; charset=utf-16', ''])(
    'is refused with the type %j',
    async (type) => {
      expect(await post(good, { 'Content-Type': type })).toMatchObject({ status: 415 });
    },
  );

  it.each([
    ['200,000 levels', `${'['.repeat(200_000)}${']'.repeat(200_000)}`],
    ['200,000 levels without an end', '{"a":'.repeat(200_000)],
    ['a name twice', '{"name":"a","name":"b","scopes":["admin"]}'],
    ['a name twice, once escaped', '{"name":"a","n\\u0061me":"b","scopes":["admin"]}'],
    ['__proto__', '{"__proto__":{"admin":true},"name":"a","scopes":["admin"]}'],
    ['2^53+1', '{"name":9007199254740993,"scopes":["admin"]}'],
    ['1e400', '{"name":1e400,"scopes":["admin"]}'],
    ['NaN', '{"name":NaN,"scopes":["admin"]}'],
    ['a byte order mark', `\ufeff${good}`],
    ['Latin-1', Buffer.from('{"name":"\xe9","scopes":["admin"]}', 'latin1')],
    ['nothing', ''],
    ['null', 'null'],
    ['a list', '[]'],
    ['a comment', `${good}//`],
    ['an unknown field', '{"name":"a","scopes":["admin"],"admin":true}'],
    ['two values', `${good}${good}`],
  ])('is refused with %s (B45)', async (_name, body) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status: 400, json: { code: 'bad_request' } });
    expect(Object.prototype).not.toHaveProperty('admin');
  });

  it('has NUL and lone surrogates replaced where they can be seen (B45)', async () => {
    const { json } = await post('{"name":"a\\u0000b\\ud800c","scopes":["admin"]}');
    expect(json.name).not.toMatch(/\0/);
    expect(json.name.isWellFormed()).toBe(true);
    expect(json.name).toContain('\u2400');
  });

  it('says where it is wrong (B45)', async () => {
    expect((await post('{"name":"a","scopes":["admin","root"]}')).json.detail).toContain('scopes.1');
    expect((await post('{"name":"a","scopes":[{"x":1,"x":2}]}')).json.detail).toContain('scopes.0.x');
  });

  it.each([
    ['no items', '[]', 400],
    ['null for an item', '[null]', 400],
    ['a million items', `[${'"admin",'.repeat(1_000_000)}"admin"]`, 413],
    ['no list', '"admin"', 400],
    ['the same item a thousand times', `[${'"admin",'.repeat(999)}"admin"]`, 201],
  ])('has a list of %s (B46)', async (_name, list, status) => {
    expect((await post(`{"name":"a","scopes":${list}}`)).status).toBe(status);
  });

  it('of a GET is not looked at, and not waited for beyond its bounds', async () => {
    const head = `GET /api/v2/projects HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\nConnection: close\r\n`;
    expect(await raw(`${head}Content-Length: 2\r\n\r\n{}`)).toMatch(/^HTTP\/1.1 200/);
    expect(await raw(`${head}Content-Length: 99999999\r\n\r\n`)).toMatch(/^HTTP\/1.1 413/);
  });
});

describe('readJson', () => {
  it('reads every JSON value as JSON.parse does', () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false, maxDepth: 6 }), (text) => {
        fc.pre(!/__proto__|\\u0000|\d{16}/.test(text));
        expect(readJson(Buffer.from(text))).toEqual(JSON.parse(text));
      }),
    );
  });

  it('takes 64 levels and no more, and brackets in strings for what they are', () => {
    const nested = (depth: number) => Buffer.from(`${'['.repeat(depth)}${']'.repeat(depth)}`);
    expect(() => readJson(nested(64))).not.toThrow();
    expect(() => readJson(nested(65))).toThrow(/64 levels/);
    const text = `"${'[{\\"'.repeat(1000)}"`;
    expect(readJson(Buffer.from(text))).toBe(JSON.parse(text));
  });
});

function corrupted(bytes: Buffer, at: number): Buffer {
  const copy = Buffer.from(bytes);
  copy.writeUInt8((copy.at(at) ?? 0) ^ 0xff, copy.length + at);
  return copy;
}

/** What comes back for bytes that no client would send; the connection is closed after a moment. */
function raw(text: string): Promise<string> {
  const { hostname, port } = new URL(server.url);
  return new Promise((resolve) => {
    const socket = connect(Number(port), hostname);
    let received = '';
    socket.on('data', (chunk) => {
      received += chunk.toString('latin1');
    });
    socket.on('error', () => {});
    socket.on('close', () => resolve(received));
    socket.end(text);
  });
}
