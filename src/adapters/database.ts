import { SpecstoryError } from '../core/errors.ts';
import type { Column, Database, Host } from '../core/host.ts';
import { parseJson } from '../core/json.ts';

/** Work on a database that is closed again in any case. Throws `unavailable` when it is damaged or locked, `not-found` when missing. */
export function withDatabase<T>(host: Host, path: string, work: (database: Database) => T): T {
  const database = host.database(path);
  try {
    return work(database);
  } finally {
    database.close();
  }
}

/** The outcome of reading a store that is only looked at, or `undefined` when it cannot be read. */
export function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (thrown) {
    if (thrown instanceof SpecstoryError) return undefined;
    throw thrown;
  }
}

/** The names of the tables of a database. */
export function tablesOf(database: Database): Set<string> {
  const rows = database.rows("SELECT name FROM sqlite_master WHERE type = 'table'");
  return new Set([...rows].map(({ name }) => String(name)));
}

/** One value of the `ItemTable` of an editor's `state.vscdb`. Only keys that are wanted are ever asked for: the table also holds tokens. */
export function itemValue(database: Database, key: string): unknown {
  const rows = database.rows('SELECT CAST(value AS BLOB) AS value FROM ItemTable WHERE key = ?', [key]);
  for (const { value } of rows) return columnJson(value);
  return undefined;
}

/** Whether a file starts as a SQLite database does. */
export function isDatabase(host: Host, path: string): boolean {
  const magic = 'SQLite format 3';
  const start = attempt(() => firstOf(host.files.chunks(path, 0, magic.length)));
  return start !== undefined && decode(start.subarray(0, magic.length), 'utf-8') === magic;
}

/** The text of a column: stored as text or as bytes, in UTF-8 and once (by Cursor) in UTF-16. */
export function columnText(value: Column | undefined): string | undefined {
  if (typeof value === 'string') return value;
  if (!(value instanceof Uint8Array)) return undefined;
  const [first, second] = value;
  if ((first === 0xff && second === 0xfe) || (first !== 0 && second === 0)) return decode(value, 'utf-16le');
  if ((first === 0xfe && second === 0xff) || (first === 0 && second !== 0)) return decode(value, 'utf-16be');
  return decode(value, 'utf-8');
}

/** The JSON in a column, or `undefined`. */
export function columnJson(value: Column | undefined): unknown {
  const text = columnText(value);
  return text === undefined ? undefined : parseJson(text);
}

/** `count` placeholders for the values of an `IN`. */
export function placeholders(count: number): string {
  return Array(count).fill('?').join(',');
}

/** Pieces of a list that are short enough for one `IN`. */
export function* batches<T>(items: readonly T[], size = 200): Generator<T[]> {
  for (let from = 0; from < items.length; from += size) yield items.slice(from, from + size);
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
