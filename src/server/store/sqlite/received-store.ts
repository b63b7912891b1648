import { SpecstoryError } from '../../../core/errors.ts';
import { isObjectId, type SessionId } from '../../../core/ids.ts';
import { openStoreDatabase, type StoreDatabase } from '../../../platform/sqlite-store.ts';
import { migrate } from '../migrations.ts';
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
import { indexMigrations } from './index-migrations.ts';
import { goneSessions, greatestCounting, standing } from './index-rows.ts';

/** Opens what was received in the SQLite database of the index, made when there is none. Throws `unsupported` for one that a newer version wrote. */
export function openSqliteReceivedStore(path: string): ReceivedStore {
  const database = openStoreDatabase(path);
  try {
    migrate(database, 'index', indexMigrations);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return new SqliteReceivedStore(database);
}

class SqliteReceivedStore implements ReceivedStore {
  private readonly database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.database = database;
  }

  async cursor(project: string) {
    const tip = this.database.rows('SELECT tip FROM received_cursors WHERE project = ?', [project])[0]?.tip;
    return typeof tip === 'string' && isObjectId(tip) ? tip : undefined;
  }

  async apply({ project, from, to, put, gone }: ReceivedStep) {
    const { database } = this;
    database.transaction(() => {
      const tip = database.rows('SELECT tip FROM received_cursors WHERE project = ?', [project])[0]?.tip;
      if (tip !== from)
        throw new SpecstoryError('conflict', 'what was received was taken in by somebody else meanwhile');
      for (const path of gone) database.run('DELETE FROM received WHERE project = ? AND path = ?', [project, path]);
      for (const row of put) this.put('received', receivedColumns, project, receivedValues(row));
      database.run('INSERT OR REPLACE INTO received_cursors (project, tip) VALUES (?, ?)', [project, to]);
    });
  }

  async clear(project: string) {
    this.database.transaction(() => {
      for (const table of ['received_cursors', 'received', 'rendered'])
        this.database.run(`DELETE FROM ${table} WHERE project = ?`, [project]);
    });
    // As in the index: what was purged is to be gone from the disk.
    this.database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async received(project: string, session?: SessionId): Promise<readonly ReceivedRow[]> {
    const sql = `WITH RECURSIVE ${goneSessions} SELECT r.* FROM received r WHERE r.project = ?1
      AND r.session NOT IN (SELECT session FROM gone)${session === undefined ? '' : ' AND r.session = ?3'} ORDER BY r.session`;
    const more = session === undefined ? [] : [session];
    return this.database.rows(sql, [project, this.greatest(project), ...more]).map((row) => receivedSchema.parse(row));
  }

  async sizes(project: string) {
    const sql = `WITH RECURSIVE ${goneSessions}
      SELECT json_group_array(json_array(session, markdown_bytes, session_data_bytes)) AS sizes FROM received
      WHERE project = ?1 AND session NOT IN (SELECT session FROM gone)`;
    return sizesIn(this.database.rows(sql, [project, this.greatest(project)])[0]);
  }

  async gone(project: string): Promise<readonly SessionId[]> {
    const sql = `WITH RECURSIVE ${goneSessions} SELECT session FROM received
      WHERE project = ?1 AND session IN (SELECT session FROM gone) ORDER BY 1`;
    return this.database.rows(sql, [project, this.greatest(project)]).map(sessionOf);
  }

  async cut(project: string): Promise<readonly SessionId[]> {
    const some = this.database.rows("SELECT 1 AS yes FROM deletions WHERE project = ? AND kind <> 'session' LIMIT 1", [
      project,
    ]);
    if (some.length === 0) return [];
    const sql = `SELECT DISTINCT e.session FROM received r JOIN exchanges e ON e.project = r.project AND e.session = r.session
      WHERE r.project = ?1 AND NOT (${standing}) ORDER BY 1`;
    return this.database.rows(sql, [project, this.greatest(project)]).map(sessionOf);
  }

  async others(project: string, cut: readonly SessionId[], session?: SessionId) {
    const sql = `WITH RECURSIVE ${goneSessions}
      SELECT e.session, count(*) AS exchanges, sum(e.number) AS numbers, (
        SELECT sum(s.number) FROM sessions s WHERE s.project = ?1 AND s.session = e.session
      ) AS heads FROM exchanges e
      WHERE e.project = ?1 AND e.session NOT IN (SELECT session FROM gone)
        AND (e.session IN (SELECT value FROM json_each(?3))
          OR e.session NOT IN (SELECT session FROM received WHERE project = ?1))
        AND ${standing} ${session === undefined ? '' : 'AND e.session = ?4'} GROUP BY e.session ORDER BY e.session`;
    const more = session === undefined ? [] : [session];
    return this.database
      .rows(sql, [project, this.greatest(project), JSON.stringify(cut), ...more])
      .map((row) => stateSchema.parse(row));
  }

  async heads(project: string, session: SessionId) {
    const sql = 'SELECT writer, head FROM sessions WHERE project = ? AND session = ? ORDER BY writer';
    return this.database.rows(sql, [project, session]).map((row) => headSchema.parse(row));
  }

  async rendered(project: string): Promise<readonly Rendered[]> {
    const rows = this.database.rows('SELECT * FROM rendered WHERE project = ? ORDER BY session', [project]);
    return rows.map((row) => renderedSchema.parse(row));
  }

  async keep(project: string, rows: readonly Rendered[]) {
    this.database.transaction(() => {
      for (const row of rows) this.put('rendered', renderedColumns, project, renderedValues(row));
    });
  }

  async named(project: string, id: string): Promise<SessionId | undefined> {
    const both = (where: string) => `SELECT session FROM received WHERE project = ?1 AND ${where}
      UNION SELECT session FROM sessions WHERE project = ?1 AND ${where} ORDER BY 1 LIMIT 1`;
    const found = (where: string) => this.database.rows(both(where), [project, id]).map(sessionOf)[0];
    return found('session = ?2') ?? found('lower(session) = lower(?2)');
  }

  async close() {
    this.database.close();
  }

  private put(table: string, columns: readonly string[], project: string, values: readonly (string | number | null)[]) {
    const marks = ['?', ...columns.map(() => '?')].join(', ');
    this.database.run(`INSERT OR REPLACE INTO ${table} (project, ${columns.join(', ')}) VALUES (${marks})`, [
      project,
      ...values,
    ]);
  }

  private greatest(project: string): number {
    return greatestCounting(this.database, project);
  }
}
