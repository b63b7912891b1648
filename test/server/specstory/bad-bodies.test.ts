import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFor } from '../../../src/server/accounts/projects.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { type Answer, startServer, type TestServer } from '../../hosts/server.ts';
import { bodyOf, type CommandLine, commandLine, dataOf, project, uuid } from './command-line.ts';

let server: TestServer;
let ann: Account;
let client: CommandLine;
let count = 0;

beforeAll(async () => {
  server = await startServer({ sessionBytes: 24 << 20 });
  ann = await server.account('ann');
  client = commandLine(server, await server.token(ann, 'capture:write', 'sessions:read', 'share:write', 'search:read'));
});
afterAll(() => server.stop());

const fresh = (): string => uuid(++count);
const path = (session: string): string => `/projects/${project}/sessions/${session}`;
const plain = { 'Content-Encoding': 'identity', 'Content-Type': 'application/json' };

/** A body as it is, with headers. */
const raw = (body: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
  client.send('PUT', path(fresh()), body, { ...plain, ...headers });

const refused = (answer: Answer, ...statuses: number[]): void => {
  expect(statuses, answer.text).toContain(answer.status);
  expect(answer.json).toEqual({ success: false, error: expect.any(String) });
};

const rejections = async () => {
  const made = await projectFor(server.registry, { account: ann.id }, project);
  return made ? (await server.side.index.status(made.key)).rejected : [];
};

describe('a body that is not one', () => {
  it('is answered with what is wrong, and makes no project', async () => {
    for (const body of [
      '',
      '{',
      '[]',
      'null',
      '"x"',
      '{"name":1}',
      '{"markdown":1}',
      '{"markdown":"x"',
      '{"markdown":"x"} x',
    ])
      refused(await raw(body), 400);
    for (const body of ['{"markdown":"a","markdown":"b"}', '{"markdown":"\\x"}', '{"markdown":"x","metadata":[]}'])
      refused(await raw(body), 400);
    refused(await raw(Buffer.from([0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d])), 400);
    refused(await raw('{"markdown":"x"}', { 'Content-Type': 'text/plain' }), 415);
    expect(await projectFor(server.registry, { account: ann.id }, project)).toBeUndefined();
  });

  it('is bounded however it is packed (B44)', async () => {
    const bomb = gzipSync(Buffer.alloc(64 << 20, 0x20));
    refused(await raw(bomb, { 'Content-Encoding': 'gzip' }), 413);
    refused(await raw(gzipSync(gzipSync('{"markdown":"x"}')), { 'Content-Encoding': 'gzip' }), 400);
    refused(await raw(gzipSync('{}'), { 'Content-Encoding': 'gzip, gzip' }), 415);
    refused(await raw(brotliCompressSync('{}'), { 'Content-Encoding': 'br' }), 415);
    const sound = gzipSync('{"markdown":"x"}');
    refused(await raw(sound.subarray(0, -3), { 'Content-Encoding': 'gzip' }), 400);
    refused(await raw(Buffer.concat([sound, Buffer.from('more')]), { 'Content-Encoding': 'gzip' }), 400);
    const crc = Buffer.from(sound);
    crc[crc.length - 6] = (crc[crc.length - 6] ?? 0) ^ 0xff;
    refused(await raw(crc, { 'Content-Encoding': 'gzip' }), 400);
    const large = JSON.stringify({ markdown: randomBytes(14 << 20).toString('hex') });
    refused(await client.put(fresh(), large), 413);
    expect(readdirSync(join(server.data, 'receiving'))).toEqual([]);
  });

  it('deep, ambiguous and odd JSON is kept as it is or refused, and breaks nothing (B45)', async () => {
    const deep = `${'['.repeat(200_000)}${']'.repeat(200_000)}`;
    refused(await client.put(fresh(), `{"markdown":"x","metadata":{"a":${deep}}}`), 400);
    const id = fresh();
    const put = await client.put(id, { markdown: 'Hello', sessionData: deep, rawData: deep });
    expect(put.status, put.text).toBe(201);
    const headers = { Accept: 'application/vnd.specstory.session-data+json' };
    expect((await client.get(path(id), headers)).text).toBe(deep);
    for (const metadata of ['{"a":1e400}', '{"a":9007199254740993}', '{"a":1,"a":2}', '{"__proto__":1}'])
      refused(await client.put(fresh(), `{"markdown":"x","metadata":${metadata}}`), 400);
    const odd = fresh();
    const answer = await client.put(odd, '{"markdown":"a\\u0000b\\ud800c","name":"n\\u0000"}');
    expect(answer.status, answer.text).toBe(201);
    const { json } = await client.get(path(odd));
    expect(json.data.session.markdownContent).toBe('a\u2400b\ufffdc');
  });
});

describe('any session', () => {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'binary' }),
    fc.constantFrom('_**User**_', '---'),
  );
  const part = fc.record({ type: fc.constantFrom('text', 'thinking'), text });
  const tool = fc.record(
    {
      name: text,
      type: fc.constantFrom('write', 'shell', 'unknown', 'other'),
      input: fc.dictionary(text, fc.jsonValue({ maxDepth: 3 })),
      output: fc.dictionary(fc.constantFrom('content', 'is_error', 'x'), fc.jsonValue({ maxDepth: 2 })),
    },
    { requiredKeys: ['name', 'type'] },
  );
  const message = fc.record(
    { role: fc.constantFrom('user', 'agent'), id: text, timestamp: text, model: text, content: fc.array(part), tool },
    { requiredKeys: ['role'] },
  );
  const exchange = fc.record({ exchangeId: text, startTime: text, messages: fc.array(message, { maxLength: 4 }) });
  const data = fc.record({
    schemaVersion: fc.constant('1.0'),
    provider: fc.record({ id: text, name: text, version: text }),
    sessionId: text,
    createdAt: text,
    workspaceRoot: text,
    exchanges: fc.array(exchange, { maxLength: 4 }),
  });
  const body = fc.record(
    {
      name: text,
      projectName: text,
      markdown: fc.array(text).map((lines) => lines.join('\n')),
      rawData: fc.oneof(text, fc.jsonValue()),
      sessionData: fc.oneof(
        data.map((one) => JSON.stringify(one)),
        text,
        fc.jsonValue(),
      ),
      metadata: fc.oneof(fc.dictionary(text, fc.jsonValue({ maxDepth: 2 })), fc.jsonValue()),
    },
    { requiredKeys: ['markdown'] },
  );

  it('is taken in or refused with a reason, is read as it was sent, and is sound in git', async () => {
    await fc.assert(
      fc.asyncProperty(body, async (sent) => {
        const id = fresh();
        const answer = await client.put(id, sent);
        expect([201, 400], answer.text).toContain(answer.status);
        if (answer.status !== 201) return refused(answer, 400);
        const read = await client.get(path(id), { Accept: 'text/markdown' });
        expect(read.status).toBe(200);
        if (!read.text.includes('[REDACTED:'))
          expect(read.text).toBe(sent.markdown.toWellFormed().replaceAll('\0', '\u2400'));
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 40) },
    );
    expect(await rejections()).toEqual([]);
  });

  it('with any bytes at all gives no 500', async () => {
    const base = Buffer.from(JSON.stringify(bodyOf(uuid(1))));
    const hit = fc.record({ at: fc.nat(base.length - 1), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(fc.array(hit, { minLength: 1, maxLength: 5 }), async (hits) => {
        const bytes = Buffer.from(base);
        for (const { at, byte } of hits) bytes[at] = byte;
        const answer = await client.put(fresh(), new Uint8Array(bytes));
        expect(answer.status, answer.text).toBeLessThan(500);
      }),
      { numRuns: Number(process.env.FC_RUNS ?? 30) },
    );
    expect(await rejections()).toEqual([]);
  });

  it('of many megabytes comes through whole, in pieces', async () => {
    const id = fresh();
    const lines = Array.from({ length: 60_000 }, (_, n) => createHash('sha256').update(`${n}`).digest('hex').repeat(2));
    const rawData = lines.map((line) => `{"line":"x ${line}"}\n`).join('');
    const markdown = `# A long one\n\n${lines.map((_, n) => `line ${n} ☕ of many that say nothing, `.repeat(4)).join('\n')}\n`;
    const sent = { ...bodyOf(id), rawData, markdown, sessionData: dataOf(id, ['do it']) };
    const answer = await client.put(id, sent);
    expect(answer.status, answer.text).toBe(201);
    expect(Buffer.byteLength(markdown)).toBeGreaterThan(8 << 20);
    const { json } = await client.get(path(id));
    expect([json.data.session.rawDataSize, json.data.session.markdownContent === markdown]).toEqual([
      rawData.length,
      true,
    ]);
  });

  it('is found by no search that breaks (B49)', async () => {
    const queries = [
      '"',
      'NEAR(',
      '-x yes',
      'a:b',
      'C++',
      '%',
      '_',
      '\\',
      '\0\0',
      '🙂🙂',
      '日本',
      '(a+)+$',
      '*',
      '"do it',
      '""',
      ' ',
    ];
    for (const query of queries) {
      const answer = await client.send('POST', '/search/resume', { query });
      expect([query, answer.status]).toEqual([query, 200]);
    }
    refused(await client.send('POST', '/search/resume', { query: 'x'.repeat(80_000) }), 400);
    refused(await client.send('POST', '/search/resume', {}), 400);
  });
});
