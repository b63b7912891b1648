import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import type { Said } from '../search-index.ts';
import { states } from '../states.ts';
import type { Labelled } from './labels.ts';

type State = (typeof states)[keyof typeof states];

const sessionSchema = z.object({ session: z.string() });
const parentSchema = z.object({ parent: z.string().nullable() });
const documentSchema = z.object({
  doc: z.number(),
  session: z.string(),
  exchange: z.string(),
  fingerprint: z.string(),
  state: z.number(),
});

/** A document as far as its state depends on it. */
interface Known {
  readonly session: string;
  readonly exchange: string;
  readonly fingerprint: string;
}

/** What deletions and hiding make of the documents of a project; as `core/fold.ts` has it. */
export class Standing {
  private readonly database: StoreDatabase;
  private readonly project: string;
  private deletions: ReadonlySet<string>;
  private hidden: ReadonlySet<string>;
  private readonly sessions = new Map<string, State>();

  constructor(database: StoreDatabase, project: string) {
    this.database = database;
    this.project = project;
    this.deletions = this.read("SELECT kind || ' ' || value AS key FROM search_deletions WHERE project = ?");
    this.hidden = this.readHidden();
  }

  of({ session, exchange, fingerprint }: Known): State {
    const isDeleted = this.deletions.has(`exchange ${exchange}`) || this.deletions.has(`content ${fingerprint}`);
    if (isDeleted) return states.gone;
    const whole = this.ofSession(session);
    return whole === states.shown && this.hidden.has(`${exchange} ${session}`) ? states.hidden : whole;
  }

  /** Brings the documents of sessions, and of what hangs under them, to the state they are in now. Nothing to do where nothing was said. */
  settle(sessions: readonly string[]): void {
    if (this.deletions.size === 0 && this.hidden.size === 0) return;
    this.sessions.clear();
    for (const session of this.withBelow(sessions)) {
      const where = 'project = ? AND session = ?';
      this.restate(where, [this.project, session]);
    }
  }

  /** Puts what was said in place of what was said before. */
  replace({ tombstones }: Said, relabelled: readonly Labelled[]): void {
    const now = new Set([
      ...[...tombstones.sessions].map((value) => `session ${value}`),
      ...[...tombstones.exchanges].map((value) => `exchange ${value}`),
      ...[...tombstones.content].map((value) => `content ${value}`),
    ]);
    const changed = [...this.deletions]
      .filter((key) => !now.has(key))
      .concat([...now].filter((key) => !this.deletions.has(key)));
    for (const key of changed) this.write(key, now.has(key));
    this.deletions = now;
    this.hidden = this.readHidden();
    this.sessions.clear();
    const about = (kind: string): string[] =>
      changed.flatMap((key) => (key.startsWith(`${kind} `) ? key.slice(kind.length + 1) : []));
    for (const exchange of about('exchange')) this.restate('project = ? AND exchange = ?', [this.project, exchange]);
    // No index has fingerprints: a deletion by content alone, which is rare, looks at all of the project once.
    if (about('content').length > 0) {
      const list = JSON.stringify(about('content'));
      this.restate('project = ? AND fingerprint IN (SELECT value FROM json_each(?))', [this.project, list]);
    }
    const sessions = [...about('session'), ...relabelled.map(({ session }) => session)];
    for (const session of this.withBelow(sessions))
      this.restate('project = ? AND session = ?', [this.project, session]);
  }

  private restate(where: string, parameters: readonly string[]): void {
    const sql = `SELECT doc, session, exchange, fingerprint, state FROM search_documents WHERE ${where}`;
    for (const row of this.database.rows(sql, parameters)) {
      const { doc, state, ...known } = documentSchema.parse(row);
      const now = this.of(known);
      if (now !== state) this.database.run('UPDATE search_documents SET state = ? WHERE doc = ?', [now, doc]);
    }
  }

  /** What hangs under what is deleted or hidden is so too. */
  private ofSession(session: string): State {
    const known = this.sessions.get(session);
    if (known !== undefined) return known;
    let state: State = states.shown;
    const seen = new Set<string>();
    for (let at: string | null = session; at !== null && !seen.has(at); at = this.parentOf(at)) {
      seen.add(at);
      if (this.deletions.has(`session ${at}`)) {
        state = states.gone;
        break;
      }
      if (this.hidden.has(` ${at}`)) state = states.hidden;
    }
    this.sessions.set(session, state);
    return state;
  }

  private parentOf(session: string): string | null {
    if (this.deletions.size === 0 && this.hidden.size === 0) return null;
    const sql = 'SELECT max(parent) AS parent FROM search_sessions WHERE project = ? AND session = ?';
    return parentSchema.parse(this.database.rows(sql, [this.project, session])[0]).parent;
  }

  private withBelow(sessions: readonly string[]): string[] {
    const sql = `WITH RECURSIVE below (session) AS (
        SELECT value FROM json_each(?2)
        UNION SELECT s.session FROM below JOIN search_sessions s ON s.project = ?1 AND s.parent = below.session)
      SELECT session FROM below`;
    return this.database
      .rows(sql, [this.project, JSON.stringify(sessions)])
      .map((row) => sessionSchema.parse(row).session);
  }

  private readHidden(): Set<string> {
    return this.read("SELECT exchange || ' ' || session AS key FROM search_labels WHERE project = ? AND hidden = 1");
  }

  private read(sql: string): Set<string> {
    return new Set(this.database.rows(sql, [this.project]).map((row) => z.string().parse(row.key)));
  }

  private write(key: string, isThere: boolean): void {
    const space = key.indexOf(' ');
    const sql = isThere
      ? 'INSERT OR IGNORE INTO search_deletions (project, kind, value) VALUES (?, ?, ?)'
      : 'DELETE FROM search_deletions WHERE project = ? AND kind = ? AND value = ?';
    this.database.run(sql, [this.project, key.slice(0, space), key.slice(space + 1)]);
  }
}
