import { setTimeout as pause } from 'node:timers/promises';
import { SpecstoryError } from '../../../core/errors.ts';
import { storable } from '../../../core/text.ts';
import { databaseError, isTransient } from './database-error.ts';

/** What a parameter of a statement may be; a list for `= ANY($1)` and `unnest`. */
type Scalar = string | number | boolean | null | Uint8Array;
export type Parameter = Scalar | readonly (string | number | null)[];
export type Row = Readonly<Record<string, unknown>>;

/** One connection, as a driver gives it. Integers up to 2^53 are numbers. */
export interface Connection {
  query(sql: string, parameters: readonly Parameter[]): Promise<{ readonly rows: Row[]; readonly changes: number }>;
  /** Gives it back; a broken one is not used again. */
  release(isBroken: boolean): void;
}

/** A bounded number of connections to one database: whoever takes one may have to wait, and gives it back. */
export interface Connections {
  take(): Promise<Connection>;
  close(): Promise<void>;
}

/** Statements, one after the other. Errors: `conflict` when a unique key is taken, else `unavailable`. */
export interface Session {
  rows(sql: string, parameters?: readonly Parameter[]): Promise<Row[]>;
  /** Gives how many rows it changed. */
  run(sql: string, parameters?: readonly Parameter[]): Promise<number>;
}

/** A PostgreSQL database of ours. Each statement outside a transaction may take another connection. */
export interface PostgresDatabase extends Session {
  /**
   * Does the work in one transaction (READ COMMITTED): all of it is on the database's disk when this returns, nothing of it when it
   * throws. Work that the database ended because it stood in the way of another one is done again, unless it may be done `once` only.
   */
  transaction<T>(work: (session: Session) => Promise<T>, options?: { once?: boolean }): Promise<T>;
  /** A transaction that sees the rows of one project and no other, whatever its statements say. */
  inProject<T>(project: string, work: (session: Session) => Promise<T>, options?: { once?: boolean }): Promise<T>;
  /** The rows of one statement about a project, which is its first parameter, as `inProject` sees them: one journey to the database. */
  rowsOf(project: string, sql: string, more?: readonly Parameter[]): Promise<Row[]>;
  close(): Promise<void>;
}

const attempts = 5;

export function postgresDatabase(connections: Connections): PostgresDatabase {
  const taking = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    const connection = await guarded(() => connections.take());
    let isBroken = true;
    try {
      const result = await work(sessionOn(connection));
      isBroken = false;
      return result;
    } catch (thrown) {
      // After an error of its own making the database goes on; after any other nobody knows what the connection is in the middle of.
      isBroken = !(thrown instanceof SpecstoryError && thrown.kind !== 'unavailable');
      throw thrown;
    } finally {
      connection.release(isBroken);
    }
  };
  const transaction: PostgresDatabase['transaction'] = async (work, { once = false } = {}) => {
    for (let attempt = 1; ; attempt++) {
      try {
        return await taking((session) => inTransaction(session, work));
      } catch (thrown) {
        if (once || attempt === attempts || !isTransient(thrown)) throw thrown;
        await pause(Math.random() * 20 * attempt);
      }
    }
  };
  return {
    rows: (sql, parameters) => taking((session) => session.rows(sql, parameters)),
    run: (sql, parameters) => taking((session) => session.run(sql, parameters)),
    transaction,
    inProject: (project, work, options) =>
      transaction(async (session) => {
        await session.rows(toProject, [project]);
        return work(session);
      }, options),
    rowsOf: (project, sql, more = []) => taking((session) => rowsOf(session, project, sql, more)),
    close: () => connections.close(),
  };
}

/** None waits for the answer to the one before. After one that failed, PostgreSQL undoes what the last one would have kept. */
async function rowsOf(session: Session, project: string, sql: string, more: readonly Parameter[]): Promise<Row[]> {
  const sent = [
    session.rows('BEGIN READ ONLY'),
    session.rows(toProject, [project]),
    session.rows(sql, [project, ...more]),
    session.rows('COMMIT'),
  ];
  const answers = await Promise.allSettled(sent);
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason;
  const wanted = answers[2];
  return wanted?.status === 'fulfilled' ? wanted.value : [];
}

const toProject = "SELECT set_config('specstory.project', $1, true)";

async function inTransaction<T>(session: Session, work: (session: Session) => Promise<T>): Promise<T> {
  await session.run('BEGIN');
  try {
    const result = await work(session);
    await session.run('COMMIT');
    return result;
  } catch (thrown) {
    // The error that led here tells more than that of a connection which is gone.
    await session.run('ROLLBACK').catch(() => {});
    throw thrown;
  }
}

function sessionOn(connection: Connection): Session {
  const query = (sql: string, parameters: readonly Parameter[] = []) =>
    guarded(() => connection.query(sql, parameters.map(bound)));
  return {
    rows: async (sql, parameters) => (await query(sql, parameters)).rows,
    run: async (sql, parameters) => (await query(sql, parameters)).changes,
  };
}

/** PostgreSQL has no text with a NUL in it, nor half a character: what a transcript brings of them is replaced visibly. */
function bound(parameter: Parameter): Parameter {
  if (typeof parameter === 'string') return storable(parameter);
  if (!Array.isArray(parameter)) return parameter;
  return parameter.map((value: string | number | null) => (typeof value === 'string' ? storable(value) : value));
}

async function guarded<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (cause) {
    throw databaseError(cause);
  }
}
