import type { Row } from '../../../core/host.ts';
import type { StoreDatabase } from '../../../platform/sqlite-store.ts';
import {
  accountColumns,
  accountSchema,
  deviceSchema,
  rotationSchema,
  tokenSchema,
  usedSchema,
} from '../account-rows.ts';
import type { Device, Grant, Rotation, Succession, Time, Token, TokenTable } from '../account-store.ts';

export function tokenTable(database: StoreDatabase): TokenTable {
  return {
    add: async (token) => addToken(database, token),
    find: async (hash) => {
      const [row] = database.rows(
        `SELECT tokens.*, ${accountColumns} FROM tokens JOIN accounts ON accounts.id = tokens.account WHERE hash = ?`,
        [hash],
      );
      if (!row) return undefined;
      const token = tokenSchema.parse(row);
      return {
        token,
        account: accountSchema.parse(row),
        device: token.device ? device(database, token.device) : undefined,
      };
    },
    use: async (hash, day) => void database.run('UPDATE tokens SET last_used = ? WHERE hash = ?', [day, hash]),
    personal: async (account) =>
      database
        .rows(
          "SELECT * FROM tokens WHERE account = ? AND kind = 'personal' AND revoked = 0 ORDER BY created DESC, id",
          [account],
        )
        .map((row) => tokenSchema.parse(row)),
    revoke: async (id, account) => {
      const sql =
        "UPDATE tokens SET revoked = 1 WHERE id = ? AND account = coalesce(?, account) AND kind = 'personal' AND revoked = 0";
      return database.run(sql, [id, account ?? null]).changes > 0;
    },
    rotate: async (hash, next, at) => database.transaction(() => rotate(database, hash, next, at)),
    devices: async (account, now) => devices(database, account, now),
    revokeDevice: async (account, id) =>
      database.transaction(() => {
        const sql = 'UPDATE devices SET revoked = 1 WHERE id = ? AND account = ? AND revoked = 0';
        const found = database.run(sql, [id, account]).changes > 0;
        if (found) revokeTokens(database, id);
        return found;
      }),
    sweep: async (before) =>
      database.transaction(() => {
        const { changes } = database.run('DELETE FROM tokens WHERE expires < ?', [before]);
        database.run('UPDATE tokens SET sealed = NULL WHERE sealed IS NOT NULL AND rotated < ?', [before]);
        database.run('DELETE FROM devices WHERE NOT EXISTS (SELECT 1 FROM tokens WHERE device = devices.id)');
        return changes;
      }),
  };
}

/** Stores a device and the tokens it begins with. */
export function addGrant(database: StoreDatabase, { device: { id, ...device }, tokens }: Grant): void {
  database.run(
    'INSERT INTO devices (id, account, client, hostname, refresh, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?)',
    [id, device.account, device.client, device.hostname, device.refresh, device.created, device.expires],
  );
  for (const token of tokens) addToken(database, token);
}

function addToken(database: StoreDatabase, token: Token): void {
  database.run(
    'INSERT INTO tokens (hash, id, kind, account, device, name, scopes, created, expires) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
    [
      token.hash,
      token.id,
      token.kind,
      token.account,
      token.device ?? null,
      token.name,
      token.scopes.join(' '),
      token.created,
      token.expires,
    ],
  );
}

function rotate(
  database: StoreDatabase,
  hash: string,
  next: Succession,
  { now, grace }: { now: Time; grace: number },
): Rotation {
  const [row] = database.rows(
    "SELECT device, expires, revoked, rotated, sealed FROM tokens WHERE hash = ? AND kind = 'refresh'",
    [hash],
  );
  const found = row && rotationSchema.parse(row);
  if (!found || found.revoked || found.expires <= now) return { outcome: 'dead' };
  if (found.rotated === null) {
    addToken(database, next.access);
    addToken(database, next.refresh);
    database.run('UPDATE tokens SET rotated = ?, sealed = ? WHERE hash = ?', [now, next.sealed, hash]);
    return { outcome: 'rotated' };
  }
  if (now - found.rotated <= grace && found.sealed !== null) return { outcome: 'repeated', sealed: found.sealed };
  database.run('UPDATE devices SET revoked = 1 WHERE id = ?', [found.device]);
  revokeTokens(database, found.device);
  return { outcome: 'reused' };
}

function revokeTokens(database: StoreDatabase, device: string): void {
  database.run('UPDATE tokens SET revoked = 1, sealed = NULL WHERE device = ?', [device]);
}

function device(database: StoreDatabase, id: string): Device | undefined {
  return database.rows('SELECT * FROM devices WHERE id = ?', [id]).map((row) => deviceSchema.parse(row))[0];
}

function devices(database: StoreDatabase, account: string, now: Time): (Device & { lastUsed: string | undefined })[] {
  const found = database.rows(
    `SELECT devices.*, (SELECT max(last_used) FROM tokens WHERE device = devices.id) AS last_used FROM devices
      WHERE account = ? AND revoked = 0 AND EXISTS
        (SELECT 1 FROM tokens WHERE device = devices.id AND kind = 'refresh' AND rotated IS NULL AND expires > ?)
      ORDER BY created DESC, id`,
    [account, now],
  );
  return found.map((row: Row) => ({ ...deviceSchema.parse(row), lastUsed: usedSchema.parse(row).last_used }));
}
