import type { ObjectId, SessionId, WriterId } from '../../core/ids.ts';
import { exchangeFile, format, markerPath, rawPath, refs, sessionPath } from '../../core/layout.ts';
import type { Statements, Tombstones } from '../../core/statements.ts';
import { counted } from '../../core/text.ts';
import type { TreeReaders } from '../../git/tree-readers.ts';
import { type Change, type Import, type OwnTips, openImport } from '../../git/write.ts';
import { renderSession } from '../../markdown/session-file.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import { Refusal } from '../refusal.ts';
import type { Repositories } from '../repositories/repositories.ts';
import type { IndexStore } from '../store/index-store.ts';
import type { ReceivedRow } from '../store/received-store.ts';
import { parseReceived, type Received, receivedFile, receivedFolder, receivedText } from './documents.ts';
import { headOf, isBuried, type PreparedSession } from './prepared-session.ts';
import { statementsIn } from './statements-in.ts';
import { folderChanges, WrittenFolders } from './written-folders.ts';

/** What a batch does with one session: writes it, or takes it out of the tree because it was deleted, or only the documents because a part of it was. */
export type Job =
  | { readonly kind: 'put'; readonly prepared: PreparedSession }
  | { readonly kind: 'remove'; readonly session: SessionId; readonly what: 'session' | 'documents' };

/** What became of a job: what is kept as it was received, or that only what was not deleted is kept; or why nothing is. */
export type JobOutcome = { readonly kept: ReceivedRow } | 'partly kept' | 'removed' | Refusal;

/** What became of a batch, and where the raw records stood before it and stand now. */
export interface Written {
  readonly outcomes: readonly JobOutcome[];
  readonly raw: { readonly from: ObjectId | undefined; readonly to: ObjectId | undefined };
  readonly statements: Statements;
}

export interface SessionWriterServices {
  readonly repositories: Repositories;
  readonly store: IndexStore;
  readonly redactor: Redactor;
}

/** A batch of jobs of one project, with the state that they are written onto. */
interface Desk {
  readonly into: Import;
  readonly history: WrittenFolders;
  readonly raw: WrittenFolders;
  readonly tombstones: Tombstones;
  readonly changes: { readonly history: Change[]; readonly raw: Change[] };
}

/**
 * Writes sessions that were sent into the refs of the server's own writer: one commit on each ref for many of them, so that what lies on the disk when it
 * returns costs one wait for the disk. What is the same as before stays; a session that did not change makes no commit. The caller closes `readers`.
 */
export async function writeSessions(
  services: SessionWriterServices,
  project: string,
  jobs: readonly Job[],
  { name, readers }: { readonly name: string; readonly readers: TreeReaders },
): Promise<Written> {
  const { repositories, store, redactor } = services;
  const writer = serverWriter(project);
  const statements = statementsIn(await store.annotations(project));
  const { tombstones } = statements;
  return repositories.exclusively(project, async (repository) => {
    const reader = readers.of(repository);
    const [history, raw] = await Promise.all([reader.tip(writer, 'history'), reader.tip(writer, 'raw')]);
    const before: OwnTips = { ...(history ? { history } : {}), ...(raw ? { raw } : {}) };
    const into = openImport(repository, before, { name, email: 'specstory@localhost' }, writer);
    const folders = { history: new WrittenFolders(reader, history), raw: new WrittenFolders(reader, raw) };
    const desk: Desk = { into, ...folders, tombstones, changes: { history: [], raw: [] } };
    try {
      const outcomes: JobOutcome[] = [];
      for (const job of lastOfEach(jobs)) outcomes.push(await (job ? work(services, desk, job) : 'removed'));
      await commit(redactor, desk, before, writer, jobs.length);
      const after = await into.finish();
      const all = jobs.map((job) => outcomes[lastIndex(jobs, job)] ?? 'removed');
      return { outcomes: all, raw: { from: raw, to: after.raw }, statements };
    } finally {
      await into.abort();
    }
  });
}

const sessionOf = (job: Job): SessionId => (job.kind === 'put' ? job.prepared.session : job.session);
const lastIndex = (jobs: readonly Job[], job: Job): number =>
  jobs.findLastIndex((other) => sessionOf(other) === sessionOf(job));

