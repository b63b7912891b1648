import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import * as z from 'zod';
import { reason, SpecstoryError } from '../core/errors.ts';
import type { Column, Database, Row } from '../core/host.ts';

/** What both drivers have in common and we use. */
interface Driver {
  prepare(sql: string): { iterate(...parameters: Column[]): Iterable<unknown> };
  close(): void;
}

/** libsql gives the blobs of rows it gives one at a time as bare buffers. */
const bufferSchema = z.instanceof(ArrayBuffer).transform((buffer) => new Uint8Array(buffer));
const columnSchema = z.union([z.string(), z.number(), z.bigint(), z.null(), z.instanceof(Uint8Array), bufferSchema]);
const rowSchema = z.record(z.string(), columnSchema);

/**
 * Opens somebody else's SQLite database read-only and in place. A live database is read with its WAL; one that nobody
 * has open is read as immutable, because opening it in any other way would leave a `-wal` file beside it.
 * (libsql ignores its `readonly` option, so the mode goes into the address: measured with 0.5.29.)
 */
export function openDatabase(path: string): Database {
  if (!existsSync(path)) throw new SpecstoryError('not-found', `no database at ${path}`);
  const live = existsSync(`${path}-wal`) || existsSync(`${path}-shm`);
  const address = `${pathToFileURL(path).href}?${live ? 'mode=ro' : 'immutable=1'}`;
  const database = guarded(path, () => connect(address));
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

function plainRow(value: unknown): Row {
  // libsql adds `_metadata` to rows it gives one at a time; it is not a column.
  const { _metadata, ...columns } = Object(value);
  return rowSchema.parse(columns);
}

function guarded<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new SpecstoryError('unavailable', `cannot read the database ${path}: ${reason(cause)}`, { cause });
  }
}

const require = createRequire(import.meta.url);

type Connect = new (address: string, options?: { readOnly: boolean }) => Driver;

/** `node:sqlite` where Node has it (22.5 and newer), else libsql, which comes prebuilt from the npm registry. */
function connect(address: string): Driver {
  const Builtin = builtinDriver();
  if (Builtin) return new Builtin(address, { readOnly: true });
  const Libsql: Connect = require('libsql');
  return new Libsql(address);
}

/** Node 22 warns that its module is experimental when it is loaded: not news to the person who runs us. */
function builtinDriver(): Connect | undefined {
  const warn = process.emitWarning;
  process.emitWarning = () => {};
  try {
    const found: { DatabaseSync?: Connect } | undefined = process.getBuiltinModule?.('node:sqlite');
    return found?.DatabaseSync;
  } finally {
    process.emitWarning = warn;
  }
}
