import { SpecstoryError } from '../core/errors.ts';
import type { Column, Database, Host } from '../core/host.ts';
import { parseJson } from '../core/json.ts';
import { userFolders } from './vscode-user.ts';

/** Every `User` folder of Cursor that may be on this machine, Nightly and Insiders included. */
export function cursorUserFolders(host: Host): string[] {
  return userFolders(host, [
    { name: 'Cursor', server: '.cursor-server' },
    { name: 'Cursor Nightly' },
    { name: 'Cursor - Insiders' },
  ]);
}

/** The database of a `User` folder that holds the conversations of all its windows. */
export function globalDatabase(host: Host, user: string): string {
  return host.path.join(user, 'globalStorage', 'state.vscdb');
}

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

/** The folders in a folder. */
export function foldersIn(host: Host, folder: string): string[] {
  const folders = host.files.list(folder).filter(({ kind }) => kind === 'folder');
  return folders.map(({ name }) => host.path.join(folder, name));
}

/** Whether a file starts as a SQLite database does. */
export function isDatabase(host: Host, path: string): boolean {
  const magic = 'SQLite format 3';
  const start = attempt(() => firstOf(host.files.chunks(path, 0, magic.length)));
  return start !== undefined && decode(start.subarray(0, magic.length), 'utf-8') === magic;
}

/** The text of a column, which Cursor stores as text or as bytes, in UTF-8 and once in UTF-16. */
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

/** The keys of all messages of a conversation lie from the first (included) to the second. */
export function bubbleKeys(conversation: string): [string, string] {
  return [`bubbleId:${conversation}:`, `bubbleId:${conversation};`];
}

function decode(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes);
}

function firstOf<T>(items: Iterable<T>): T | undefined {
  for (const item of items) return item;
  return undefined;
}
