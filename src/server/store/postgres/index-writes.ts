import * as z from 'zod';
import { SpecstoryError } from '../../../core/errors.ts';
import { sessionIdSchema } from '../../../core/session.ts';
import type { SessionDocuments } from '../../../search/search-index.ts';
import { isSameCursor, parseCursor } from '../index-rows.ts';
import type { AnnotationChange, IndexStep, SessionChange } from '../index-store.ts';
import { documentsIn } from '../searched.ts';
import type { Session } from './database.ts';
import { type IndexRow, insert } from './insert.ts';
import { saidIn } from './said.ts';
import { applyStatements, applyStep } from './search/search-writer.ts';

type Stored = Extract<SessionChange, { kind: 'stored' }>;
type Statement = Extract<AnnotationChange, { kind: 'annotation' }>;

/**
 * Writes one step, and what is found of it, inside a transaction of `writing`, in a constant number of statements. The numbers come first: whoever writes into the same project waits for
 * that row, so that readers never see a number before those below it, and that the cursor is read when nobody else moves it. Throws `conflict`
 * when the cursor is elsewhere.
 */
export async function writeStep(session: Session, step: IndexStep): Promise<void> {
  const numbers = await takeNumbers(session, step);
  await checkCursor(session, step);
  const { project, writer, sessions, annotations } = step;
  const gone = await forget(session, step);
  const stored = sessions.filter((change): change is Stored => change.kind === 'stored');
  await store(session, step, stored, numbers);
  const stated = annotations.filter((change): change is Statement => change.kind === 'annotation');
  await state(session, step, stated, numbers);
  await reject(session, step);
  await moveCursor(session, step);
  if (annotations.length > 0) await applyStatements(session, project, await saidIn(session, project));
  await applyStep(session, { project, writer, sessions: [...gone, ...stored.flatMap(documentsIn)] });
}

/** Takes a range of numbers at once, and gives what hands them out. */
async function takeNumbers(session: Session, { project, sessions, annotations }: IndexStep): Promise<() => number> {
  const rows = sessions.map((change) => (change.kind === 'stored' ? 1 + change.put.length : 0));
  const count = rows.reduce((sum, more) => sum + more, annotations.length);
  const [row] = await session.rows(
    `INSERT INTO index.numbers AS n (project, last) VALUES ($1, $2)
      ON CONFLICT (project) DO UPDATE SET last = n.last + excluded.last RETURNING last`,
    [project, count],
  );
  let last = z.number().parse(row?.last) - count;
  return () => ++last;
}

async function checkCursor(session: Session, { project, writer, from }: IndexStep): Promise<void> {
  const [row] = await session.rows('SELECT * FROM index.cursors WHERE project = $1 AND writer = $2', [project, writer]);
  if (!isSameCursor(parseCursor(row), from))
    throw new SpecstoryError('conflict', 'the history was taken in by somebody else meanwhile');
}

async function moveCursor(session: Session, { project, writer, to }: IndexStep): Promise<void> {
  await session.run(
    `INSERT INTO index.cursors (project, writer, ingested, toward, after) VALUES ($1, $2, $3, $4, $5)
      ON CONFLICT (project, writer)
      DO UPDATE SET ingested = excluded.ingested, toward = excluded.toward, after = excluded.after`,
    [project, writer, to.ingested ?? null, to.toward?.tip ?? null, to.toward?.after ?? null],
  );
}

