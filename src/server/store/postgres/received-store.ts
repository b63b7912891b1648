import { SpecstoryError } from '../../../core/errors.ts';
import { isObjectId, type SessionId } from '../../../core/ids.ts';
import {
  headSchema,
  type ReceivedRow,
  type ReceivedStep,
  type ReceivedStore,
  type Rendered,
  receivedColumns,
  receivedSchema,
  receivedValues,
  renderedColumns,
  renderedSchema,
  renderedValues,
  sessionOf,
  sizesIn,
  stateSchema,
} from '../received-store.ts';
import type { PostgresDatabase, Session } from './database.ts';
import { indexMigrations } from './index-migrations.ts';
import { deleted, standing } from './index-rows.ts';
import { migratePostgres } from './migrate.ts';

/** Opens what was received in the PostgreSQL database of the index, made when there is none. Throws `unsupported` for one that a newer version wrote. */
export async function openPostgresReceivedStore(database: PostgresDatabase): Promise<ReceivedStore> {
  await migratePostgres(database, 'index', indexMigrations);
  return new PostgresReceivedStore(database);
}

class PostgresReceivedStore implements ReceivedStore {
  private readonly database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.database = database;
  }

  async cursor(project: string) {
    const sql = 'SELECT tip FROM index.received_cursors WHERE project = $1';
    const tip = (await this.database.rowsOf(project, sql))[0]?.tip;
    return typeof tip === 'string' && isObjectId(tip) ? tip : undefined;
  }

  async apply({ project, from, to, put, gone }: ReceivedStep) {
    await this.database.inProject(project, async (session) => {
      await moveCursor(session, project, from, to);
      const away = 'DELETE FROM index.received WHERE project = $1 AND path = ANY($2::text[])';
      if (gone.length > 0) await session.run(away, [project, gone]);
      await putAll(session, 'received', { columns: receivedColumns, numbers: 3 }, project, put.map(receivedValues));
    });
  }

  async clear(project: string) {
    await this.database.inProject(project, async (session) => {
      for (const table of ['received_cursors', 'received', 'rendered'])
        await session.run(`DELETE FROM index.${table} WHERE project = $1`, [project]);
    });
  }

  async received(project: string, session?: SessionId): Promise<readonly ReceivedRow[]> {
    const sql = `${deleted} SELECT r.* FROM index.received r WHERE r.project = $1
      AND r.session NOT IN (SELECT session FROM gone)${session === undefined ? '' : ' AND r.session = $2'} ORDER BY r.session`;
    const rows = await this.database.rowsOf(project, sql, session === undefined ? [] : [session]);
    return rows.map((row) => receivedSchema.parse(row));
  }

  async sizes(project: string) {
    const sql = `${deleted} SELECT coalesce(
        json_agg(json_build_array(session, markdown_bytes, session_data_bytes)), '[]')::text AS sizes
      FROM index.received WHERE project = $1 AND session NOT IN (SELECT session FROM gone)`;
    return sizesIn((await this.database.rowsOf(project, sql))[0]);
  }

  async gone(project: string): Promise<readonly SessionId[]> {
    const sql = `${deleted} SELECT session FROM index.received
      WHERE project = $1 AND session IN (SELECT session FROM gone) ORDER BY 1`;
    return (await this.database.rowsOf(project, sql)).map(sessionOf);
  }

  async cut(project: string): Promise<readonly SessionId[]> {
    const sql = `${deleted} SELECT DISTINCT e.session FROM index.received r
      JOIN index.exchanges e ON e.project = r.project AND e.session = r.session
      WHERE r.project = $1 AND EXISTS (SELECT 1 FROM index.deletions WHERE project = $1 AND kind <> 'session')
        AND NOT (${standing}) ORDER BY 1`;
    return (await this.database.rowsOf(project, sql)).map(sessionOf);
  }

  async others(project: string, cut: readonly SessionId[], session?: SessionId) {
    const sql = `${deleted} SELECT e.session, count(*) AS exchanges, sum(e.number) AS numbers, (
        SELECT sum(s.number) FROM index.sessions s WHERE s.project = $1 AND s.session = e.session
      ) AS heads FROM index.exchanges e
      WHERE e.project = $1 AND e.session NOT IN (SELECT session FROM gone)
        AND (e.session = ANY($2::text[]) OR e.session NOT IN (SELECT session FROM index.received WHERE project = $1))
        AND ${standing} ${session === undefined ? '' : 'AND e.session = $3'} GROUP BY e.session ORDER BY e.session`;
    const more = session === undefined ? [cut] : [cut, session];
    return (await this.database.rowsOf(project, sql, more)).map((row) => stateSchema.parse(row));
  }

  async heads(project: string, session: SessionId) {
    const sql = 'SELECT writer, head FROM index.sessions WHERE project = $1 AND session = $2 ORDER BY writer';
    return (await this.database.rowsOf(project, sql, [session])).map((row) => headSchema.parse(row));
  }

  async rendered(project: string): Promise<readonly Rendered[]> {
    const rows = await this.database.rowsOf(
      project,
      'SELECT * FROM index.rendered WHERE project = $1 ORDER BY session',
    );
    return rows.map((row) => renderedSchema.parse(row));
  }

  async keep(project: string, rows: readonly Rendered[]) {
    const columns = { columns: renderedColumns, numbers: 2 };
    // Whoever keeps the same meanwhile takes the rows in the same order.
    const sorted = [...rows].sort((a, b) => (a.session < b.session ? -1 : 1));
    await this.database.inProject(project, (session) =>
      putAll(session, 'rendered', columns, project, sorted.map(renderedValues)),
    );
  }

  async named(project: string, id: string): Promise<SessionId | undefined> {
    const both = (where: string) => `SELECT session FROM index.received WHERE project = $1 AND ${where}
      UNION SELECT session FROM index.sessions WHERE project = $1 AND ${where} ORDER BY 1 LIMIT 1`;
    const found = async (where: string) => (await this.database.rowsOf(project, both(where), [id])).map(sessionOf)[0];
    return (await found('session = $2')) ?? (await found('lower(session) = lower($2)'));
  }

  close() {
    return this.database.close();
  }
}

async function moveCursor(session: Session, project: string, from: string | undefined, to: string): Promise<void> {
  const moved =
    from === undefined
      ? await session.run(
          'INSERT INTO index.received_cursors (project, tip) VALUES ($1, $2) ON CONFLICT (project) DO NOTHING',
          [project, to],
        )
      : await session.run('UPDATE index.received_cursors SET tip = $3 WHERE project = $1 AND tip = $2', [
          project,
          from,
          to,
        ]);
  if (moved === 0) throw new SpecstoryError('conflict', 'what was received was taken in by somebody else meanwhile');
}

/** Writes rows by one statement; the last `numbers` columns hold numbers. */
async function putAll(
  session: Session,
  table: 'received' | 'rendered',
  { columns, numbers }: { readonly columns: readonly string[]; readonly numbers: number },
  project: string,
  rows: readonly (readonly (string | number | null)[])[],
): Promise<void> {
  if (rows.length === 0) return;
  const lists = columns.map((_, at) => `$${at + 2}::${at < columns.length - numbers ? 'text' : 'bigint'}[]`);
  const changes = columns.filter((name) => name !== 'session').map((name) => `${name} = excluded.${name}`);
  await session.run(
    `INSERT INTO index.${table} (project, ${columns.join(', ')}) SELECT $1, * FROM unnest(${lists.join(', ')})
      ON CONFLICT (project, session) DO UPDATE SET ${changes.join(', ')}`,
    [project, ...columns.map((_, at) => rows.map((row) => row[at] ?? null))],
  );
}
