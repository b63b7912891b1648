import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exchangeId, isAgentId, isWriterId, sessionId, type WriterId } from '../src/core/ids.ts';
import { exchangeFile, sessionPath } from '../src/core/layout.ts';
import type { Exchange } from '../src/core/session.ts';
import { entryOf } from '../src/markdown/exchange-entry.ts';
import { renderExchange } from '../src/markdown/render.ts';
import { renderSession } from '../src/markdown/session-file.ts';
import { createRedactor } from '../src/redact/redactor.ts';
import { Ingest } from '../src/server/ingest/ingest.ts';
import { Reading } from '../src/server/ingest/reading/reading.ts';
import { openStores, type Stores } from '../src/server/store/open.ts';
import { setup as startPostgres } from '../test/hosts/postgres.ts';
import type { Figure } from './figure.ts';

const redactor = createRedactor({ entropy: false });
const key = '0'.repeat(32);
const words =
  'the test fails because a header is missing so I changed the client to send it and ran all of them again '.split(' ');

const [sessions, each] = [1000, 20];

/** Exchanges of an ordinary size: 5 kB, some tool calls. */
export async function ingestOfExchanges(): Promise<Figure[]> {
  return inFolder(async (data) => [await measured('SQLite', await openStores({ data, url: undefined }), 2000)]);
}

/** The same on PostgreSQL, and what it costs to keep the push there and to bring it to another server. Nothing where there is none. */
export async function sharedServers(): Promise<Figure[]> {
  const end = await startPostgres({ durable: true });
  const url = process.env.SPECSTORY_POSTGRES;
  if (url === undefined) return [];
  try {
    return await inFolder(async (data) => {
      const place = { data: path.join(data, 'one'), url };
      const first = await measured('PostgreSQL', await openStores(place), 1500);
      const other = await openStores({ data: path.join(data, 'two'), url });
      const start = performance.now();
      await other.repositories.open(key);
      const seconds = (performance.now() - start) / 1000;
      await other.close();
      return [first, { what: 'bring a push of 1000 sessions to another server', value: seconds, unit: 's', reach: 5 }];
    });
  } finally {
    await end?.();
  }
}

async function measured(what: string, stores: Stores, reach: number): Promise<Figure> {
  const { repositories, index: store } = stores;
  try {
    let start = performance.now();
    let written = 0;
    const bytes = await repositories.exclusively(key, async ({ gitDir }) => {
      const filled = fill(gitDir, writerOf('a'.repeat(16)), sessions, each);
      written = performance.now() - start;
      return filled;
    });
    const kept = (performance.now() - start - written) / 1000;
    const ingest = new Ingest({ repositories, store, reading: new Reading() });
    start = performance.now();
    await ingest.takeProject(key);
    const seconds = (performance.now() - start) / 1000;
    if ((await store.sessions(key)).length !== sessions) throw new Error('not all was taken in');
    const note = `${sessions} sessions, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s; to keep the pack took ${kept.toFixed(2)} s`;
    const value = (sessions * each) / seconds;
    return { what: `ingest into ${what}`, value, unit: 'exchanges/s', reach, atLeast: true, note };
  } finally {
    await stores.close();
  }
}

async function inFolder<T>(work: (folder: string) => Promise<T>): Promise<T> {
  const folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'specstory-bench-ingest-')));
  try {
    return await work(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Writes sessions with one commit straight into a repository; gives the bytes of their files. */
function fill(gitDir: string, writer: WriterId, sessions: number, each: number): number {
  const stream: Buffer[] = [];
  let bytes = 0;
  const add = (name: string, text: string): void => {
    const content = Buffer.from(text);
    bytes += content.length;
    stream.push(Buffer.from(`M 100644 inline ${name}\ndata ${content.length}\n`), content, Buffer.from('\n'));
  };
  const ref = `refs/specstory/writers/${writer}/history`;
  stream.push(Buffer.from(`commit ${ref}\ncommitter bench <bench@example.org> 1767323045 +0000\ndata 1\nx\n`));
  add('specstory.json', `{"format":1,"writer":"${writer}"}\n`);
  for (let session = 0; session < sessions; session++)
    for (const [name, text] of files(`session-${writer}-${session}`, each)) add(name, text);
  stream.push(Buffer.from('done\n'));
  execFileSync('git', ['-C', gitDir, 'fast-import', '--quiet', '--done'], { input: Buffer.concat(stream) });
  return bytes;
}

function writerOf(text: string): WriterId {
  if (!isWriterId(text)) throw new Error(text);
  return text;
}

function files(name: string, count: number): [string, string][] {
  const agent = 'claude';
  const id = sessionId(name);
  if (!isAgentId(agent)) throw new Error(agent);
  const exchanges = Array.from({ length: count }, (_, at) =>
    exchange(exchangeId(agent, { message: `${name}-${at}` }), `${name}-${at}`),
  );
  const meta = { id, agent, createdAt: '2026-01-02T03:04:05.678Z', updatedAt: '2026-01-02T03:05:00.000Z' };
  const entries = exchanges.map((one, at) => entryOf(one, at + 1));
  const head = renderSession(redactor.value({ meta, name, slug: 'bench', exchanges: entries }));
  const texts = exchanges.map((one, at): [string, string] => [
    `${sessionPath(id)}/${exchangeFile(at + 1, one.id)}`,
    renderExchange(redactor.value(one)),
  ]);
  return [[`${sessionPath(id)}/session.md`, head], ...texts];
}

function exchange(id: Exchange['id'], seed: string): Exchange {
  const at = '2026-01-02T03:04:05.678Z';
  const text = prose(seed, 1200);
  const call = (n: number) => [
    {
      kind: 'tool_call' as const,
      id: `t${n}`,
      name: 'Bash',
      type: 'shell' as const,
      input: { command: `npm test -- ${seed}-${n}` },
    },
    { kind: 'tool_result' as const, call: `t${n}`, ok: true, text: prose(`${seed}${n}`, 800) },
  ];
  return {
    id,
    startedAt: at,
    messages: [
      { role: 'user', at, parts: [{ kind: 'text', text: prose(`p${seed}`, 200) }] },
      {
        role: 'agent',
        at,
        model: 'model-x',
        parts: [{ kind: 'text', text }, ...call(1), ...call(2), { kind: 'text', text }],
      },
    ],
  };
}

function prose(seed: string, length: number): string {
  const random = createHash('sha256').update(seed).digest();
  let text = '';
  for (let at = 0; text.length < length; at++) text += `${words[(random[at % 32] ?? 0) % words.length]} `;
  return text;
}
