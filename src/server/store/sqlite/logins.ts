import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import {
  accountColumns,
  accountSchema,
  holderSchema,
  penalty,
  pollSchema,
  requestSchema,
  sessionSchema,
} from '../account-rows.ts';
import type { LoginTable, Poll, Time } from '../account-store.ts';
import { addGrant } from './tokens.ts';

export function loginTable(database: StoreDatabase): LoginTable {
  return { ...deviceRequests(database), ...loginCodes(database), ...sessions(database) };
}

function deviceRequests(database: StoreDatabase): Pick<LoginTable, 'ask' | 'asked' | 'decide' | 'poll' | 'redeem'> {
  const open = 'user_code = ? AND expires > ? AND account IS NULL AND denied = 0';
  return {
    ask: async ({ hash, user, client, hostname, address, created, expires }) =>
      void database.run(
        'INSERT INTO device_requests (hash, user_code, client, hostname, address, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)',
        [hash, user, client, hostname, address, created, expires],
      ),
    asked: async (user, now) =>
      database
        .rows(`SELECT * FROM device_requests WHERE ${open}`, [user, now])
        .map((row) => requestSchema.parse(row))[0],
    decide: async (user, account, now) => {
      const denied = account === 'denied';
      const sql = `UPDATE device_requests SET account = ?, denied = ? WHERE ${open}`;
      return database.run(sql, [denied ? null : account, Number(denied), user, now]).changes > 0;
    },
    poll: async (hash, now) => database.transaction(() => poll(database, hash, now)),
    redeem: async (hash, grant, now) =>
      database.transaction(() => {
        const sql = 'DELETE FROM device_requests WHERE hash = ? AND account = ? AND expires > ?';
        const won = database.run(sql, [hash, grant.device.account, now]).changes > 0;
        if (won) addGrant(database, grant);
        return won;
      }),
  };
}

function poll(database: StoreDatabase, hash: string, now: Time): Poll {
  const [row] = database.rows('SELECT * FROM device_requests WHERE hash = ?', [hash]);
  const found = row && pollSchema.parse(row);
  if (!found || found.expires <= now) return 'expired';
  if (found.denied) return 'denied';
  const { account, client, hostname } = found;
  if (account !== null) return { account, client, hostname };
  const soon = found.polled !== null && now - found.polled < found.interval;
  database.run('UPDATE device_requests SET polled = ?, interval = interval + ? WHERE hash = ?', [
    now,
    soon ? penalty : 0,
    hash,
  ]);
  return soon ? 'slow-down' : 'pending';
}

function loginCodes(database: StoreDatabase): Pick<LoginTable, 'offer' | 'offered' | 'accept'> {
  return {
    offer: async ({ hash, account, expires }) =>
      void database.run(
        `INSERT INTO login_codes (account, hash, expires) VALUES (?, ?, ?)
          ON CONFLICT (account) DO UPDATE SET hash = excluded.hash, expires = excluded.expires`,
        [account, hash, expires],
      ),
    offered: async (hash, now) =>
      database
        .rows('SELECT account FROM login_codes WHERE hash = ? AND expires > ?', [hash, now])
        .map((row) => holderSchema.parse(row).account)[0],
    accept: async (hash, grant, now) =>
      database.transaction(() => {
        const sql = 'DELETE FROM login_codes WHERE hash = ? AND account = ? AND expires > ?';
        const won = database.run(sql, [hash, grant.device.account, now]).changes > 0;
        if (won) addGrant(database, grant);
        return won;
      }),
  };
}

function sessions(database: StoreDatabase): Pick<LoginTable, 'open' | 'session' | 'close' | 'sweep'> {
  return {
    open: async ({ hash, account, created, expires }) =>
      void database.run('INSERT INTO sessions (hash, account, created, expires) VALUES (?, ?, ?, ?)', [
        hash,
        account,
        created,
        expires,
      ]),
    session: async (hash, now) =>
      database
        .rows(
          `SELECT sessions.*, ${accountColumns} FROM sessions JOIN accounts ON accounts.id = sessions.account
            WHERE hash = ? AND expires > ? AND disabled = 0`,
          [hash, now],
        )
        .map((row) => ({ session: sessionSchema.parse(row), account: accountSchema.parse(row) }))[0],
    close: async (hash) => void database.run('DELETE FROM sessions WHERE hash = ?', [hash]),
    sweep: async (before) =>
      database.transaction(() => {
        for (const table of ['device_requests', 'login_codes', 'sessions'] as const)
          database.run(`DELETE FROM ${table} WHERE expires < ?`, [before]);
      }),
  };
}
