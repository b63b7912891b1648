import pg from 'pg';
import { SpecstoryError } from '../../../core/errors.ts';
import type { Connection, Connections } from './database.ts';

export interface PoolOptions {
  /** Connections at most. */
  readonly most: number;
  /** Milliseconds that one statement may take, and that a transaction may stand still. */
  readonly statement: number;
  readonly idle: number;
}

/** Object id of PostgreSQL's `int8`. */
const int8 = 20;
/** Milliseconds that a caller waits for a connection. */
const patience = 10_000;
/** Milliseconds by which a statement may be late before the connection counts as dead. */
const grace = 5000;

/** Connections to the database at an address, `postgres://…`. None is made before it is needed. Throws `usage` for another address. */
export function openPool(url: string, { most, statement, idle }: PoolOptions): Connections {
  if (!/^postgres(?:ql)?:\/\/./.test(url) || !URL.canParse(url))
    throw new SpecstoryError('usage', 'the address of a database is like postgres://user:password@host/name', {
      hint: 'leave --database-url out to use SQLite in the data directory',
    });
  const types = new pg.TypeOverrides();
  types.setTypeParser(int8, Number);
  const pool = new pg.Pool({
    connectionString: url,
    max: most,
    types,
    application_name: 'specstory',
    keepAlive: true,
    pipeline: true,
    connectionTimeoutMillis: patience,
    statement_timeout: statement,
    query_timeout: statement + grace,
    idle_in_transaction_session_timeout: idle,
  });
  // One that breaks while nobody uses it is replaced; without a listener it would end the process.
  pool.on('error', () => {});
  return { take: async () => connectionOf(await pool.connect()), close: () => pool.end() };
}

function connectionOf(client: pg.PoolClient): Connection {
  // One that breaks while it is used says so to the statement; without a listener it would end the process as well.
  const ignore = (): void => {};
  client.on('error', ignore);
  return {
    query: async (text, values) => {
      const { rows, rowCount } = await client.query<Record<string, unknown>>(text, [...values]);
      return { rows, changes: rowCount ?? 0 };
    },
    release: (isBroken) => {
      client.off('error', ignore);
      client.release(isBroken);
    },
  };
}
