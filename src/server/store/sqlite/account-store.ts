import * as z from 'zod';
import { openStoreDatabase } from '../../../platform/sqlite-store.ts';
import type { AccountStore } from '../account-store.ts';
import { migrate } from '../migrations.ts';
import { accountMigrations } from './account-migrations.ts';
import { accountTable } from './accounts.ts';
import { loginTable } from './logins.ts';
import { projectTable } from './projects.ts';
import { tokenTable } from './tokens.ts';

const valueSchema = z.object({ value: z.string() });

/** The account tables in a SQLite file, brought up to date. Several processes may have it open. Throws `unsupported` for a newer one. */
export function openSqliteAccountStore(path: string): AccountStore {
  const database = openStoreDatabase(path);
  try {
    migrate(database, 'accounts', accountMigrations);
  } catch (thrown) {
    database.close();
    throw thrown;
  }
  return {
    accounts: accountTable(database),
    tokens: tokenTable(database),
    logins: loginTable(database),
    projects: projectTable(database),
    fact: async (name) =>
      database.rows('SELECT value FROM facts WHERE name = ?', [name]).map((row) => valueSchema.parse(row).value)[0],
    setFact: async (name, value) => {
      if (value === undefined) database.run('DELETE FROM facts WHERE name = ?', [name]);
      else
        database.run(
          'INSERT INTO facts (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
          [name, value],
        );
    },
    close: async () => database.close(),
  };
}
