import { createHash } from 'node:crypto';
import { setImmediate as turn } from 'node:timers/promises';
import * as z from 'zod';
import type { SessionId } from '../../core/ids.ts';
import { jsonObjectSchema } from '../../core/json.ts';
import { rawPath } from '../../core/layout.ts';
import type { Redacted } from '../../core/redacted.ts';
import { instantSchema, sessionIdSchema } from '../../core/session.ts';
import type { RedactedPiece } from '../../git/write.ts';
import { joinRedacted } from '../../redact/join.ts';
import type { Redactor } from '../../redact/redactor.ts';
import type { ReceivedRow } from '../store/received-store.ts';
import type { SentSession } from './sent-session.ts';

// What was received lies in the raw records of the server's own writer (docs/format.md, Received).

export const receivedFolder = (session: SessionId): string => `${rawPath(session)}/received`;
export const receivedFile = 'received.json';

/** The documents, and how their files are named: a number and this. */
const documentNames = {
  markdown: 'markdown.md',
  rawData: 'raw-data.txt',
  sessionData: 'session-data.json',
} as const;
export type DocumentKind = keyof typeof documentNames;

/** The kind of document that a file holds a piece of; nothing for every other name. */
export function documentKind(file: string): DocumentKind | undefined {
  const name = /^\d{3}-(.+)$/.exec(file)?.[1];
  if (name === documentNames.markdown) return 'markdown';
  if (name === documentNames.rawData) return 'rawData';
  return name === documentNames.sessionData ? 'sessionData' : undefined;
}

/** Characters that are redacted at a time, and in one file. */
const chunk = 8 << 20;

/** A file on its way into git. */
export interface DocumentFile {
  readonly file: string;
  readonly content: readonly RedactedPiece[];
}

/** The documents of a session as they are kept, redacted. Others are served between the pieces. */
export async function redactedDocuments(sent: SentSession, redactor: Redactor): Promise<DocumentFile[]> {
  const texts = { markdown: sent.markdown, rawData: sent.rawData, sessionData: sent.sessionData ?? '' };
  const files: DocumentFile[] = [];
  for (const kind of ['markdown', 'rawData', 'sessionData'] as const) {
    if (texts[kind] === '' && kind !== 'markdown') continue;
    let number = 0;
    for (const text of chunksOf(texts[kind])) {
      const file = `${String(number++).padStart(3, '0')}-${documentNames[kind]}`;
      files.push({ file, content: await redactedText(kind, text, redactor) });
      await turn();
    }
  }
  return files;
}

/** The text in pieces that end with a line, where it has lines. */
function* chunksOf(text: string): Generator<string> {
  let at = 0;
  do {
    const end = text.length - at <= chunk ? text.length : lineEnd(text, at);
    yield text.slice(at, end);
    at = end;
  } while (at < text.length);
}

/** What belongs together stands between rules or empty lines: they are better places to cut than the end of any line. */
function lineEnd(text: string, from: number): number {
  for (const mark of ['\n\n---\n', '\n\n', '\n']) {
    const found = text.lastIndexOf(mark, from + chunk - mark.length);
    if (found > from) return found + mark.length;
  }
  const next = text.indexOf('\n', from);
  return next < 0 ? text.length : next + 1;
}

async function redactedText(kind: DocumentKind, text: string, redactor: Redactor): Promise<RedactedPiece[]> {
  if (kind === 'markdown') return [redactor.text(text)];
  if (kind === 'sessionData') return [redactor.line(text, {})];
  const lines: RedactedPiece[] = [];
  let done = 0;
  for (const line of text.split(/(?<=\n)/)) {
    const isWhole = line.endsWith('\n');
    const record = isWhole ? line.slice(0, -1) : line;
    lines.push(redactor.line(record, /^\s*[[{]/.test(record) ? {} : undefined));
    if (isWhole) lines.push('\n');
    done += line.length;
    if (done > 1 << 20) {
      done = 0;
      await turn();
    }
  }
  return [joinRedacted(lines)];
}

const sizeSchema = z.int().min(0);
const receivedSchema = z.object({
  format: z.literal(1),
  session: sessionIdSchema,
  by: z.string(),
  name: z.string(),
  metadata: jsonObjectSchema,
  sizes: z.object({ markdown: sizeSchema, rawData: sizeSchema, sessionData: sizeSchema }),
  etag: z.string().regex(/^[0-9a-f]{64}$/),
  created: instantSchema,
  updated: instantSchema,
  started: instantSchema.optional(),
  ended: instantSchema.optional(),
});
/** What `received.json` says. */
export type Received = z.infer<typeof receivedSchema>;

/** `received.json`; it is valid again by its schema, because ids, times and hashes hold no secret. */
export function receivedText(received: Received, redactor: Redactor): Redacted<string> {
  return redactor.line(`${JSON.stringify(received)}\n`, received);
}

/** Nothing for what is no such file. */
export function parseReceived(value: unknown, path: string): ReceivedRow | undefined {
  const found = receivedSchema.safeParse(value);
  if (!found.success || receivedFolder(found.data.session) !== `${path}/received`) return undefined;
  const { format: _, metadata, ...row } = found.data;
  return { ...row, path, metadata: JSON.stringify(metadata) };
}

/** A hash over everything that a client may read of a session. */
export function etagOf(files: readonly DocumentFile[], head: Pick<Received, 'name' | 'metadata'>): string {
  const hash = createHash('sha256').update(JSON.stringify([head.name, head.metadata]));
  for (const { file, content } of files) {
    hash.update(`\0${file}\0`);
    for (const piece of content) hash.update(piece);
  }
  return hash.digest('hex');
}
