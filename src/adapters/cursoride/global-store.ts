import type { Database } from '../../core/host.ts';
import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import { bubbleKeys } from '../cursor-data.ts';
import { batches, columnJson, itemValue, placeholders, tablesOf } from '../database.ts';

type Fields = { readonly [key: string]: unknown };

/** What the global database says of a conversation without its messages. */
export interface Header {
  readonly id: string;
  readonly workspace: string | undefined;
  /** The folder it was held in, when it was on this machine. */
  readonly folder: string | undefined;
  readonly parent: string | undefined;
  readonly updated: number | undefined;
  readonly draft: boolean;
}

/** Bytes of `composerData` that one listing may look into for conversations that no list names. */
const probeLimit = 32 << 20;

/** Whether a database is one with conversations of all windows. */
export function isGlobal(database: Database): boolean {
  return tablesOf(database).has('cursorDiskKV');
}

/** The lists of conversations: a table of its own in the newest versions, one row of `ItemTable` in Cursor 3. */
export function headers(database: Database): Header[] {
  const tables = tablesOf(database);
  const listed = tables.has('ItemTable') ? asObject(itemValue(database, 'composer.composerHeaders')) : {};
  const older = asArray(listed.allComposers).map((value) => header(asObject(value)));
  const rows = tables.has('composerHeaders') ? [...database.rows('SELECT * FROM composerHeaders')] : [];
  const newer = rows.map(({ value, ...columns }) => header({ ...columns, ...asObject(columnJson(value)) }, columns));
  return [...older, ...newer].filter(({ id }) => id !== '');
}

/** The row number of each conversation, what was written last first, from the index of the keys alone. */
export function conversations(database: Database): Map<string, number> {
  const sql = "SELECT key, rowid AS row FROM cursorDiskKV WHERE key >= 'composerData:' AND key < 'composerData;'";
  const rows = [...database.rows(sql)].map(
    ({ key, row }) => [String(key).slice('composerData:'.length), Number(row)] as const,
  );
  return new Map(rows.sort(([, a], [, b]) => b - a));
}

/**
 * Headers of conversations that are in no list, out of the conversations themselves: as many of the first as one listing
 * may look into, and at least one.
 */
export function probedHeaders(database: Database, ids: readonly string[]): Header[] {
  const found: Header[] = [];
  let read = 0;
  for (const batch of batches(ids, 50)) {
    for (const { id, size } of sizes(database, batch)) {
      if (read > 0 && read + size > probeLimit) return found;
      read += size;
      found.push(probedHeader(database, id));
    }
  }
  return found;
}

function probedHeader(database: Database, id: string): Header {
  const sql = `SELECT CASE WHEN json_valid(text) THEN json_object(
      'workspaceIdentifier', json_extract(text, '$.workspaceIdentifier'),
      'subagentInfo', json_extract(text, '$.subagentInfo')) END AS value
    FROM (SELECT CAST(value AS TEXT) AS text FROM cursorDiskKV WHERE key = ?)`;
  const [found] = [...database.rows(sql, [`composerData:${id}`])];
  return header({ ...asObject(columnJson(found?.value)), composerId: id });
}

/** What `find` may know of a conversation: a version, and how many messages have a row of their own. */
interface Extent {
  readonly version: string;
  readonly messages: number;
}

/**
 * The extent of a conversation in this row, from the index alone. Cursor replaces rows, and a replaced row gets a new
 * number: that makes the version.
 */
export function extent(database: Database, id: string, row: number): Extent {
  const sql = 'SELECT count(*) AS count, max(rowid) AS last FROM cursorDiskKV WHERE key >= ? AND key < ?';
  const [bubbles] = [...database.rows(sql, bubbleKeys(id))];
  const messages = Number(bubbles?.count ?? 0);
  return { version: `${row}-${messages}-${bubbles?.last ?? 0}`, messages };
}

/** The bytes of each `composerData`, without its content; none for rows without a value. */
function sizes(database: Database, ids: readonly string[]): { id: string; size: number }[] {
  const sql = `SELECT key, octet_length(value) AS size FROM cursorDiskKV WHERE key IN (${placeholders(ids.length)})`;
  const rows = [
    ...database.rows(
      sql,
      ids.map((id) => `composerData:${id}`),
    ),
  ];
  return rows.flatMap(({ key, size }) =>
    size === null ? [] : [{ id: String(key).slice('composerData:'.length), size: Number(size) }],
  );
}

function header(value: Fields, columns: Fields = {}): Header {
  const workspace = asObject(value.workspaceIdentifier);
  const uri = asObject(workspace.uri);
  const here = uri.scheme === undefined || uri.scheme === 'file';
  return {
    id: asText(value.composerId) ?? '',
    workspace: asText(columns.workspaceId) ?? asText(workspace.id),
    folder: here ? (asText(uri.fsPath) ?? asText(uri.path)) : undefined,
    parent: asText(asObject(value.subagentInfo).parentComposerId),
    updated: asNumber(columns.lastUpdatedAt) ?? asNumber(value.lastUpdatedAt) ?? asNumber(value.createdAt),
    draft: value.isDraft === true,
  };
}
