import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import type { AccountStore } from './account-store.ts';
import type { IndexStore } from './index-store.ts';
import { openSqliteAccountStore } from './sqlite/account-store.ts';
import { openSqliteIndexStore } from './sqlite/index-store.ts';

/** Where the databases of a server are. */
export interface DatabasePlace {
  readonly data: string;
  readonly url: string | undefined;
}

/** The account tables; the one place that chooses among databases. Throws `unsupported` for one that is not built. */
export function openAccountStore({ data, url }: DatabasePlace): AccountStore {
  if (url === undefined) return openSqliteAccountStore(path.join(data, 'accounts.sqlite'));
  throw notBuilt(url);
}

/** The index over what was pushed. Throws as `openAccountStore`. */
export function openIndexStore({ data, url }: DatabasePlace): IndexStore {
  if (url === undefined) return openSqliteIndexStore(path.join(data, 'index.sqlite'));
  throw notBuilt(url);
}

function notBuilt(url: string): SpecstoryError {
  return new SpecstoryError('unsupported', `cannot use ${scheme(url)}: databases other than SQLite are not built yet`, {
    hint: 'leave --database-url out to use SQLite in the data directory',
  });
}

/** Of an address that may hold a password, only how it starts. */
function scheme(url: string): string {
  return `${/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? ''}//…`;
}
