import * as z from 'zod';
import type { SessionId, WriterId } from '../../../core/ids.ts';
import { sessionIdSchema } from '../../../core/session.ts';
import { openStoreDatabase, type StoreDatabase } from '../../../platform/sqlite-store.ts';
import type { SearchReader } from '../../../search/search-index.ts';
import { searchMigrations } from '../../../search/sqlite/schema.ts';
import { SqliteSearchReader } from '../../../search/sqlite/search-index.ts';
import { SearchWriter } from '../../../search/sqlite/search-writer.ts';
import {
  annotationRowSchema,
  exchangeRowSchema,
  parseCursor,
  rejectionSchema,
  sessionRowSchema,
  summaryOf,
  writerSchema,
  writtenExchangeSchema,
} from '../index-rows.ts';
import type { IndexStep, IndexStore, Rejection } from '../index-store.ts';
import { migrate } from '../migrations.ts';
import { indexMigrations } from './index-migrations.ts';
import { cursorOf, goneSessions, greatestCounting, standing } from './index-rows.ts';
import { StepWriter } from './index-writes.ts';
import { saidIn } from './said.ts';

/** Opens the index in a SQLite database, made when there is none. Throws `unsupported` for one that a newer version wrote. */
export function openSqliteIndexStore(path: string): IndexStore {
  const database = openStoreDatabase(path);
  try {
    migrate(database, 'search', searchMigrations);
    migrate(database, 'index', indexMigrations);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return new SqliteIndexStore(database);
}

class SqliteIndexStore implements IndexStore {
  readonly search: SearchReader;
  private readonly database: StoreDatabase;
  private readonly found: SearchWriter;

  constructor(database: StoreDatabase) {
    this.database = database;
    this.search = new SqliteSearchReader(database);
    this.found = new SearchWriter(database);
  }

  async cursor(project: string, writer: WriterId) {
    return cursorOf(this.database, project, writer);
  }

  async cursors(project: string) {
    const rows = this.database.rows('SELECT * FROM cursors WHERE project = ? ORDER BY writer', [project]);
    return rows.map((row) => ({ ingested: undefined, ...parseCursor(row), writer: writerSchema.parse(row.writer) }));
  }

  async apply(step: IndexStep) {
    this.write(() => new StepWriter(this.database, step, this.found).write(step));
  }

  async clear(project: string, writer?: WriterId) {
    const [where, of] = writer === undefined ? ['', []] : [' AND writer = ?', [writer]];
    this.write(() => {
      for (const table of ['cursors', 'sessions', 'exchanges', 'annotations', 'deletions', 'rejections']) {
        this.database.run(`DELETE FROM ${table} WHERE project = ?${where}`, [project, ...of]);
      }
      this.found.clear(project, writer);
      // What this writer said counts no more.
      if (writer !== undefined) this.found.state(project, saidIn(this.database, project));
    });
    // What was purged is to be gone from the disk: rows that were deleted are overwritten (`secure_delete`), and the log of them goes.
    this.database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async known(project: string, writer: WriterId, path: string) {
    const found = this.database.rows('SELECT session FROM sessions WHERE project = ? AND writer = ? AND path = ?', [
      ...[project, writer, path],
    ])[0];
    if (!found) return undefined;
    const session = sessionIdSchema.parse(found.session);
    const rows = this.database.rows(
      'SELECT * FROM exchanges WHERE project = ? AND session = ? AND writer = ? ORDER BY ordinal, exchange',
      [...[project, session, writer]],
    );
    return { session, exchanges: rows.map((row) => exchangeRowSchema.parse(row)) };
  }

  async elsewhere(project: string, writer: WriterId, session: SessionId) {
    const rows = this.database.rows('SELECT * FROM exchanges WHERE project = ? AND session = ? AND writer <> ?', [
      ...[project, session, writer],
    ]);
    return rows.map((row) => exchangeRowSchema.parse(row));
  }

  async isDeleted(project: string, session: SessionId) {
    const sql = `WITH RECURSIVE ${goneSessions} SELECT 1 AS yes FROM gone WHERE session = ?3`;
    return this.database.rows(sql, [project, this.greatest(project), session]).length > 0;
  }

  async sessions(project: string) {
    // One that had exchanges and of which nothing is left is not listed; one that never had any is.
    const sql = `WITH RECURSIVE ${goneSessions} SELECT s.* FROM sessions s WHERE s.project = ?1
      AND s.session NOT IN (SELECT session FROM gone)
      AND (s.count = 0 OR EXISTS (SELECT 1 FROM exchanges e
        WHERE e.project = ?1 AND e.session = s.session AND e.writer = s.writer AND ${standing}))
      ORDER BY s.session, s.writer`;
    return this.database.rows(sql, [project, this.greatest(project)]).map((row) => sessionRowSchema.parse(row));
  }

  async exchanges(project: string, session: SessionId) {
    const sql = `WITH RECURSIVE ${goneSessions} SELECT e.* FROM exchanges e WHERE e.project = ?1 AND e.session = ?3
      AND e.session NOT IN (SELECT session FROM gone) AND ${standing} ORDER BY e.writer, e.ordinal, e.exchange`;
    return this.database
      .rows(sql, [project, this.greatest(project), session])
      .map((row) => writtenExchangeSchema.parse(row));
  }

  async rejections(project: string): Promise<readonly Rejection[]> {
    // A clock too far ahead is not rejected for ever: it counts once what lies between is known.
    const sql = `SELECT writer, session, path, code, reason, at FROM rejections WHERE project = ?1
      UNION ALL
      SELECT a.writer, coalesce(a.session, a.path), a.path, 'bad_clock', 'its logical time is too far ahead of all others', a.at
      FROM annotations a WHERE a.project = ?1 AND a.lamport > ?2
        AND NOT EXISTS (SELECT 1 FROM rejections r WHERE r.project = ?1 AND r.writer = a.writer AND r.path = a.path)
      ORDER BY 1, 3`;
    return this.database.rows(sql, [project, this.greatest(project)]).map((row) => rejectionSchema.parse(row));
  }

  async annotations(project: string) {
    const sql = `SELECT writer, lamport, n, session, exchange, statement FROM annotations
      WHERE project = ? AND lamport <= ? AND statement IS NOT NULL ORDER BY lamport, writer, n`;
    return this.database.rows(sql, [project, this.greatest(project)]).map((row) => annotationRowSchema.parse(row));
  }

  async clock(project: string) {
    return this.greatest(project);
  }

  async summary(project: string) {
    return summaryOf(await this.sessions(project));
  }

  async lastNumber(project: string) {
    const [row] = this.database.rows('SELECT last FROM numbers WHERE project = ?', [project]);
    return row ? z.number().parse(row.last) : 0;
  }

  async close() {
    this.database.close();
  }

  private write(work: () => void): void {
    try {
      this.database.transaction(work);
    } catch (thrown) {
      this.found.forget();
      throw thrown;
    }
  }

  private greatest(project: string): number {
    return greatestCounting(this.database, project);
  }
}
