import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import type { AccountStore } from './account-store.ts';
import { openSqliteAccountStore } from './sqlite/account-store.ts';

/** Where the databases of a server are. */
export interface DatabasePlace {
  readonly data: string;
  readonly url: string | undefined;
}

/** The account tables; the one place that chooses among databases. Throws `unsupported` for one that is not built. */
export function openAccountStore({ data, url }: DatabasePlace): AccountStore {
  if (url === undefined) return openSqliteAccountStore(path.join(data, 'accounts.sqlite'));
  throw new SpecstoryError('unsupported', `cannot use ${scheme(url)}: databases other than SQLite are not built yet`, {
    hint: 'leave --database-url out to use SQLite in the data directory',
  });
}

/** Of an address that may hold a password, only how it starts. */
function scheme(url: string): string {
  return `${/^[a-z][a-z0-9+.-]*:/i.exec(url)?.[0] ?? ''}//…`;
}
