import * as z from 'zod';
import type { SessionId, WriterId } from '../../../core/ids.ts';
import { sessionIdSchema } from '../../../core/session.ts';
import type { SearchReader } from '../../../search/search-index.ts';
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
import type { Parameter, PostgresDatabase, Row } from './database.ts';
import { indexMigrations } from './index-migrations.ts';
import { deleted, standing } from './index-rows.ts';
import { writeStep } from './index-writes.ts';
import { migratePostgres } from './migrate.ts';
import { saidIn } from './said.ts';
import { migrateSearch, PostgresSearchReader } from './search/search-index.ts';
import { applyStatements, clear } from './search/search-writer.ts';
import { settleIndexes, writing } from './search/writing.ts';

/** Opens the index in a PostgreSQL database, made when there is none. Throws `unsupported` for one that a newer version wrote. */
export async function openPostgresIndexStore(database: PostgresDatabase): Promise<IndexStore> {
  await migrateSearch(database);
  await migratePostgres(database, 'index', indexMigrations);
  return new PostgresIndexStore(database);
}

const everyTable = ['cursors', 'sessions', 'exchanges', 'annotations', 'deletions', 'rejections'] as const;

class PostgresIndexStore implements IndexStore {
  readonly search: SearchReader;
  private readonly database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.database = database;
    this.search = new PostgresSearchReader(database);
  }

  async cursor(project: string, writer: WriterId) {
    const sql = 'SELECT * FROM index.cursors WHERE project = $1 AND writer = $2';
    return parseCursor((await this.of(project, sql, writer))[0]);
  }

  async cursors(project: string) {
    const rows = await this.of(project, 'SELECT * FROM index.cursors WHERE project = $1 ORDER BY writer');
    return rows.map((row) => ({ ingested: undefined, ...parseCursor(row), writer: writerSchema.parse(row.writer) }));
  }

  async apply(step: IndexStep) {
    await writing(this.database, step.project, (session) => writeStep(session, step));
    if (step.sessions.length + step.annotations.length > 0) await settleIndexes(this.database);
  }

  async clear(project: string, writer?: WriterId) {
    const [where, of] = writer === undefined ? ['', []] : [' AND writer = $2', [writer]];
    await writing(this.database, project, async (session) => {
      for (const table of everyTable)
        await session.run(`DELETE FROM index.${table} WHERE project = $1${where}`, [project, ...of]);
      await clear(session, project, writer);
      // What this writer said counts no more.
      if (writer !== undefined) await applyStatements(session, project, await saidIn(session, project));
    });
    await settleIndexes(this.database);
  }

  async known(project: string, writer: WriterId, path: string) {
    const sql = `SELECT s.session AS of_session, e.* FROM index.sessions s LEFT JOIN index.exchanges e
        ON e.project = s.project AND e.session = s.session AND e.writer = s.writer
      WHERE s.project = $1 AND s.writer = $2 AND s.path = $3 ORDER BY e.ordinal, e.exchange`;
    const rows = await this.of(project, sql, writer, path);
    const [first] = rows;
    if (!first) return undefined;
    const exchanges = rows.filter(({ exchange }) => exchange !== null).map((row) => exchangeRowSchema.parse(row));
    return { session: sessionIdSchema.parse(first.of_session), exchanges };
  }

  async elsewhere(project: string, writer: WriterId, session: SessionId) {
    const sql = 'SELECT * FROM index.exchanges WHERE project = $1 AND session = $2 AND writer <> $3';
    return (await this.of(project, sql, session, writer)).map((row) => exchangeRowSchema.parse(row));
  }

  async isDeleted(project: string, session: SessionId) {
    return (await this.of(project, `${deleted} SELECT 1 AS yes FROM gone WHERE session = $2`, session)).length > 0;
  }

  async sessions(project: string) {
    // One that had exchanges and of which nothing is left is not listed; one that never had any is.
    const sql = `${deleted} SELECT s.* FROM index.sessions s WHERE s.project = $1
      AND s.session NOT IN (SELECT session FROM gone)
      AND (s.count = 0 OR EXISTS (SELECT 1 FROM index.exchanges e
        WHERE e.project = $1 AND e.session = s.session AND e.writer = s.writer AND ${standing}))
      ORDER BY s.session, s.writer`;
    return (await this.of(project, sql)).map((row) => sessionRowSchema.parse(row));
  }

  async exchanges(project: string, session: SessionId) {
    const sql = `${deleted} SELECT e.* FROM index.exchanges e WHERE e.project = $1 AND e.session = $2
      AND e.session NOT IN (SELECT session FROM gone) AND ${standing} ORDER BY e.writer, e.ordinal, e.exchange`;
    return (await this.of(project, sql, session)).map((row) => writtenExchangeSchema.parse(row));
  }

  async rejections(project: string): Promise<readonly Rejection[]> {
    // A clock too far ahead is not rejected for ever: it counts once what lies between is known.
    const sql = `${deleted} SELECT writer, session, path, code, reason, at FROM index.rejections WHERE project = $1
      UNION ALL
      SELECT a.writer, coalesce(a.session, a.path), a.path, 'bad_clock', 'its logical time is too far ahead of all others', a.at
      FROM index.annotations a WHERE a.project = $1 AND a.lamport > (SELECT clock FROM counting)
        AND NOT EXISTS (SELECT 1 FROM index.rejections r
          WHERE r.project = $1 AND r.writer = a.writer AND r.path = a.path)
      ORDER BY 1, 3`;
    return (await this.of(project, sql)).map((row) => rejectionSchema.parse(row));
  }

  async annotations(project: string) {
    const sql = `${deleted} SELECT writer, lamport, n, session, exchange, statement FROM index.annotations
      WHERE project = $1 AND lamport <= (SELECT clock FROM counting) AND statement IS NOT NULL
      ORDER BY lamport, writer, n`;
    return (await this.of(project, sql)).map((row) => annotationRowSchema.parse(row));
  }

  async clock(project: string) {
    const [row] = await this.of(project, `${deleted} SELECT clock FROM counting`);
    return row ? z.number().parse(row.clock) : 0;
  }

  async summary(project: string) {
    return summaryOf(await this.sessions(project));
  }

  async lastNumber(project: string) {
    const [row] = await this.of(project, 'SELECT last FROM index.numbers WHERE project = $1');
    return row ? z.number().parse(row.last) : 0;
  }

  close() {
    return this.database.close();
  }

  /** The rows of one query about a project, which is its first parameter. */
  private of(project: string, sql: string, ...more: readonly Parameter[]): Promise<Row[]> {
    return this.database.rowsOf(project, sql, more);
  }
}
