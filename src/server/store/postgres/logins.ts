import {
  accountColumns,
  accountSchema,
  holderSchema,
  penalty,
  pollSchema,
  requestSchema,
  sessionSchema,
} from '../account-rows.ts';
import type { Grant, LoginTable, Poll, Time } from '../account-store.ts';
import type { PostgresDatabase, Session } from './database.ts';
import { addGrant } from './tokens.ts';

export function loginTable(database: PostgresDatabase): LoginTable {
  return { ...deviceRequests(database), ...loginCodes(database), ...sessions(database) };
}

function deviceRequests(database: PostgresDatabase): Pick<LoginTable, 'ask' | 'asked' | 'decide' | 'poll' | 'redeem'> {
  const open = 'user_code = $1 AND expires > $2 AND account IS NULL AND NOT denied';
  return {
    ask: async ({ hash, user, client, hostname, address, created, expires }) => {
      await database.run(
        `INSERT INTO accounts.device_requests (hash, user_code, client, hostname, address, created, expires)
          VALUES ($1, $2, $3, $4, $5, $6, $7)`,
        [hash, user, client, hostname, address, created, expires],
      );
    },
    asked: async (user, now) => {
      const rows = await database.rows(`SELECT * FROM accounts.device_requests WHERE ${open}`, [user, now]);
      return rows.map((row) => requestSchema.parse(row))[0];
    },
    decide: async (user, account, now) => {
      const denied = account === 'denied';
      const sql = `UPDATE accounts.device_requests SET account = $3, denied = $4 WHERE ${open}`;
      return (await database.run(sql, [user, now, denied ? null : account, denied])) > 0;
    },
    poll: (hash, now) => database.transaction((session) => poll(session, hash, now)),
    redeem: (hash, grant, now) => exchange(database, 'device_requests', { hash, grant, now }),
  };
}

async function poll(session: Session, hash: string, now: Time): Promise<Poll> {
  const [row] = await session.rows('SELECT * FROM accounts.device_requests WHERE hash = $1 FOR UPDATE', [hash]);
  const found = row && pollSchema.parse(row);
  if (!found || found.expires <= now) return 'expired';
  if (found.denied) return 'denied';
  const { account, client, hostname } = found;
  if (account !== null) return { account, client, hostname };
  const soon = found.polled !== null && now - found.polled < found.interval;
  await session.run('UPDATE accounts.device_requests SET polled = $1, "interval" = "interval" + $2 WHERE hash = $3', [
    now,
    soon ? penalty : 0,
    hash,
  ]);
  return soon ? 'slow-down' : 'pending';
}

/** Of many at once one takes the row away, and gets the grant for it. */
function exchange(
  database: PostgresDatabase,
  table: 'device_requests' | 'login_codes',
  { hash, grant, now }: { hash: string; grant: Grant; now: Time },
): Promise<boolean> {
  return database.transaction(async (session) => {
    const sql = `DELETE FROM accounts.${table} WHERE hash = $1 AND account = $2 AND expires > $3`;
    const won = (await session.run(sql, [hash, grant.device.account, now])) > 0;
    if (won) await addGrant(session, grant);
    return won;
  });
}

function loginCodes(database: PostgresDatabase): Pick<LoginTable, 'offer' | 'offered' | 'accept'> {
  return {
    offer: async ({ hash, account, expires }) => {
      await database.run(
        `INSERT INTO accounts.login_codes (account, hash, expires) VALUES ($1, $2, $3)
          ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, expires = excluded.expires`,
        [account, hash, expires],
      );
    },
    offered: async (hash, now) => {
      const sql = 'SELECT account FROM accounts.login_codes WHERE hash = $1 AND expires > $2';
      return (await database.rows(sql, [hash, now])).map((row) => holderSchema.parse(row).account)[0];
    },
    accept: (hash, grant, now) => exchange(database, 'login_codes', { hash, grant, now }),
  };
}

function sessions(database: PostgresDatabase): Pick<LoginTable, 'open' | 'session' | 'close' | 'sweep'> {
  return {
    open: async ({ hash, account, created, expires }) => {
      await database.run('INSERT INTO accounts.sessions (hash, account, created, expires) VALUES ($1, $2, $3, $4)', [
        ...[hash, account, created, expires],
      ]);
    },
    session: async (hash, now) => {
      const rows = await database.rows(
        `SELECT sessions.*, ${accountColumns} FROM accounts.sessions
          JOIN accounts.accounts ON accounts.id = sessions.account WHERE hash = $1 AND expires > $2 AND NOT disabled`,
        [hash, now],
      );
      return rows.map((row) => ({ session: sessionSchema.parse(row), account: accountSchema.parse(row) }))[0];
    },
    close: async (hash) => {
      await database.run('DELETE FROM accounts.sessions WHERE hash = $1', [hash]);
    },
    sweep: (before) =>
      database.transaction(async (session) => {
        for (const table of ['device_requests', 'login_codes', 'sessions'] as const)
          await session.run(`DELETE FROM accounts.${table} WHERE expires < $1`, [before]);
      }),
  };
}
