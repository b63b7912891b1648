import type { Access, Actor } from '../access.ts';
import type { Account, StoredToken } from '../store/account-store.ts';
import { projectFor } from './projects.ts';
import type { Registry } from './registry.ts';
import { liveToken } from './tokens.ts';

/** Who makes a request, and with which token. */
export interface Caller extends Actor {
  readonly holder: Account;
  readonly token: StoredToken;
}

/** `Access`, which also says which token it was. */
export interface AccountAccess extends Access {
  authenticate(header: string | undefined): Promise<Caller | undefined>;
}

/** The answers of the account tables to git, ingest and the APIs. */
export function accountAccess(registry: Registry): AccountAccess {
  return {
    authenticate: (header) => callerOf(registry, tokenIn(header)),
    project: (actor, id, options) => projectFor(registry, actor, id, options),
    claimWriter: async ({ key }, writer, account) => {
      return (await registry.store.projects.claim(key, writer, account, registry.now())) === account;
    },
  };
}

/** The token in an `Authorization` header: `Bearer <token>`, or `Basic` with the token as password, as git sends it. */
export function tokenIn(header: string | undefined): string | undefined {
  const [, scheme = '', value = ''] = /^(bearer|basic) ([\w.~+/=-]{1,2000})$/i.exec(header ?? '') ?? [];
  if (scheme.toLowerCase() === 'bearer') return value;
  if (scheme === '') return undefined;
  const pair = Buffer.from(value, 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? undefined : pair.slice(colon + 1);
}

/** A refresh token is good for nothing but its next. */
async function callerOf(registry: Registry, text: string | undefined): Promise<Caller | undefined> {
  const found = text === undefined ? undefined : await liveToken(registry, text);
  if (!found || found.token.kind === 'refresh') return undefined;
  const { token, account } = found;
  const today = new Date(registry.now()).toISOString().slice(0, 10);
  if (token.lastUsed !== today) await registry.store.tokens.use(token.hash, today);
  return { account: account.id, name: account.name, scopes: new Set(token.scopes), holder: account, token };
}
