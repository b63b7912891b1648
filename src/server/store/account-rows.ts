import * as z from 'zod';
import { scopes } from '../access.ts';
import type { Account, Device, DeviceRequest, Member, ProjectRow, Session, StoredToken } from './account-store.ts';

// Rows of the account tables as both databases give them.

/** SQLite has no booleans. */
const flag = z.union([z.boolean(), z.literal([0, 1]).transform((value) => value === 1)]);
const orNothing = <T>(schema: z.ZodType<T>) => schema.nullable().transform((value) => value ?? undefined);
const role = z.enum(['owner', 'writer', 'reader']);

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
export const passwordSchema = z.object({ password: orNothing(z.string()) });
/** Names are ASCII (`accounts/accounts.ts`), so that folding is the same in every database. */
export const folded = (name: string): string => name.toLowerCase();

const scopesSchema = z
  .string()
  .transform((text) => text.split(' ').filter((word) => word !== ''))
  .pipe(z.array(z.enum(scopes)));

export const tokenSchema = z
  .object({
    id: z.string(),
    hash: z.string(),
    kind: z.enum(['access', 'refresh', 'personal']),
    account: z.string(),
    device: orNothing(z.string()),
    name: z.string(),
    scopes: scopesSchema,
    created: z.number(),
    expires: z.number(),
    last_used: orNothing(z.string()),
    revoked: flag,
  })
  .transform(({ last_used, ...token }): StoredToken => ({ ...token, lastUsed: last_used }));
export const deviceSchema: z.ZodType<Device> = z.object({
  id: z.string(),
  account: z.string(),
  client: z.string(),
  hostname: z.string(),
  refresh: z.enum(['rotating', 'fixed']),
  created: z.number(),
  expires: z.number(),
});
export const usedSchema = z.object({ last_used: orNothing(z.string()) });
export const rotationSchema = z.object({
  device: z.string(),
  expires: z.number(),
  revoked: flag,
  rotated: z.number().nullable(),
  sealed: z.string().nullable(),
});

export const requestSchema = z
  .object({
    hash: z.string(),
    user_code: z.string(),
    client: z.string(),
    hostname: z.string(),
    address: z.string(),
    created: z.number(),
    expires: z.number(),
  })
  .transform(({ user_code, ...request }): DeviceRequest => ({ ...request, user: user_code }));
export const pollSchema = z.object({
  client: z.string(),
  hostname: z.string(),
  expires: z.number(),
  interval: z.number(),
  polled: z.number().nullable(),
  account: z.string().nullable(),
  denied: flag,
});
export const sessionSchema: z.ZodType<Session> = z.object({
  hash: z.string(),
  account: z.string(),
  created: z.number(),
  expires: z.number(),
});
export const holderSchema = z.object({ account: z.string() });

const projectSchema = z
  .object({
    project: z.string(),
    id: z.string(),
    name: z.string(),
    owner: z.string(),
    created: z.number(),
    icon: orNothing(z.string()),
    color: orNothing(z.string()),
    updated: orNothing(z.number()),
  })
  .transform(({ project, ...rest }): ProjectRow => ({ key: project, ...rest }));
const roleSchema = z.object({ role });
const ownerSchema = z.object({ owner_name: z.string() });

export const memberSchema = z
  .object({ account: z.string(), name: z.string(), role, invited: flag })
  .transform((row): Member => row);
export const writerSchema = z.object({ writer: z.string(), account: z.string() });

type Row = Readonly<Record<string, unknown>>;
export const projectOf = (row: Row): ProjectRow => projectSchema.parse(row);
export const membershipOf = (row: Row) => ({ ...projectOf(row), role: roleSchema.parse(row).role });
/** What a row is read as, with the name of the project's owner. */
export const withOwner = <T>(read: (row: Row) => T) => {
  return (row: Row) => ({ ...read(row), ownerName: ownerSchema.parse(row).owner_name });
};

/** Milliseconds that each poll that comes too soon adds to the interval (RFC 8628, 3.5). */
export const penalty = 5000;
