import { mkdirSync } from 'node:fs';
import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import { digest, isWriterId, sessionId, type WriterId } from '../../core/ids.ts';
import { openStoreDatabase, type StoreDatabase } from '../../platform/sqlite-store.ts';
import { documentOf, type SessionFacts } from '../../search/documents.ts';
import type { SearchStep, SessionDocuments } from '../../search/search-index.ts';
import { searchMigrations } from '../../search/sqlite/schema.ts';
import { SqliteSearchIndex } from '../../search/sqlite/search-index.ts';
import type { Context } from '../context.ts';
import type { History, Listed, Shown } from '../history/open-history.ts';
import { withHistory } from '../history/open-history.ts';
import { removeSearchCache, searchCache } from '../history/search-cache.ts';

/** The key of the one project that a local index has. */
export const localProject = 'local';

/** Grows with every change of what is indexed and how: an index of another version is made anew. */
const version = 1;

/** Exchanges that are written at once. */
const atOnce = 1000;

/** Contents of one exchange that are told apart; a fork with more is rare, and its first ones are found. */
const writers = [0, 1, 2].map((number): WriterId => {
  const id = String(number).padStart(16, '0');
  if (!isWriterId(id)) throw new SpecstoryError('bug', `${id} is no writer`);
  return id;
});

/** Searches everybody's history as it is known in this clone. */
export interface LocalIndex {
  readonly index: SqliteSearchIndex;
  /** Who committed what this clone captured: what `author:@me` means. */
  readonly me: readonly string[];
}

export type Progress = (done: number, total: number) => void;

/**
 * Works with the index of this clone, brought up to its refs. It is a cache in the git directory that may be deleted at any time: one that is
 * damaged, or of another version, is made anew.
 */
export async function withLocalIndex<T>(
  context: Context,
  progress: Progress,
  work: (local: LocalIndex) => Promise<T>,
): Promise<T> {
  const path = searchCache(context);
  try {
    return await attempt(path, context, progress, work);
  } catch (thrown) {
    if (!isDamage(thrown)) throw thrown;
    removeSearchCache(path);
    return attempt(path, context, progress, work);
  }
}

/** What SQLite says of a file that is not what it was; one that another process is busy with is whole. */
function isDamage(thrown: unknown): boolean {
  const isOurs = thrown instanceof SpecstoryError && thrown.kind === 'unavailable';
  return (
    isOurs && /^the database .*(?:malformed|not a database|no such table|disk image|fts5: corrupt)/.test(thrown.message)
  );
}

async function attempt<T>(
  path: string,
  context: Context,
  progress: Progress,
  work: (local: LocalIndex) => Promise<T>,
): Promise<T> {
  mkdirSync(context.folder, { recursive: true });
  const database = open(path);
  try {
    const index = new SqliteSearchIndex(database);
    const me = await withHistory(context, async (history) => {
      await new Update(database, index, history, progress).run();
      return history.tips.filter(({ isOwn }) => isOwn).map(({ author }) => author);
    });
    return await work({ index, me });
  } finally {
    database.close();
  }
}

function open(path: string): StoreDatabase {
  const database = openStoreDatabase(path);
  const [row] = database.rows('PRAGMA user_version');
  const found = z.number().parse(row?.user_version);
  if (found === version) return database;
  if (found !== 0) {
    database.close();
    removeSearchCache(path);
    return open(path);
  }
  database.transaction(() => {
    for (const { statements } of searchMigrations) for (const statement of statements) database.run(statement);
    database.run('CREATE TABLE local_sources (session TEXT PRIMARY KEY, content TEXT NOT NULL) STRICT');
    database.run('CREATE TABLE local_tips (tips TEXT NOT NULL) STRICT');
    database.run(`PRAGMA user_version = ${version}`);
  });
  return database;
}

/** Brings an index to what the refs have: only sessions that changed are read. */
class Update {
  private readonly database: StoreDatabase;
  private readonly index: SqliteSearchIndex;
  private readonly history: History;
  private readonly progress: Progress;

  constructor(database: StoreDatabase, index: SqliteSearchIndex, history: History, progress: Progress) {
    this.database = database;
    this.index = index;
    this.history = history;
    this.progress = progress;
  }

