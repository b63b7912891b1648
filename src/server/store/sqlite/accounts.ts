import * as z from 'zod';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import type { Account, AccountTable, NewAccount } from '../account-store.ts';

const flag = z.literal([0, 1]).transform((value) => value === 1);

/** Columns of an account, for a query that joins `accounts`. */
export const accountColumns =
  'accounts.id AS account_id, accounts.name AS account_name, admin, disabled, accounts.created AS account_created';

/** An account from a row with `accountColumns`. */
export const accountSchema = z
  .object({
    account_id: z.string(),
    account_name: z.string(),
    admin: flag,
    disabled: flag,
    account_created: z.number(),
  })
  .transform(
    (row): Account => ({
      id: row.account_id,
      name: row.account_name,
      admin: row.admin,
      disabled: row.disabled,
      created: row.account_created,
    }),
  );

const passwordSchema = z.object({ password: z.string().nullable() });

/** Names are ASCII (`accounts/accounts.ts`), so that folding is the same here and in any other database. */
const folded = (name: string): string => name.toLowerCase();

export function accountTable(database: StoreDatabase): AccountTable {
  const add = ({ id, name, password, admin, created }: NewAccount): void => {
    database.run('INSERT INTO accounts (id, name, folded_name, password, admin, created) VALUES (?, ?, ?, ?, ?, ?)', [
      id,
      name,
      folded(name),
      password ?? null,
      Number(admin),
      created,
    ]);
  };
  const select = `SELECT ${accountColumns}, password FROM accounts`;
  return {
    add: async (account) => add(account),
    addFirst: async (account) =>
      database.transaction(() => {
        if (database.rows('SELECT 1 FROM accounts LIMIT 1').length > 0) return false;
        add(account);
        return true;
      }),
    get: async (id) => database.rows(`${select} WHERE id = ?`, [id]).map((row) => accountSchema.parse(row))[0],
    find: async (name) =>
      database.rows(`${select} WHERE folded_name = ?`, [folded(name)]).map((row) => ({
        ...accountSchema.parse(row),
        password: passwordSchema.parse(row).password ?? undefined,
      }))[0],
    list: async () => database.rows(`${select} ORDER BY folded_name`).map((row) => accountSchema.parse(row)),
    change: async (id, { password, disabled, admin }) =>
      database.transaction(() => {
        const { changes } = database.run(
          'UPDATE accounts SET password = coalesce(?, password), disabled = coalesce(?, disabled), admin = coalesce(?, admin) WHERE id = ?',
          [password ?? null, nullable(disabled), nullable(admin), id],
        );
        if (password !== undefined || disabled) database.run('DELETE FROM sessions WHERE account = ?', [id]);
        return changes > 0;
      }),
  };
}

function nullable(value: boolean | undefined): number | null {
  return value === undefined ? null : Number(value);
}
