import { accountColumns, accountSchema, folded, passwordSchema } from '../account-rows.ts';
import type { AccountTable, NewAccount } from '../account-store.ts';
import type { PostgresDatabase, Session } from './database.ts';

export function accountTable(database: PostgresDatabase): AccountTable {
  const select = `SELECT ${accountColumns}, password FROM accounts.accounts`;
  return {
    add: (account) => add(database, account),
    addFirst: (account) =>
      database.transaction(async (session) => {
        // Who comes second waits here, and finds an account.
        await session.run('LOCK TABLE accounts.accounts IN SHARE ROW EXCLUSIVE MODE');
        if ((await session.rows('SELECT 1 AS one FROM accounts.accounts LIMIT 1')).length > 0) return false;
        await add(session, account);
        return true;
      }),
    get: async (id) => (await database.rows(`${select} WHERE id = $1`, [id])).map((row) => accountSchema.parse(row))[0],
    find: async (name) =>
      (await database.rows(`${select} WHERE folded_name = $1`, [folded(name)])).map((row) => ({
        ...accountSchema.parse(row),
        password: passwordSchema.parse(row).password,
      }))[0],
    list: async () => (await database.rows(`${select} ORDER BY folded_name`)).map((row) => accountSchema.parse(row)),
    change: (id, { password, disabled, admin }) =>
      database.transaction(async (session) => {
        const changes = await session.run(
          `UPDATE accounts.accounts SET password = coalesce($1, password), disabled = coalesce($2, disabled),
            admin = coalesce($3, admin) WHERE id = $4`,
          [password ?? null, disabled ?? null, admin ?? null, id],
        );
        if (password !== undefined || disabled)
          await session.run('DELETE FROM accounts.sessions WHERE account = $1', [id]);
        return changes > 0;
      }),
  };
}

async function add(session: Session, { id, name, password, admin, created }: NewAccount): Promise<void> {
  await session.run(
    `INSERT INTO accounts.accounts (id, name, folded_name, password, admin, created) VALUES ($1, $2, $3, $4, $5, $6)`,
    [id, name, folded(name), password ?? null, admin, created],
  );
}
