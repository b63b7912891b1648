import pg from 'pg';
import { postgresDatabase } from '../src/server/store/postgres/database.ts';
import { openPool } from '../src/server/store/postgres/pool.ts';
import { openPostgresSearchIndex } from '../src/server/store/postgres/search/search-index.ts';
import { setup } from '../test/hosts/postgres.ts';
import type { Figure } from './figure.ts';
import { asked, filled } from './search-questions.ts';

const name = 'specstory_bench_search';

/** How fast 100,000 exchanges in PostgreSQL answer, or a million with BENCH_LARGE=1; nothing where the machine has none. */
export async function searchInPostgres(): Promise<Figure[]> {
  const stop = await setup({ durable: true });
  const server = process.env.SPECSTORY_POSTGRES;
  if (server === undefined) return [];
  const administrator = new pg.Client(server);
  await administrator.connect();
  try {
    await administrator.query(`DROP ROLE IF EXISTS ${name}`);
    await administrator.query(`CREATE ROLE ${name} LOGIN PASSWORD '${name}'`);
    await administrator.query(`CREATE DATABASE ${name} OWNER ${name}`);
    return await measured(
      Object.assign(new URL(server), { username: name, password: name, pathname: `/${name}` }).href,
    );
  } finally {
    await administrator.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
    await administrator.query(`DROP ROLE IF EXISTS ${name}`);
    await administrator.end();
    await stop?.();
  }
}

async function measured(url: string): Promise<Figure[]> {
  const exchanges = Number(process.env.BENCH_EXCHANGES ?? (process.env.BENCH_LARGE ? 1_000_000 : 100_000));
  const database = postgresDatabase(openPool(url, { most: 4, statement: 600_000, idle: 600_000 }));
  const index = await openPostgresSearchIndex(database);
  try {
    const rate = await filled(index, ' in PostgreSQL', exchanges);
    // As autovacuum does by itself before long.
    for (const table of ['words', 'documents', 'texts', 'sessions', 'terms'])
      await database.run(`VACUUM ANALYZE search.${table}`);
    const [size] = await database.rows('SELECT pg_database_size(current_database()) AS bytes');
    const bytes = Number(size?.bytes);
    return [rate, ...(await asked(index, ' in PostgreSQL', { exchanges, bytes }, { p50: 50, p99: 200 }))];
  } finally {
    await index.close();
  }
}
