import * as z from 'zod';
import { SpecstoryError } from '../../../core/errors.ts';
import type { WriterId } from '../../../core/ids.ts';
import { sessionIdSchema } from '../../../core/session.ts';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import type { SessionDocuments } from '../../../search/search-index.ts';
import type { SearchWriter } from '../../../search/sqlite/search-writer.ts';
import { isSameCursor } from '../index-rows.ts';
import type {
  AnnotationChange,
  AnnotationRow,
  ExchangeRow,
  IndexStep,
  SessionChange,
  SessionRow,
} from '../index-store.ts';
import { documentsIn } from '../searched.ts';
import { cursorOf } from './index-rows.ts';
import { saidIn } from './said.ts';

/** Writes one step inside a transaction. */
export class StepWriter {
  private readonly database: StoreDatabase;
  private readonly project: string;
  private readonly writer: WriterId;
  private readonly timeOf: (path: string) => string;
  private readonly found: SearchWriter;
  private readonly documents: SessionDocuments[] = [];
  private number = 0;

  constructor(
    database: StoreDatabase,
    { project, writer, at, since }: Pick<IndexStep, 'project' | 'writer' | 'at' | 'since'>,
    found: SearchWriter,
  ) {
    this.database = database;
    this.project = project;
    this.writer = writer;
    this.timeOf = (path) => since.get(path) ?? at;
    this.found = found;
  }

  /** Throws `conflict` when the cursor is elsewhere. */
  write({ from, to, sessions, annotations }: IndexStep): void {
    const { database, project, writer } = this;
    if (!isSameCursor(cursorOf(database, project, writer), from))
      throw new SpecstoryError('conflict', 'the history was taken in by somebody else meanwhile');
    this.take(numbersFor(sessions, annotations));
    for (const change of sessions) this.session(change);
    for (const change of annotations) this.annotation(change);
    database.run(
      `INSERT INTO cursors (project, writer, ingested, toward, after) VALUES (?, ?, ?, ?, ?)
       ON CONFLICT DO UPDATE SET ingested = excluded.ingested, toward = excluded.toward, after = excluded.after`,
      [project, writer, to.ingested ?? null, to.toward?.tip ?? null, to.toward?.after ?? null],
    );
    // Last of all, see `SearchWriter`.
    if (annotations.length > 0) this.found.state(project, saidIn(database, project));
    this.found.apply({ project, writer, sessions: this.documents });
  }

  /** Takes a range of numbers at once: readers never see one before those below it. */
  private take(count: number): void {
    const [row] = this.database.rows(
      `INSERT INTO numbers (project, last) VALUES (?, ?)
       ON CONFLICT DO UPDATE SET last = last + excluded.last RETURNING last`,
      [this.project, count],
    );
    this.number = z.number().parse(row?.last) - count;
  }

  private session(change: SessionChange): void {
    if (change.kind === 'stored') {
      this.store(change.row, change.put, change.drop);
      this.documents.push(...documentsIn(change));
    } else this.forget(change.path);
    if (change.kind === 'rejected') this.reject(change);
  }

  private store(row: SessionRow, put: readonly ExchangeRow[], drop: readonly string[]): void {
    const { database, project, writer } = this;
    this.accept(row.path);
    database.run(
      `INSERT OR REPLACE INTO sessions (project, session, writer, path, head, agent, name, created, updated, cwd, branch,
        parent, forked_from, count, number) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[project, row.session, writer, row.path, row.head, row.agent, row.name, row.created ?? null],
        ...[row.updated ?? null, row.cwd ?? null, row.branch ?? null, row.parent ?? null, row.forkedFrom ?? null],
        ...[row.count, ++this.number],
      ],
    );
    for (const exchange of drop) {
      database.run('DELETE FROM exchanges WHERE project = ? AND session = ? AND writer = ? AND exchange = ?', [
        ...[project, row.session, writer, exchange],
      ]);
    }
    for (const { exchange, ordinal, oid, fingerprint, started } of put) {
      database.run(
        `INSERT OR REPLACE INTO exchanges (project, session, writer, exchange, ordinal, oid, fingerprint, started, number)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        [project, row.session, writer, exchange, ordinal, oid, fingerprint, started ?? null, ++this.number],
      );
    }
  }

  private forget(path: string): void {
    const { database, project, writer } = this;
    this.accept(path);
    const sql = 'SELECT session FROM sessions WHERE project = ? AND writer = ? AND path = ?';
    for (const row of database.rows(sql, [project, writer, path]))
      this.documents.push({ kind: 'gone', session: sessionIdSchema.parse(row.session) });
    database.run(
      `DELETE FROM exchanges WHERE project = ?1 AND writer = ?2
        AND session = (SELECT session FROM sessions WHERE project = ?1 AND writer = ?2 AND path = ?3)`,
      [project, writer, path],
    );
    database.run('DELETE FROM sessions WHERE project = ? AND writer = ? AND path = ?', [project, writer, path]);
  }

  private annotation(change: AnnotationChange): void {
    const path = change.kind === 'annotation' ? change.row.path : change.path;
    this.accept(path);
    for (const table of ['annotations', 'deletions']) {
      this.database.run(`DELETE FROM ${table} WHERE project = ? AND writer = ? AND path = ?`, [
        ...[this.project, this.writer, path],
      ]);
    }
    if (change.kind === 'unreadable') this.reject(change);
    if (change.kind !== 'annotation') return;
    this.state(change.row);
    if (change.rejected) this.reject({ path, ...change.rejected });
  }

  private state({ path, lamport, n, said }: AnnotationRow): void {
    const { database, project, writer } = this;
    database.run(
      `INSERT INTO annotations (project, writer, path, lamport, n, session, exchange, statement, number, at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[project, writer, path, lamport, n, said?.session ?? null, said?.exchange ?? null],
        ...[said?.statement ?? null, ++this.number, said?.at ?? this.timeOf(path)],
      ],
    );
    for (const { kind, value } of said?.deletes ?? []) {
      database.run(
        'INSERT OR IGNORE INTO deletions (project, kind, value, lamport, writer, path) VALUES (?, ?, ?, ?, ?, ?)',
        [project, kind, value, lamport, writer, path],
      );
    }
  }

  private accept(path: string): void {
    this.database.run('DELETE FROM rejections WHERE project = ? AND writer = ? AND path = ?', [
      ...[this.project, this.writer, path],
    ]);
  }

  private reject(what: { path: string; session: string; code: string; reason: string }): void {
    this.database.run(
      'INSERT INTO rejections (project, writer, path, session, code, reason, at) VALUES (?, ?, ?, ?, ?, ?, ?)',
      [this.project, this.writer, what.path, what.session, what.code, what.reason, this.timeOf(what.path)],
    );
  }
}

function numbersFor(sessions: readonly SessionChange[], annotations: readonly AnnotationChange[]): number {
  const rows = sessions.map((change) => (change.kind === 'stored' ? 1 + change.put.length : 0));
  return rows.reduce((sum, count) => sum + count, annotations.length);
}
