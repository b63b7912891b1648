import * as z from 'zod';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';

/** One step of a schema. Its number is its place in the list, from 1; once released, neither changes. */
export interface Migration {
  readonly name: string;
  readonly statements: readonly string[];
}

/**
 * Brings one part of the schema (`accounts`, `index`) up to date: each step that the database does not have, in a transaction of its own
 * together with its number, so that a process killed anywhere goes on from the last whole step. Throws `unsupported` when the database was
 * written by a newer version, before anything is changed.
 */
export function migrate(database: StoreDatabase, part: string, migrations: readonly Migration[]): void {
  database.run('CREATE TABLE IF NOT EXISTS schema_parts (part TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT');
  while (step(database, part, migrations));
}

/** Version of a part of the schema; 0 when there is nothing of it. */
function schemaVersion(database: StoreDatabase, part: string): number {
  const [row] = database.rows('SELECT version FROM schema_parts WHERE part = ?', [part]);
  return row ? z.number().parse(row.version) : 0;
}

/** The version is read inside the transaction: of two processes that start at once, the second finds the step done. */
function step(database: StoreDatabase, part: string, migrations: readonly Migration[]): boolean {
  return database.transaction(() => {
    const version = schemaVersion(database, part);
    if (version > migrations.length) throw newer(part, version, migrations.length);
    const migration = migrations[version];
    if (!migration) return false;
    for (const statement of migration.statements) apply(database, part, migration, statement);
    database.run(
      'INSERT INTO schema_parts (part, version) VALUES (?, ?) ON CONFLICT (part) DO UPDATE SET version = excluded.version',
      [part, version + 1],
    );
    return true;
  });
}

function apply(database: StoreDatabase, part: string, migration: Migration, statement: string): void {
  try {
    database.run(statement);
  } catch (cause) {
    throw new SpecstoryError('unavailable', `the step ${part}/${migration.name} of the schema: ${reason(cause)}`, {
      cause,
    });
  }
}

/** The refusal of a database that is newer than this program. */
export function newer(part: string, found: number, known: number): SpecstoryError {
  return new SpecstoryError(
    'unsupported',
    `the database has version ${found} of the ${part} schema, this program knows ${known}`,
    { hint: 'it was written by a newer specstory: install that version or a later one' },
  );
}
