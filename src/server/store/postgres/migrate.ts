import * as z from 'zod';
import { reason, SpecstoryError } from '../../../core/errors.ts';
import { type Migration, newer } from '../migrations.ts';
import type { PostgresDatabase, Session } from './database.ts';

/** Parts of the schema; each has a PostgreSQL schema of its own, because two of them have tables of the same name. */
export type SchemaPart = 'accounts' | 'index' | 'git' | 'search';

/** Key of the advisory lock under which schemas change: any number that is always the same. */
const lock = 0x5bec5709;

/**
 * Brings one part of the schema up to date, as `migrate` of SQLite does: each step in a transaction of its own together with its number. One
 * server at a time does it; others that start meanwhile wait, and find it done. Throws `unsupported` when the database was written by a newer
 * version, before anything is changed.
 */
export async function migratePostgres(
  database: PostgresDatabase,
  part: SchemaPart,
  migrations: readonly Migration[],
): Promise<void> {
  while (await database.transaction((session) => step(session, part, migrations)));
}

async function step(session: Session, part: SchemaPart, migrations: readonly Migration[]): Promise<boolean> {
  // A large table takes its time, and so may those who wait for it.
  await session.run('SET LOCAL statement_timeout = 0');
  await session.rows('SELECT pg_advisory_xact_lock($1)', [lock]);
  const version = await schemaVersion(session, part);
  if (version > migrations.length) throw newer(part, version, migrations.length);
  const migration = migrations[version];
  if (!migration) return false;
  for (const statement of migration.statements) await apply(session, part, migration, statement);
  await session.run(
    `INSERT INTO specstory.schema_parts (part, version) VALUES ($1, $2)
      ON CONFLICT (part) DO UPDATE SET version = excluded.version`,
    [part, version + 1],
  );
  return true;
}

/** 0 when there is nothing of it. A database that is up to date is only read: later starts need no right to make anything. */
async function schemaVersion(session: Session, part: SchemaPart): Promise<number> {
  const [begun] = await session.rows("SELECT to_regclass('specstory.schema_parts') IS NOT NULL AS yes");
  if (begun?.yes !== true) {
    await session.run('CREATE SCHEMA IF NOT EXISTS specstory');
    await session.run('CREATE TABLE specstory.schema_parts (part text PRIMARY KEY, version integer NOT NULL)');
    return 0;
  }
  const [row] = await session.rows('SELECT version FROM specstory.schema_parts WHERE part = $1', [part]);
  return row ? z.number().parse(row.version) : 0;
}

async function apply(session: Session, part: SchemaPart, migration: Migration, statement: string): Promise<void> {
  try {
    await session.run(statement);
  } catch (cause) {
    throw new SpecstoryError('unavailable', `the step ${part}/${migration.name} of the schema: ${reason(cause)}`, {
      hint: 'the user of the database must own it, or have made its schemas',
      cause,
    });
  }
}