/** Of several jobs with one session only the last is done; the others' places stay empty. */
function lastOfEach(jobs: readonly Job[]): (Job | undefined)[] {
  return jobs.map((job, index) => (lastIndex(jobs, job) === index ? job : undefined));
}

async function work(services: SessionWriterServices, desk: Desk, job: Job): Promise<JobOutcome> {
  if (job.kind === 'remove') return remove(desk, job);
  const { session } = job.prepared;
  if (desk.tombstones.sessions.has(session))
    return new Refusal('conflict', 'this session was deleted: it is not taken in again');
  return put(services, desk, job.prepared);
}

async function remove(
  { history, raw, changes }: Desk,
  { session, what }: Extract<Job, { kind: 'remove' }>,
): Promise<JobOutcome> {
  const [path, received] = [sessionPath(session), receivedFolder(session)];
  if (what === 'session' && (await history.entries(path)).length > 0) changes.history.push({ path, remove: true });
  if ((await raw.entries(received)).length > 0) changes.raw.push({ path: received, remove: true });
  return 'removed';
}

async function put({ redactor }: SessionWriterServices, desk: Desk, prepared: PreparedSession): Promise<JobOutcome> {
  const { session } = prepared;
  const folder = receivedFolder(session);
  const there = await desk.raw.entries(folder);
  const old = parseReceived(await desk.raw.json(there, receivedFile), rawPath(session));
  const isSame =
    old !== undefined && old.etag === prepared.received.etag && isEqual(old.sizes, prepared.received.sizes);
  const now = new Date().toISOString();
  const created = old?.created ?? now;
  const received: Received = { ...prepared.received, created, updated: isSame ? old.updated : now };
  const kept = prepared.exchanges.filter((exchange) => !isBuried(exchange, desk.tombstones));
  // What was deleted for everybody stands in the documents as well.
  const isWhole = kept.length === prepared.exchanges.length;
  const documents = [{ file: receivedFile, content: [receivedText(received, redactor)] }, ...prepared.documents];
  for await (const change of folderChanges(folder, there, isWhole ? documents : [], desk.into))
    desk.changes.raw.push(change);
  await putHistory(redactor, desk, prepared, kept, received);
  const row = isWhole ? parseReceived(received, rawPath(session)) : undefined;
  return row ? { kept: row } : 'partly kept';
}

async function putHistory(
  redactor: Redactor,
  desk: Desk,
  prepared: PreparedSession,
  kept: PreparedSession['exchanges'],
  received: Received,
): Promise<void> {
  const path = sessionPath(prepared.session);
  const head = renderSession(redactor.value(headOf(prepared, kept, received)));
  const exchanges = kept.map(({ id, entry, text }) => ({
    file: exchangeFile(entry.ordinal, id).slice('exchanges/'.length),
    content: [text],
  }));
  const before = (await desk.history.entries(path)).filter(({ isFolder }) => !isFolder);
  const parts = [
    folderChanges(path, before, [{ file: 'session.md', content: [head] }], desk.into),
    folderChanges(`${path}/exchanges`, await desk.history.entries(`${path}/exchanges`), exchanges, desk.into),
  ];
  for (const part of parts) for await (const change of part) desk.changes.history.push(change);
}

async function commit(
  redactor: Redactor,
  { into, changes }: Desk,
  before: OwnTips,
  writer: WriterId,
  count: number,
): Promise<void> {
  const text = { subject: redactor.text(`receive: ${counted(count, 'session')}`), at: new Date().toISOString() };
  for (const kind of ['raw', 'history'] as const) {
    if (changes[kind].length === 0) continue;
    const marker = redactor.text(`${JSON.stringify({ format, writer })}\n`);
    const first: Change[] = before[kind] ? [] : [{ path: markerPath, content: marker }];
    await into.commit(refs[kind], text, [...first, ...changes[kind]]);
  }
}

function isEqual(a: Received['sizes'], b: Received['sizes']): boolean {
  return a.markdown === b.markdown && a.rawData === b.rawData && a.sessionData === b.sessionData;
}
