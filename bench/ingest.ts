import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { exchangeId, isAgentId, isWriterId, sessionId, type WriterId } from '../src/core/ids.ts';
import { exchangeFile, sessionPath } from '../src/core/layout.ts';
import type { Exchange } from '../src/core/session.ts';
import { vouch } from '../src/core/vouch.ts';
import { entryOf } from '../src/markdown/exchange-entry.ts';
import { renderExchange } from '../src/markdown/render.ts';
import { renderSession } from '../src/markdown/session-file.ts';
import { Ingest } from '../src/server/ingest/ingest.ts';
import { TextCheck } from '../src/server/ingest/text-check.ts';
import { LocalRepositories } from '../src/server/repositories/local-repositories.ts';
import { openSqliteIndexStore } from '../src/server/store/sqlite/index-store.ts';
import type { Figure } from './figure.ts';

const key = '0'.repeat(32);
const words =
  'the test fails because a header is missing so I changed the client to send it and ran all of them again '.split(' ');

/** Exchanges of an ordinary size: 5 kB, some tool calls. */
export async function ingestOfExchanges(): Promise<Figure[]> {
  const data = realpathSync(mkdtempSync(path.join(tmpdir(), 'specstory-bench-ingest-')));
  const store = openSqliteIndexStore(path.join(data, 'index.sqlite'));
  try {
    const repositories = new LocalRepositories(data);
    const { gitDir } = await repositories.make(key);
    const [sessions, each] = [1000, 20];
    const bytes = fill(gitDir, writerOf('a'.repeat(16)), sessions, each);
    const ingest = new Ingest({ repositories, store, check: new TextCheck() });
    const start = performance.now();
    await ingest.takeProject(key);
    const seconds = (performance.now() - start) / 1000;
    if ((await store.sessions(key)).length !== sessions) throw new Error('not all was taken in');
    const note = `${sessions} sessions, ${(bytes / 1e6).toFixed(0)} MB in ${seconds.toFixed(1)} s`;
    return [
      {
        what: 'ingest into SQLite',
        value: (sessions * each) / seconds,
        unit: 'exchanges/s',
        reach: 2000,
        atLeast: true,
        note,
      },
    ];
  } finally {
    await store.close();
    rmSync(data, { recursive: true, force: true });
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
  const head = renderSession(vouch({ meta, name, slug: 'bench', exchanges: entries }));
  const texts = exchanges.map((one, at): [string, string] => [
    `${sessionPath(id)}/${exchangeFile(at + 1, one.id)}`,
    renderExchange(vouch(one)),
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
