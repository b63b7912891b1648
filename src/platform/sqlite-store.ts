import { closeSync, openSync } from 'node:fs';
import { reason, SpecstoryError } from '../core/errors.ts';
import type { Column, Row } from '../core/host.ts';
import { writeError } from './file-error.ts';
import { connect, type Driver, plainRow, type Statement } from './sqlite-driver.ts';

/**
 * A SQLite database of our own. Numbers are integers up to 2^53. Errors: `conflict` when a unique key is taken, else `unavailable`.
 */
export interface StoreDatabase {
  /** Does one statement that gives no rows. */
  run(sql: string, parameters?: readonly Column[]): { readonly changes: number };
  /** All rows of one statement, of an `INSERT … RETURNING` as well. */
  rows(sql: string, parameters?: readonly Column[]): Row[];
  /**
   * Does the work in one transaction that may write from the start: all of it is on the disk when this returns, nothing of it when it
   * throws. The work must not wait for anything. Throws `bug` inside another transaction.
   */
  transaction<T>(work: () => T): T;
  close(): void;
}

/**
 * Opens a database for reading and writing, made with mode 0600 when there is none. Other processes may have it open: a write waits up to 5
 * seconds for theirs. What was acknowledged survives a power cut; what was deleted is overwritten.
 */
export function openStoreDatabase(path: string): StoreDatabase {
  makePrivate(path);
  const database = guarded(path, () => connect(path, { readOnly: false }));
  const store = storeDatabase(path, database);
  for (const setting of settings) store.rows(setting);
  return store;
}

/**
 * Copies a database as it is at one moment into a new file, mode 0600, while others read and write it; what was deleted is not in the copy. Throws
 * `unavailable`.
 */
export function copyStoreDatabase(from: string, to: string): void {
  const database = openStoreDatabase(from);
  try {
    // An empty file is what SQLite would make, but for its mode.
    makePrivate(to);
    database.run('VACUUM INTO ?', [to]);
  } finally {
    database.close();
  }
}

const settings = [
  'PRAGMA busy_timeout = 5000',
  'PRAGMA journal_mode = WAL',
  'PRAGMA synchronous = FULL',
  'PRAGMA foreign_keys = ON',
  'PRAGMA secure_delete = ON',
] as const;

function storeDatabase(path: string, database: Driver): StoreDatabase {
  const { statement, forget } = statementCache(database);
  const run = (sql: string, parameters: readonly Column[] = []) =>
    guarded(path, () => ({ changes: Number(statement(sql).run(...parameters).changes) }));
  let inside = false;
  return {
    run,
    rows: (sql, parameters = []) =>
      guarded(path, () =>
        statement(sql)
          .all(...parameters)
          .map(plainRow),
      ),
    transaction(work) {
      if (inside) throw new SpecstoryError('bug', 'a transaction inside a transaction');
      // IMMEDIATE: one that reads first and finds at its first write that somebody else wrote could only fail.
      run('BEGIN IMMEDIATE');
      inside = true;
      try {
        const result = work();
        run('COMMIT');
        return result;
      } catch (thrown) {
        rollBack(database);
        throw thrown;
      } finally {
        inside = false;
      }
    },
    close: () =>
      guarded(path, () => {
        // libsql keeps a connection open as long as a statement of it is there; whatever becomes of it, the file itself is whole.
        statement('PRAGMA wal_checkpoint(PASSIVE)').all();
        forget();
        database.close();
      }),
  };
}

/** SQLite ends the transaction itself after some errors (a full disk): then there is nothing left to roll back. */
function rollBack(database: Driver): void {
  try {
    database.prepare('ROLLBACK').run();
  } catch {
    // The error that led here tells more.
  }
}

/** Prepared statements by their text; the oldest goes when there are many, which texts made for one use would bring about. */
function statementCache(database: Driver, size = 200) {
  const prepared = new Map<string, Statement>();
  const statement = (sql: string): Statement => {
    const known = prepared.get(sql);
    if (known) return known;
    const made = database.prepare(sql);
    const [oldest] = prepared.keys();
    if (prepared.size >= size && oldest !== undefined) prepared.delete(oldest);
    prepared.set(sql, made);
    return made;
  };
  return { statement, forget: () => prepared.clear() };
}

/**
 * SQLite gives `-wal` and `-shm` the mode of the database. One that is there is not opened: closing it again would take away the locks
 * that this process holds on it (https://www.sqlite.org/howtocorrupt.html, 2.2).
 */
function makePrivate(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600));
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'EEXIST')) throw writeError(path, cause);
  }
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (cause instanceof SpecstoryError) throw cause;
    const message = reason(cause);
    if (/UNIQUE constraint failed/.test(message)) throw new SpecstoryError('conflict', message, { cause });
    throw new SpecstoryError('unavailable', `the database ${path}: ${message}`, { cause });
  }
}
