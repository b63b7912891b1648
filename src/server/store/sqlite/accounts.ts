import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import { accountColumns, accountSchema, folded, passwordSchema } from '../account-rows.ts';
import type { AccountTable, NewAccount } from '../account-store.ts';

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
        password: passwordSchema.parse(row).password,
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