  async run(): Promise<void> {
    const { tips, sessions, statements } = this.history;
    const now = JSON.stringify(tips.map(({ writer, oid }) => `${writer} ${oid}`).sort());
    const [row] = this.database.rows('SELECT tips FROM local_tips');
    if (row?.tips === now) return;
    const before = this.sources();
    const wanted = new Map<string, string>(sessions.map((session) => [session.meta.id, contentOf(session)]));
    const gone = [...before.keys()].filter((session) => !wanted.has(session));
    const changed = sessions.filter(({ meta }) => before.get(meta.id) !== wanted.get(meta.id));
    for (const session of gone) await this.forget(session);
    await this.write(changed, wanted);
    await this.index.state(localProject, statements);
    this.database.transaction(() => {
      this.database.run('DELETE FROM local_tips');
      this.database.run('INSERT INTO local_tips (tips) VALUES (?)', [now]);
    });
  }

  private async write(changed: readonly Listed[], contents: ReadonlyMap<string, string>): Promise<void> {
    let batch: { listed: Listed; shown: Shown[] }[] = [];
    let count = 0;
    for (const [at, listed] of changed.entries()) {
      const shown = await this.history.exchanges(listed);
      batch.push({ listed, shown });
      count += shown.length;
      if (count < atOnce && at < changed.length - 1) continue;
      for (const { listed } of batch) await this.forget(listed.meta.id);
      for (const step of stepsOf(batch)) await this.index.apply(step);
      const sql = 'INSERT OR REPLACE INTO local_sources (session, content) VALUES (?, ?)';
      for (const { listed } of batch) this.database.run(sql, [listed.meta.id, contents.get(listed.meta.id) ?? '']);
      this.progress(at + 1, changed.length);
      [batch, count] = [[], 0];
    }
  }

  private async forget(session: string): Promise<void> {
    const known = this.database.rows('SELECT session FROM local_sources WHERE session = ?', [session]);
    if (known.length === 0) return;
    for (const writer of writers) {
      const sessions: SessionDocuments[] = [{ kind: 'gone', session: sessionId(session) }];
      await this.index.apply({ project: localProject, writer, sessions });
    }
    this.database.run('DELETE FROM local_sources WHERE session = ?', [session]);
  }

  private sources(): Map<string, string> {
    const schema = z.object({ session: z.string(), content: z.string() });
    const rows = this.database.rows('SELECT session, content FROM local_sources').map((row) => schema.parse(row));
    return new Map(rows.map(({ session, content }) => [session, content]));
  }
}

/** Changes when anything of a session does that is indexed. */
function contentOf({ meta, name, exchanges, copies }: Listed): string {
  const versions = exchanges.map(({ id, versions }) => [id, versions.map(({ content }) => content)]);
  return digest(JSON.stringify([meta, name, versions, copies[0]?.tip.author]));
}

/** Sessions as they are indexed: one writer for the first content of each exchange, another for the second, which contradicts it. */
function stepsOf(batch: readonly { readonly listed: Listed; readonly shown: readonly Shown[] }[]): SearchStep[] {
  return writers.flatMap((writer, version) => {
    const sessions = batch.flatMap(({ listed, shown }): SessionDocuments[] => {
      const about = factsOf(listed);
      const seen = new Map<string, number>();
      const put = shown.flatMap(({ exchange, number, fingerprint }) => {
        const place = seen.get(exchange.id) ?? 0;
        seen.set(exchange.id, place + 1);
        return place === version ? [documentOf({ exchange, ordinal: number, fingerprint }, about)] : [];
      });
      return version === 0 || put.length > 0 ? [{ kind: 'stored', about, put, drop: [] }] : [];
    });
    return sessions.length > 0 ? [{ project: localProject, writer, sessions }] : [];
  });
}

function factsOf({ meta, name, count, copies }: Listed): SessionFacts {
  const { id, agent, createdAt, cwd, branch, parent, forkedFrom, origin } = meta;
  const author = copies[0]?.tip.author;
  return { session: id, agent, name, created: createdAt, cwd, branch, parent, forkedFrom, origin, author, count };
}
