import { existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { reason, SpecstoryError } from '../core/errors.ts';
import type { Database } from '../core/host.ts';
import { connect, plainRow } from './sqlite-driver.ts';

/**
 * Opens somebody else's SQLite database read-only and in place. A live database is read with its WAL; one that nobody
 * has open is read as immutable, because opening it in any other way would leave a `-wal` file beside it.
 * (libsql ignores its `readonly` option, so the mode goes into the address: measured with 0.5.29.)
 */
export function openDatabase(path: string): Database {
  if (!existsSync(path)) throw new SpecstoryError('not-found', `no database at ${path}`);
  const live = existsSync(`${path}-wal`) || existsSync(`${path}-shm`);
  const address = `${pathToFileURL(path).href}?${live ? 'mode=ro' : 'immutable=1'}`;
  const database = guarded(path, () => connect(address, { readOnly: true }));
  return {
    *rows(sql, parameters = []) {
      const found = guarded(path, () =>
        database
          .prepare(sql)
          .iterate(...parameters)
          [Symbol.iterator](),
      );
      for (let next = guarded(path, () => found.next()); !next.done; next = guarded(path, () => found.next())) {
        yield plainRow(next.value);
      }
    },
    close: () => guarded(path, () => database.close()),
  };
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SpecstoryError('unavailable', `cannot read the database ${path}: ${reason(cause)}`, { cause });
  }
}
