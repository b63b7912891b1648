import * as z from 'zod';
import type { Said } from '../../../../search/search-index.ts';
import { states } from '../../../../search/states.ts';
import type { Session } from '../database.ts';

/** Which documents may have another state than before. */
export interface Touched {
  /** What hangs under them as well. */
  readonly sessions: readonly string[];
  readonly exchanges?: readonly string[];
  readonly content?: readonly string[];
}

/** Brings documents to the state that deletions and hiding make of them; as `core/fold.ts` has it. */
export async function settle(
  session: Session,
  project: string,
  { sessions, exchanges = [], content = [] }: Touched,
): Promise<void> {
  const sql = `WITH RECURSIVE
    touched (session) AS (
      SELECT unnest($2::text[]) COLLATE "C"
      UNION SELECT s.session FROM touched t JOIN search.sessions s ON s.project = $1 AND s.parent = t.session),
    gone (session) AS (
      SELECT value FROM search.deletions WHERE project = $1 AND kind = 'session'
      UNION SELECT s.session FROM gone g JOIN search.sessions s ON s.project = $1 AND s.parent = g.session),
    hidden (session) AS (
      SELECT session FROM search.labels WHERE project = $1 AND exchange = '' AND hidden
      UNION SELECT s.session FROM hidden h JOIN search.sessions s ON s.project = $1 AND s.parent = h.session),
    settled (doc, state) AS (
      SELECT d.doc, CASE
        WHEN EXISTS (SELECT 1 FROM gone WHERE gone.session = d.session) OR EXISTS (
          SELECT 1 FROM search.deletions x WHERE x.project = $1
            AND ((x.kind = 'exchange' AND x.value = d.exchange) OR (x.kind = 'content' AND x.value = d.fingerprint))) THEN ${states.gone}
        WHEN EXISTS (SELECT 1 FROM hidden WHERE hidden.session = d.session) OR EXISTS (
          SELECT 1 FROM search.labels l WHERE l.project = $1 AND l.session = d.session AND l.exchange = d.exchange AND l.hidden) THEN ${states.hidden}
        ELSE ${states.shown} END
      FROM search.documents d WHERE d.project = $1 AND (%))
    UPDATE search.words w SET state = s.state FROM settled s WHERE w.project = $1 AND w.doc = s.doc AND w.state <> s.state`;
  // No index has fingerprints: a deletion by content alone, which is rare, looks at all of the project once.
  const by = [
    'd.session IN (SELECT session FROM touched)',
    'd.exchange = ANY($3::text[])',
    'd.fingerprint = ANY($4::text[])',
  ];
  const lists = [exchanges, content];
  const where = [
    by[0],
    ...lists.map((list, at) => (list.length > 0 ? by[at + 1] : `cardinality($${at + 3}::text[]) < 0`)),
  ].join(' OR ');
  await session.run(sql.replace('%', where), [project, sessions, exchanges, content]);
}

const deletionSchema = z.object({ kind: z.enum(['session', 'exchange', 'content']), value: z.string() });

/** Whether anything is deleted in a project. */
export async function hasDeletions(session: Session, project: string): Promise<boolean> {
  return (await session.rows('SELECT 1 FROM search.deletions WHERE project = $1 LIMIT 1', [project])).length > 0;
}

/** Puts deletions in place of those there were; gives what they concern, before or now but not both. */
export async function replaceDeletions(session: Session, project: string, { tombstones }: Said): Promise<Touched> {
  const sql = 'SELECT kind, value FROM search.deletions WHERE project = $1';
  const rows = (await session.rows(sql, [project])).map((row) => deletionSchema.parse(row));
  const differing = (kind: 'session' | 'exchange' | 'content', now: ReadonlySet<string>): string[] => {
    const before = new Set(rows.flatMap((row) => (row.kind === kind ? [row.value] : [])));
    return [...[...before].filter((value) => !now.has(value)), ...[...now].filter((value) => !before.has(value))];
  };
  const now = { session: tombstones.sessions, exchange: tombstones.exchanges, content: tombstones.content };
  const touched = {
    sessions: differing('session', now.session),
    exchanges: differing('exchange', now.exchange),
    content: differing('content', now.content),
  };
  if (Object.values(touched).every((list) => list.length === 0)) return touched;
  const all = Object.entries(now).flatMap(([kind, values]) =>
    [...values].map((value): [string, string] => [kind, value]),
  );
  await session.run('DELETE FROM search.deletions WHERE project = $1', [project]);
  await session.run(
    'INSERT INTO search.deletions (project, kind, value) SELECT $1, * FROM unnest($2::text[], $3::text[])',
    [...[project, all.map(([kind]) => kind), all.map(([, value]) => value)]],
  );
  return touched;
}