/** Takes away what the step replaces; gives the sessions of which nothing is left. */
async function forget(
  session: Session,
  { project, writer, sessions, annotations }: IndexStep,
): Promise<SessionDocuments[]> {
  const whole = sessions.flatMap((change) => (change.kind === 'stored' ? [] : [change.path]));
  const said = annotations.map((change) => (change.kind === 'annotation' ? change.row.path : change.path));
  const paths = [...sessions.map((change) => (change.kind === 'stored' ? change.row.path : change.path)), ...said];
  const at = 'project = $1 AND writer = $2 AND path = ANY($3::text[])';
  if (paths.length > 0) await session.run(`DELETE FROM index.rejections WHERE ${at}`, [project, writer, paths]);
  const gone = whole.length > 0 ? await forgetSessions(session, { project, writer, paths: whole }) : [];
  if (said.length === 0) return gone;
  await session.run(`DELETE FROM index.annotations WHERE ${at}`, [project, writer, said]);
  await session.run(`DELETE FROM index.deletions WHERE ${at}`, [project, writer, said]);
  return gone;
}

async function forgetSessions(
  session: Session,
  { project, writer, paths }: Pick<IndexStep, 'project' | 'writer'> & { readonly paths: readonly string[] },
): Promise<SessionDocuments[]> {
  const sql =
    'DELETE FROM index.sessions WHERE project = $1 AND writer = $2 AND path = ANY($3::text[]) RETURNING session';
  const rows = await session.rows(sql, [project, writer, paths]);
  const gone = rows.map((row) => sessionIdSchema.parse(row.session));
  await session.run('DELETE FROM index.exchanges WHERE project = $1 AND writer = $2 AND session = ANY($3::text[])', [
    project,
    writer,
    gone,
  ]);
  return gone.map((session) => ({ kind: 'gone', session }));
}

async function store(
  session: Session,
  { project, writer }: IndexStep,
  stored: readonly Stored[],
  next: () => number,
): Promise<void> {
  const sessions: IndexRow[] = [];
  const exchanges: IndexRow[] = [];
  for (const { row, put } of stored) {
    const { forkedFrom, ...rest } = row;
    sessions.push({ ...rest, forked_from: forkedFrom, number: next() });
    for (const exchange of put) exchanges.push({ ...exchange, session: row.session, number: next() });
  }
  await insert(session, 'sessions', { project, writer }, sessions, ['project', 'session', 'writer']);
  const dropped = stored.flatMap(({ row, drop }) => drop.map((exchange) => ({ session: row.session, exchange })));
  if (dropped.length > 0) {
    await session.run(
      `DELETE FROM index.exchanges WHERE project = $1 AND writer = $2
        AND (session, exchange) IN (SELECT * FROM unnest($3::text[], $4::text[]))`,
      [project, writer, dropped.map((one) => one.session), dropped.map((one) => one.exchange)],
    );
  }
  await insert(session, 'exchanges', { project, writer }, exchanges, ['project', 'session', 'writer', 'exchange']);
}

async function state(
  session: Session,
  { project, writer, at: time, since }: IndexStep,
  stated: readonly Statement[],
  next: () => number,
): Promise<void> {
  const rows = stated.map(({ row: { path, lamport, n, said } }): IndexRow => {
    const { session, exchange, statement } = said ?? {};
    const at = said?.at ?? since.get(path) ?? time;
    return { path, lamport, n, session, exchange, statement, at, number: next() };
  });
  await insert(session, 'annotations', { project, writer }, rows);
  const deletions = stated.flatMap(({ row: { path, lamport, said } }) =>
    (said?.deletes ?? []).map(({ kind, value }) => ({ kind, value, lamport, path })),
  );
  await insert(session, 'deletions', { project, writer }, deletions);
}

async function reject(
  session: Session,
  { project, writer, at, since, sessions, annotations }: IndexStep,
): Promise<void> {
  const rows = [
    ...sessions.flatMap((change) => (change.kind === 'rejected' ? [change] : [])),
    ...annotations.flatMap((change) => {
      if (change.kind === 'unreadable') return [change];
      return change.kind === 'annotation' && change.rejected ? [{ ...change.rejected, path: change.row.path }] : [];
    }),
  ].map(({ path, session, code, reason }) => ({ path, session, code, reason, at: since.get(path) ?? at }));
  await insert(session, 'rejections', { project, writer }, rows);
}
