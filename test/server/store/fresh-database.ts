import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { onTestFinished } from 'vitest';
import { type PostgresDatabase, postgresDatabase } from '../../../src/server/store/postgres/database.ts';
import { openPool } from '../../../src/server/store/postgres/pool.ts';

/** The PostgreSQL of the tests, where there is one (test/hosts/postgres.ts). */
export const postgres = process.env.SPECSTORY_POSTGRES;

/** Does something as the administrator of the PostgreSQL of the tests. */
export async function asAdministrator(...statements: readonly string[]): Promise<pg.QueryResult[]> {
  const client = new pg.Client(postgres);
  await client.connect();
  try {
    const results: pg.QueryResult[] = [];
    for (const statement of statements) results.push(await client.query(statement));
    return results;
  } finally {
    await client.end();
  }
}

/** Makes an empty database of a user of its own, who is no superuser; gives its address. It goes with the test, or when `finished` says. */
export async function freshDatabase(finished: (work: () => Promise<void>) => void = onTestFinished): Promise<string> {
  const name = `specstory_${randomBytes(6).toString('hex')}`;
  await asAdministrator(
    `CREATE ROLE ${name} LOGIN PASSWORD 'secret-${name.slice(10)}'`,
    `CREATE DATABASE ${name} OWNER ${name}`,
  );
  finished(async () => {
    await asAdministrator(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`, `DROP ROLE ${name}`);
  });
  const url = new URL(postgres ?? '');
  return Object.assign(url, { username: name, password: `secret-${name.slice(10)}`, pathname: `/${name}` }).href;
}

/** Connections to a database; whoever opens them closes them. */
export function connected(url: string): PostgresDatabase {
  return postgresDatabase(openPool(url, { most: 8, statement: 20_000, idle: 20_000 }));
}
