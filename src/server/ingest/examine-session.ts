import { reason, SpecstoryError } from '../../core/errors.ts';
import { exchangeFile, parseExchangeFile, sessionPath } from '../../core/layout.ts';
import type { TreeObjectEntry } from '../../git/tree-object.ts';
import type { TreeReader } from '../../git/tree-reader.ts';
import type { SessionHead } from '../../markdown/session-file.ts';
import type { SearchDocument, SessionFacts } from '../../search/documents.ts';
import type { ExchangeRow, SessionChange, SessionRow } from '../store/index-store.ts';
import type { Item } from './changed-items.ts';
import { Fault } from './fault.ts';
import type { Reading } from './reading/reading.ts';
import { present } from './text-check.ts';

/** Bytes of one exchange file, and of `session.md`. */
export const largestFile = { exchange: 40 << 20, head: 16 << 20 } as const;

type Known = { readonly exchanges: readonly ExchangeRow[] } | undefined;

/** What an exchange's file is in a tree. */
type Listed = Pick<ExchangeRow, 'exchange' | 'ordinal' | 'oid'> & { readonly name: string };

/**
 * Looks at a session's folder: its own file, and the exchanges that are not `known` as they are. All of it is stored or none: a session with one
 * bad exchange is rejected, with the reason.
 */
export async function examineSession(
  reader: TreeReader,
  reading: Reading,
  { path, entry }: Item,
  known: Known,
  author?: string,
): Promise<SessionChange> {
  if (!entry) return { kind: 'gone', path };
  let session = path.slice(path.lastIndexOf('/') + 1);
  try {
    if (!entry.isFolder || path.split('/').length !== 3)
      throw new Fault('bad_session', 'it is not the folder of a session');
    const { head, oid, folder } = await readHead(reader, reading, await reader.entries(entry.oid));
    session = head.meta.id;
    if (sessionPath(head.meta.id) !== path) throw new Fault('bad_session', 'its folder belongs to another session');
    const listed = (await reader.entries(folder)).map(listedOf);
    checkList(listed, head);
    const about = factsOf(head, author);
    const read = await readExchanges(reader, reading, changed(listed, known), about);
    const put = read.map(({ row }) => row);
    const found = { about, documents: read.map(({ document }) => document) };
    const still = new Set(listed.map(({ exchange }) => exchange));
    const drop = (known?.exchanges ?? []).map(({ exchange }) => exchange).filter((id) => !still.has(id));
    return { kind: 'stored', row: rowOf(head, path, oid), put, drop, found };
  } catch (thrown) {
    const { code, message } = faultIn(thrown);
    return { kind: 'rejected', path, session, code, reason: message };
  }
}

/** What the client did wrong. Everything else is thrown on. */
export function faultIn(thrown: unknown): Fault {
  if (thrown instanceof Fault) return thrown;
  // The parsers and the reader of trees say so of what is not of our format.
  const isTheirs = thrown instanceof SpecstoryError && thrown.kind === 'unsupported';
  if (isTheirs) return new Fault('bad_session', reason(thrown), { cause: thrown });
  throw thrown;
}

async function readHead(reader: TreeReader, reading: Reading, entries: readonly TreeObjectEntry[]) {
  const file = entries.find(({ name, isFolder }) => name === 'session.md' && !isFolder);
  const folder = entries.find(({ name, isFolder }) => name === 'exchanges' && isFolder);
  if (!file) throw new Fault('bad_session', 'session.md is missing');
  if (entries.length > (folder ? 2 : 1)) throw new Fault('bad_session', 'it holds a file that has no place there');
  for await (const content of reader.files([file.oid], largestFile.head)) {
    return { head: await reading.head(present(content, 'session.md')), oid: file.oid, folder: folder?.oid };
  }
  throw new Fault('bad_session', 'session.md is missing');
}

function listedOf({ name, oid, isFolder }: TreeObjectEntry): Listed {
  const parsed = isFolder ? undefined : parseExchangeFile(name);
  if (!parsed || exchangeFile(parsed.ordinal, parsed.id) !== `exchanges/${name}`)
    throw new Fault('bad_session', 'it holds an exchange whose file has no name of an exchange');
  return { exchange: parsed.id, ordinal: parsed.ordinal, oid, name };
}

function checkList(listed: readonly Listed[], head: SessionHead): void {
  if (new Set(listed.map(({ exchange }) => exchange)).size < listed.length)
    throw new Fault('bad_session', 'an exchange is there twice');
  if (listed.length !== head.count)
    throw new Fault('bad_session', `session.md tells of ${head.count} exchanges, and there are ${listed.length}`);
}

function changed(listed: readonly Listed[], known: Known): Listed[] {
  const rows = new Map<string, ExchangeRow>(known?.exchanges.map((row) => [row.exchange, row]));
  return listed.filter(({ exchange, oid, ordinal }) => {
    const row = rows.get(exchange);
    return row?.oid !== oid || row.ordinal !== ordinal;
  });
}

interface Read {
  readonly row: ExchangeRow;
  readonly document: SearchDocument;
}

async function readExchanges(
  reader: TreeReader,
  reading: Reading,
  listed: readonly Listed[],
  about: SessionFacts,
): Promise<Read[]> {
  const rows: Read[] = [];
  const oids = listed.map(({ oid }) => oid);
  for await (const content of reader.files(oids, largestFile.exchange)) {
    const file = listed[rows.length];
    if (!file) break;
    rows.push(await readExchange(reading, file, content, about));
  }
  return rows;
}

async function readExchange(
  reading: Reading,
  { exchange, ordinal, oid }: Listed,
  content: Buffer | { readonly size: number } | undefined,
  about: SessionFacts,
): Promise<Read> {
  const what = `exchange ${exchange}`;
  const bytes = present(content, what);
  try {
    const { id, startedAt, fingerprint, document } = await reading.exchange({ content: bytes, what, ordinal, about });
    const row = { exchange, ordinal, oid, fingerprint, ...(startedAt === undefined ? {} : { started: startedAt }) };
    if (id === exchange) return { row, document };
  } catch (cause) {
    if (cause instanceof Fault) throw cause;
    throw new Fault('bad_exchange', `${what}: ${faultIn(cause).message}`, { cause });
  }
  throw new Fault('bad_exchange', `${what}: its file names another one`);
}

function factsOf({ meta, name, count }: SessionHead, author: string | undefined): SessionFacts {
  const { id, agent, createdAt, cwd, branch, parent, forkedFrom, origin } = meta;
  return { session: id, agent, name, created: createdAt, cwd, branch, parent, forkedFrom, origin, author, count };
}

function rowOf({ meta, name, count }: SessionHead, path: string, head: string): SessionRow {
  const { id, agent, createdAt, updatedAt, cwd, branch, parent, forkedFrom } = meta;
  return {
    session: id,
    path,
    head,
    agent,
    name,
    created: createdAt,
    updated: updatedAt,
    cwd,
    branch,
    parent,
    forkedFrom,
    count,
  };
}
