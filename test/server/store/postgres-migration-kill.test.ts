import { spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { PostgresDatabase } from '../../../src/server/store/postgres/database.ts';
import { bundle } from '../../faults/bundle.ts';
import { patience, soak } from '../../hosts/soak.ts';
import { connected, freshDatabase, postgres } from './fresh-database.ts';

let program: string;
beforeAll(async () => {
  program = await bundle(new URL('../../faults/postgres-migrator.ts', import.meta.url));
});

const parts = `('accounts', 'search', 'index', 'git', 'specstory')`;

/** Everything the schema is, as the database's own catalogue tells it. */
async function schema(database: PostgresDatabase): Promise<unknown[]> {
  const columns = `SELECT table_schema, table_name, column_name, data_type, is_nullable, column_default
    FROM information_schema.columns WHERE table_schema IN ${parts} ORDER BY 1, 2, 3`;
  const indexes = `SELECT indexdef FROM pg_indexes WHERE schemaname IN ${parts} ORDER BY 1`;
  const rules = `SELECT conrelid::regclass::text AS held, pg_get_constraintdef(oid) AS rule FROM pg_constraint
    WHERE connamespace::regnamespace::text IN ${parts.replace("'index'", `'index', '"index"'`)} ORDER BY 1, 2`;
  const policies = `SELECT schemaname, tablename, policyname, qual FROM pg_policies ORDER BY 1, 2, 3`;
  const versions = 'SELECT part, version FROM specstory.schema_parts ORDER BY part';
  const found: unknown[] = [];
  for (const sql of [columns, indexes, rules, policies, versions]) found.push(await database.rows(sql));
  return found;
}

describe.runIf(postgres)('a migration of PostgreSQL that is killed', () => {
  it(
    'goes on from the last whole step, whichever statement it was at (R26, B77)',
    async () => {
      const url = await freshDatabase();
      const database = connected(url);
      onTestFinished(() => database.close());
      const migrated = (at = 0) => spawnSync(process.execPath, [program, url, String(at)], { encoding: 'utf8' });
      const whole = migrated();
      expect(whole.stderr).toBe('');
      const statements = Number(whole.stdout);
      expect(statements).toBeGreaterThan(50);
      const expected = await schema(database);
      const all = Array.from({ length: statements }, (_, index) => index + 1);
      for (const at of [...all.filter((one) => one % soak(8, 1) === 0), -statements]) {
        await database.run('DROP SCHEMA IF EXISTS accounts, search, index, git, specstory CASCADE');
        expect(migrated(at).signal, `${at}`).toBe('SIGKILL');
        expect(migrated(), `${at}`).toMatchObject({ status: 0, stderr: '' });
        expect(await schema(database), `${at}`).toEqual(expected);
      }
    },
    patience,
  );
});
