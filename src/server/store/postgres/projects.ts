import { SpecstoryError } from '../../../core/errors.ts';
import { Refusal } from '../../refusal.ts';
import { memberSchema, membershipOf, projectOf, withOwner, writerSchema } from '../account-rows.ts';
import type { ProjectTable } from '../account-store.ts';
import type { PostgresDatabase, Session } from './database.ts';

export function projectTable(database: PostgresDatabase): ProjectTable {
  return {
    ...found(database),
    ...changesOf(database),
    ...membersOf(database),
    ...invitationsOf(database),
    ...writersOf(database),
  };
}

function found(database: PostgresDatabase): Pick<ProjectTable, 'find' | 'make' | 'list' | 'all'> {
  const mine = `SELECT projects.*, role FROM accounts.projects JOIN accounts.members USING (project)
    WHERE account = $1 AND NOT invited`;
  return {
    find: async (account, id) => {
      const sql = `${mine} AND id = $2 ORDER BY owner <> $1, joined, project LIMIT 1`;
      return (await database.rows(sql, [account, id])).map(membershipOf)[0];
    },
    make: ({ key, id, name, owner, created }) =>
      database.transaction(async (session) => {
        const changes = await session.run(
          `INSERT INTO accounts.projects (project, owner, id, name, created) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (owner, id) DO NOTHING`,
          [key, owner, id, name, created],
        );
        if (changes > 0) {
          const member = `INSERT INTO accounts.members (project, account, role, invited, joined)
            VALUES ($1, $2, 'owner', false, $3)`;
          await session.run(member, [key, owner, created]);
        }
        const rows = await session.rows('SELECT * FROM accounts.projects WHERE owner = $1 AND id = $2', [owner, id]);
        return only(rows.map(projectOf));
      }),
    list: async (account) => (await database.rows(`${mine} ORDER BY id, project`, [account])).map(membershipOf),
    all: async () => {
      const rows = await database.rows(
        `SELECT projects.*, accounts.name AS owner_name FROM accounts.projects
          JOIN accounts.accounts ON accounts.id = owner ORDER BY projects.id, accounts.folded_name`,
      );
      return rows.map(withOwner(projectOf));
    },
  };
}

function changesOf(database: PostgresDatabase): Pick<ProjectTable, 'get' | 'change' | 'remove'> {
  return {
    get: async (key) =>
      (await database.rows('SELECT * FROM accounts.projects WHERE project = $1', [key])).map(projectOf)[0],
    change: async (key, { name, icon, color }, now) => {
      const sql = `UPDATE accounts.projects
        SET name = coalesce($2, name), icon = coalesce($3, icon), color = coalesce($4, color), updated = $5
        WHERE project = $1 RETURNING *`;
      const rows = await database.rows(sql, [key, name ?? null, icon ?? null, color ?? null, now]);
      return rows.map(projectOf)[0];
    },
    remove: (key) =>
      database.transaction(async (session) => {
        for (const table of ['writers', 'members', 'projects'] as const)
          await session.run(`DELETE FROM accounts.${table} WHERE project = $1`, [key]);
      }),
  };
}

async function refuseOwner(session: Session, key: string, account: string): Promise<void> {
  const sql = 'SELECT 1 AS one FROM accounts.projects WHERE project = $1 AND owner = $2';
  if ((await session.rows(sql, [key, account])).length === 0) return;
  throw new Refusal('conflict', 'the owner of a project stays its owner');
}

function membersOf(database: PostgresDatabase): Pick<ProjectTable, 'members' | 'setMember' | 'removeMember'> {
  return {
    members: async (key) => {
      const rows = await database.rows(
        `SELECT account, accounts.name AS name, role, invited FROM accounts.members
          JOIN accounts.accounts ON accounts.id = account WHERE project = $1 ORDER BY joined, folded_name`,
        [key],
      );
      return rows.map((row) => memberSchema.parse(row));
    },
    setMember: (key, { account, role, invited, added }) =>
      database.transaction(async (session) => {
        await refuseOwner(session, key, account);
        // Who is a member already stays one.
        await session.run(
          `INSERT INTO accounts.members AS m (project, account, role, invited, joined) VALUES ($1, $2, $3, $4, $5)
            ON CONFLICT (project, account) DO UPDATE SET role = excluded.role, invited = m.invited AND excluded.invited`,
          [key, account, role, invited, added],
        );
      }),
    removeMember: (key, account) =>
      database.transaction(async (session) => {
        await refuseOwner(session, key, account);
        const sql = 'DELETE FROM accounts.members WHERE project = $1 AND account = $2';
        return (await session.run(sql, [key, account])) > 0;
      }),
  };
}

function invitationsOf(database: PostgresDatabase): Pick<ProjectTable, 'invitations' | 'join'> {
  return {
    invitations: async (account) => {
      const rows = await database.rows(
        `SELECT projects.*, role, accounts.name AS owner_name FROM accounts.members
          JOIN accounts.projects USING (project) JOIN accounts.accounts ON accounts.id = owner
          WHERE account = $1 AND invited ORDER BY projects.id, project`,
        [account],
      );
      return rows.map(withOwner(membershipOf));
    },
    join: async (key, account, now) => {
      const sql = `UPDATE accounts.members SET invited = false, joined = $1
        WHERE project = $2 AND account = $3 AND invited`;
      return (await database.run(sql, [now, key, account])) > 0;
    },
  };
}

function writersOf(database: PostgresDatabase): Pick<ProjectTable, 'claim' | 'writers'> {
  return {
    claim: (key, writer, account, now) =>
      database.transaction(async (session) => {
        await session.run(
          `INSERT INTO accounts.writers (project, writer, account, claimed) VALUES ($1, $2, $3, $4)
            ON CONFLICT DO NOTHING`,
          [key, writer, account, now],
        );
        const sql = 'SELECT writer, account FROM accounts.writers WHERE project = $1 AND writer = $2';
        return only((await session.rows(sql, [key, writer])).map((row) => writerSchema.parse(row))).account;
      }),
    writers: async (key) => {
      const rows = await database.rows(
        `SELECT writer, accounts.name AS account FROM accounts.writers
          JOIN accounts.accounts ON accounts.id = writers.account WHERE project = $1 ORDER BY claimed, writer`,
        [key],
      );
      return rows.map((row) => writerSchema.parse(row));
    },
  };
}

function only<T>([first]: readonly T[]): T {
  if (first === undefined) throw new SpecstoryError('bug', 'a row that was just written is not there');
  return first;
}
