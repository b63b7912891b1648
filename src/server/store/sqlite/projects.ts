import { SpecstoryError } from '../../../core/errors.ts';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import { Refusal } from '../../refusal.ts';
import { memberSchema, membershipOf, projectOf, withOwner, writerSchema } from '../account-rows.ts';
import type { ProjectTable } from '../account-store.ts';

export function projectTable(database: StoreDatabase): ProjectTable {
  return { ...found(database), ...changesOf(database), ...membersOf(database), ...writersOf(database) };
}

function found(database: StoreDatabase): Pick<ProjectTable, 'find' | 'make' | 'list' | 'all'> {
  const mine = `SELECT projects.*, role FROM projects JOIN members USING (project) WHERE account = ? AND invited = 0`;
  return {
    find: async (account, id) =>
      database
        .rows(`${mine} AND id = ? ORDER BY owner <> ?, joined, project LIMIT 1`, [account, id, account])
        .map(membershipOf)[0],
    make: async ({ key, id, name, owner, created }) =>
      database.transaction(() => {
        const sql =
          'INSERT INTO projects (project, owner, id, name, created) VALUES (?, ?, ?, ?, ?) ON CONFLICT (owner, id) DO NOTHING';
        const { changes } = database.run(sql, [key, owner, id, name, created]);
        if (changes > 0) {
          const member = "INSERT INTO members (project, account, role, invited, joined) VALUES (?, ?, 'owner', 0, ?)";
          database.run(member, [key, owner, created]);
        }
        return only(database.rows('SELECT * FROM projects WHERE owner = ? AND id = ?', [owner, id]).map(projectOf));
      }),
    list: async (account) => database.rows(`${mine} ORDER BY id, project`, [account]).map(membershipOf),
    all: async () =>
      database
        .rows(
          `SELECT projects.*, accounts.name AS owner_name FROM projects JOIN accounts ON accounts.id = owner
            ORDER BY projects.id, accounts.folded_name`,
        )
        .map(withOwner(projectOf)),
  };
}

function changesOf(database: StoreDatabase): Pick<ProjectTable, 'get' | 'change' | 'remove'> {
  const get = (key: string) => database.rows('SELECT * FROM projects WHERE project = ?', [key]).map(projectOf)[0];
  return {
    get: async (key) => get(key),
    change: async (key, { name, icon, color }, now) =>
      database.transaction(() => {
        database.run(
          `UPDATE projects SET name = coalesce(?, name), icon = coalesce(?, icon), color = coalesce(?, color), updated = ?
            WHERE project = ?`,
          [name ?? null, icon ?? null, color ?? null, now, key],
        );
        return get(key);
      }),
    remove: async (key) =>
      database.transaction(() => {
        for (const table of ['writers', 'members', 'projects'] as const)
          database.run(`DELETE FROM ${table} WHERE project = ?`, [key]);
      }),
  };
}

function membersOf(
  database: StoreDatabase,
): Pick<ProjectTable, 'members' | 'setMember' | 'removeMember' | 'invitations' | 'join'> {
  const refuseOwner = (key: string, account: string): void => {
    if (database.rows('SELECT 1 FROM projects WHERE project = ? AND owner = ?', [key, account]).length === 0) return;
    throw new Refusal('conflict', 'the owner of a project stays its owner');
  };
  return {
    members: async (key) =>
      database
        .rows(
          `SELECT account, accounts.name AS name, role, invited FROM members JOIN accounts ON accounts.id = account
            WHERE project = ? ORDER BY joined, folded_name`,
          [key],
        )
        .map((row) => memberSchema.parse(row)),
    setMember: async (key, { account, role, invited, added }) =>
      database.transaction(() => {
        refuseOwner(key, account);
        // Who is a member already stays one.
        database.run(
          `INSERT INTO members (project, account, role, invited, joined) VALUES (?, ?, ?, ?, ?)
            ON CONFLICT (project, account) DO UPDATE SET role = excluded.role, invited = min(invited, excluded.invited)`,
          [key, account, role, Number(invited), added],
        );
      }),
    removeMember: async (key, account) =>
      database.transaction(() => {
        refuseOwner(key, account);
        return database.run('DELETE FROM members WHERE project = ? AND account = ?', [key, account]).changes > 0;
      }),
    invitations: async (account) =>
      database
        .rows(
          `SELECT projects.*, role, accounts.name AS owner_name FROM members JOIN projects USING (project)
            JOIN accounts ON accounts.id = owner WHERE account = ? AND invited = 1 ORDER BY projects.id, project`,
          [account],
        )
        .map(withOwner(membershipOf)),
    join: async (key, account, now) => {
      const sql = 'UPDATE members SET invited = 0, joined = ? WHERE project = ? AND account = ? AND invited = 1';
      return database.run(sql, [now, key, account]).changes > 0;
    },
  };
}

function writersOf(database: StoreDatabase): Pick<ProjectTable, 'claim' | 'writers'> {
  return {
    claim: async (key, writer, account, now) =>
      database.transaction(() => {
        database.run(
          'INSERT INTO writers (project, writer, account, claimed) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING',
          [key, writer, account, now],
        );
        const rows = database.rows('SELECT writer, account FROM writers WHERE project = ? AND writer = ?', [
          key,
          writer,
        ]);
        return only(rows.map((row) => writerSchema.parse(row))).account;
      }),
    writers: async (key) =>
      database
        .rows(
          `SELECT writer, accounts.name AS account FROM writers JOIN accounts ON accounts.id = writers.account
            WHERE project = ? ORDER BY claimed, writer`,
          [key],
        )
        .map((row) => writerSchema.parse(row)),
  };
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new SpecstoryError('bug', 'a row that was just written is not there');
  return first;
}
