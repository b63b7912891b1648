import * as z from 'zod';
import type { AccountStore } from '../account-store.ts';
import { accountMigrations } from './account-migrations.ts';
import { accountTable } from './accounts.ts';
import type { PostgresDatabase } from './database.ts';
import { loginTable } from './logins.ts';
import { migratePostgres } from './migrate.ts';
import { projectTable } from './projects.ts';
import { tokenTable } from './tokens.ts';

const valueSchema = z.object({ value: z.string() });

/** The account tables in a PostgreSQL database, brought up to date. Throws `unsupported` for a newer one. */
export async function openPostgresAccountStore(database: PostgresDatabase): Promise<AccountStore> {
  await migratePostgres(database, 'accounts', accountMigrations);
  return {
    accounts: accountTable(database),
    tokens: tokenTable(database),
    logins: loginTable(database),
    projects: projectTable(database),
    fact: async (name) => {
      const rows = await database.rows('SELECT value FROM accounts.facts WHERE name = $1', [name]);
      return rows.map((row) => valueSchema.parse(row).value)[0];
    },
    setFact: async (name, value) => {
      if (value === undefined) await database.run('DELETE FROM accounts.facts WHERE name = $1', [name]);
      else
        await database.run(
          `INSERT INTO accounts.facts (name, value) VALUES ($1, $2)
            ON CONFLICT (name) DO UPDATE SET value = excluded.value`,
          [name, value],
        );
    },
    close: () => database.close(),
  };
}
