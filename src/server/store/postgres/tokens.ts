import {
  accountColumns,
  accountSchema,
  deviceSchema,
  rotationSchema,
  tokenSchema,
  usedSchema,
} from '../account-rows.ts';
import type { Grant, Rotation, Succession, Time, Token, TokenTable } from '../account-store.ts';
import type { PostgresDatabase, Session } from './database.ts';

export function tokenTable(database: PostgresDatabase): TokenTable {
  return { ...tokens(database), ...devices(database) };
}

function tokens(
  database: PostgresDatabase,
): Pick<TokenTable, 'add' | 'find' | 'use' | 'personal' | 'revoke' | 'rotate' | 'sweep'> {
  return {
    add: (token) => addToken(database, token),
    find: (hash) => find(database, hash),
    use: async (hash, day) => {
      await database.run('UPDATE accounts.tokens SET last_used = $1 WHERE hash = $2', [day, hash]);
    },
    personal: async (account) => {
      const rows = await database.rows(
        `SELECT * FROM accounts.tokens WHERE account = $1 AND kind = 'personal' AND NOT revoked ORDER BY created DESC, id`,
        [account],
      );
      return rows.map((row) => tokenSchema.parse(row));
    },
    revoke: async (id, account) => {
      const sql = `UPDATE accounts.tokens SET revoked = true
        WHERE id = $1 AND account = coalesce($2, account) AND kind = 'personal' AND NOT revoked`;
      return (await database.run(sql, [id, account ?? null])) > 0;
    },
    rotate: (hash, next, at) => database.transaction((session) => rotate(session, hash, next, at)),
    sweep: (before) =>
      database.transaction(async (session) => {
        const changes = await session.run('DELETE FROM accounts.tokens WHERE expires < $1', [before]);
        await session.run('UPDATE accounts.tokens SET sealed = NULL WHERE sealed IS NOT NULL AND rotated < $1', [
          before,
        ]);
        await session.run(
          'DELETE FROM accounts.devices d WHERE NOT EXISTS (SELECT 1 FROM accounts.tokens WHERE device = d.id)',
        );
        return changes;
      }),
  };
}

async function find(database: PostgresDatabase, hash: string): ReturnType<TokenTable['find']> {
  const [row] = await database.rows(
    `SELECT tokens.*, ${accountColumns} FROM accounts.tokens JOIN accounts.accounts ON accounts.id = tokens.account
      WHERE hash = $1`,
    [hash],
  );
  if (!row) return undefined;
  const token = tokenSchema.parse(row);
  const account = accountSchema.parse(row);
  if (token.device === undefined) return { token, account, device: undefined };
  const found = await database.rows('SELECT * FROM accounts.devices WHERE id = $1', [token.device]);
  return { token, account, device: found.map((one) => deviceSchema.parse(one))[0] };
}

function devices(database: PostgresDatabase): Pick<TokenTable, 'devices' | 'revokeDevice'> {
  return {
    devices: async (account, now) => {
      const found = await database.rows(
        `SELECT d.*, (SELECT max(last_used) FROM accounts.tokens WHERE device = d.id) AS last_used FROM accounts.devices d
          WHERE account = $1 AND NOT revoked AND EXISTS (SELECT 1 FROM accounts.tokens
            WHERE device = d.id AND kind = 'refresh' AND rotated IS NULL AND expires > $2)
          ORDER BY created DESC, id`,
        [account, now],
      );
      return found.map((row) => ({ ...deviceSchema.parse(row), lastUsed: usedSchema.parse(row).last_used }));
    },
    revokeDevice: (account, id) =>
      database.transaction(async (session) => {
        const sql = 'UPDATE accounts.devices SET revoked = true WHERE id = $1 AND account = $2 AND NOT revoked';
        const found = (await session.run(sql, [id, account])) > 0;
        if (found) await revokeTokens(session, id);
        return found;
      }),
  };
}

/** Stores a device and the tokens it begins with. */
export async function addGrant(session: Session, { device: { id, ...device }, tokens }: Grant): Promise<void> {
  await session.run(
    `INSERT INTO accounts.devices (id, account, client, hostname, refresh, created, expires)
      VALUES ($1, $2, $3, $4, $5, $6, $7)`,
    [id, device.account, device.client, device.hostname, device.refresh, device.created, device.expires],
  );
  for (const token of tokens) await addToken(session, token);
}

async function addToken(session: Session, token: Token): Promise<void> {
  await session.run(
    `INSERT INTO accounts.tokens (hash, id, kind, account, device, name, scopes, created, expires)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)`,
    [
      ...[token.hash, token.id, token.kind, token.account, token.device ?? null],
      ...[token.name, token.scopes.join(' '), token.created, token.expires],
    ],
  );
}

/** The lock on the row makes one of many who present the same token the first. */
async function rotate(
  session: Session,
  hash: string,
  next: Succession,
  { now, grace }: { now: Time; grace: number },
): Promise<Rotation> {
  const [row] = await session.rows(
    `SELECT device, expires, revoked, rotated, sealed FROM accounts.tokens WHERE hash = $1 AND kind = 'refresh' FOR UPDATE`,
    [hash],
  );
  const found = row && rotationSchema.parse(row);
  if (!found || found.revoked || found.expires <= now) return { outcome: 'dead' };
  if (found.rotated === null) {
    await addToken(session, next.access);
    await addToken(session, next.refresh);
    await session.run('UPDATE accounts.tokens SET rotated = $1, sealed = $2 WHERE hash = $3', [now, next.sealed, hash]);
    return { outcome: 'rotated' };
  }
  if (now - found.rotated <= grace && found.sealed !== null) return { outcome: 'repeated', sealed: found.sealed };
  await session.run('UPDATE accounts.devices SET revoked = true WHERE id = $1', [found.device]);
  await revokeTokens(session, found.device);
  return { outcome: 'reused' };
}

async function revokeTokens(session: Session, device: string): Promise<void> {
  await session.run('UPDATE accounts.tokens SET revoked = true, sealed = NULL WHERE device = $1', [device]);
}
