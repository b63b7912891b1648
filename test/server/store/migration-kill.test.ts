import { spawn, spawnSync } from 'node:child_process';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { openSqliteAccountStore } from '../../../src/server/store/sqlite/account-store.ts';
import { bundle } from '../../faults/bundle.ts';
import { temporaryFolder } from '../../git/repositories.ts';

let program: string;
beforeAll(async () => {
  program = await bundle(new URL('../../faults/migrator.ts', import.meta.url));
});

const newFile = () => `${temporaryFolder()}/accounts.sqlite`;
const migrated = (file: string, at = 0) =>
  spawnSync(process.execPath, [program, file, String(at)], { encoding: 'utf8', env: { NODE_PATH: 'node_modules' } });

/** Everything the schema is. */
function schema(file: string): unknown[] {
  const database = openStoreDatabase(file);
  const rows = database.rows('SELECT type, name, sql FROM sqlite_schema ORDER BY name');
  const versions = database.rows('SELECT part, version FROM schema_parts');
  const [check] = database.rows('PRAGMA integrity_check');
  database.close();
  return [rows, versions, check];
}

describe('a migration that is killed', () => {
  it('goes on from the last whole step, whichever statement it was at (R26, B77)', async () => {
    const whole = newFile();
    const ran = migrated(whole);
    expect(ran.stderr).toBe('');
    const statements = Number(ran.stdout);
    expect(statements).toBeGreaterThan(15);
    for (const at of Array.from({ length: statements }, (_, index) => [index + 1, -index - 1]).flat()) {
      const file = newFile();
      expect(migrated(file, at).signal, `${at}`).toBe('SIGKILL');
      expect(migrated(file).status, `${at}`).toBe(0);
      expect(schema(file), `${at}`).toEqual(schema(whole));
      const store = openSqliteAccountStore(file);
      expect(await store.accounts.list()).toEqual([]);
      await store.close();
    }
  });

  it('is done once by five that start together', async () => {
    const [whole, file] = [newFile(), newFile()];
    migrated(whole);
    const codes = await Promise.all(
      Array.from({ length: 5 }, () => {
        const child = spawn(process.execPath, [program, file], { env: { NODE_PATH: 'node_modules' } });
        return new Promise((resolve) => child.on('close', resolve));
      }),
    );
    expect(codes).toEqual([0, 0, 0, 0, 0]);
    expect(schema(file)).toEqual(schema(whole));
  });
});
