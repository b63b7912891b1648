import { createHash } from 'node:crypto';
import { type Annotation, annotationPath } from '../../src/core/annotation.ts';
import {
  type ExchangeId,
  exchangeId,
  isAgentId,
  isWriterId,
  type SessionId,
  sessionId,
  type WriterId,
} from '../../src/core/ids.ts';
import { exchangeFile, sessionPath } from '../../src/core/layout.ts';
import type { Exchange, SessionMeta } from '../../src/core/session.ts';
import { vouch } from '../../src/core/vouch.ts';
import { openImport } from '../../src/git/write.ts';
import { writerTips } from '../../src/git/writer-ref.ts';
import { entryOf } from '../../src/markdown/exchange-entry.ts';
import { renderExchange } from '../../src/markdown/render.ts';
import { renderSession } from '../../src/markdown/session-file.ts';
import type { GitSide } from '../../src/server/git-side.ts';
import type { Files } from './clone.ts';

const agent = ((id: string) => {
  if (!isAgentId(id)) throw new Error(id);
  return id;
})('claude');

export function writerId(text: string): WriterId {
  if (!isWriterId(text)) throw new Error(text);
  return text;
}

export const sid = (name: string): SessionId => sessionId(name);
export const xid = (key: string): ExchangeId => exchangeId(agent, { message: key });

/** An exchange with one prompt and one answer. */
export function exchange(key: string, prompt = `Do ${key}`, answer = `Did ${key}.`): Exchange {
  const at = '2026-01-02T03:04:05.678Z';
  return {
    id: xid(key),
    startedAt: at,
    messages: [
      { role: 'user', at, parts: [{ kind: 'text', text: prompt }] },
      { role: 'agent', at, parts: [{ kind: 'text', text: answer }] },
    ],
  };
}

export const exchangeText = (given: Exchange): string => renderExchange(vouch(given));
export const fingerprintOf = (given: Exchange): string =>
  createHash('sha256').update(exchangeText(given)).digest('hex');
export const exchangePath = (session: string, ordinal: number, key: string): string =>
  `${sessionPath(sid(session))}/${exchangeFile(ordinal, xid(key))}`;

/** The files of a session, as a capture writes them. */
export function sessionFiles(name: string, exchanges: readonly Exchange[], more: Partial<SessionMeta> = {}): Files {
  const meta = {
    id: sid(name),
    agent,
    createdAt: '2026-01-02T03:04:05.678Z',
    updatedAt: '2026-01-02T03:05:00.000Z',
    ...more,
  };
  const entries = exchanges.map((one, at) => entryOf(one, at + 1));
  const head = renderSession(vouch({ meta, name, slug: '', exchanges: entries }));
  const files = exchanges.map((one, at) => [
    `${sessionPath(sid(name))}/${exchangeFile(at + 1, one.id)}`,
    exchangeText(one),
  ]);
  return { [`${sessionPath(sid(name))}/session.md`]: head, ...Object.fromEntries(files) };
}

/** The file of an annotation. */
export function annotationFiles(given: Omit<Annotation, 'format' | 'at' | 'n'> & { n?: number }): Files {
  const annotation = { format: 1, at: '2026-01-02T03:04:05.678Z', n: 0, ...given };
  return { [annotationPath({ ...given, n: given.n ?? 0 })]: `${JSON.stringify(annotation)}\n` };
}

/** Puts files into a writer's history on a server, as a push that was taken in. */
export async function plantPushed(
  { repositories, ingest }: Pick<GitSide, 'repositories' | 'ingest'>,
  project: string,
  { writer: name, files }: { readonly writer: string; readonly files: Files },
): Promise<void> {
  const writer = writerId(name);
  await repositories.exclusively(project, async (repository) => {
    const before = (await writerTips(repository)).find((tip) => tip.writer === writer)?.oid;
    const identity = { name: 'A Developer', email: 'developer@example.org' };
    const into = openImport(repository, before ? { history: before } : {}, identity, writer);
    const all = { 'specstory.json': JSON.stringify({ format: 1, writer }), ...files };
    const changes = Object.entries(all).map(([path, content]) => ({ path, content: vouch(String(content)) }));
    await into.commit('refs/specstory/history', { subject: vouch('planted'), at: '2026-01-02T03:04:05.678Z' }, changes);
    await into.finish();
  });
  await ingest.take(project, writer);
}
