import { hexToBytes } from '@noble/hashes/utils.js';
import type { Database, Host } from '../../core/host.ts';
import { asText, isObject, parseJson } from '../../core/json.ts';
import type { NativeRecord } from '../adapter.ts';
import { type Blobs, bytesAt, stateItems } from '../cursor-state.ts';
import { attempt, columnText, tablesOf, withDatabase } from '../database.ts';
import { canonical, type Item } from '../document-store.ts';

/** What `meta` says of the conversation in a `store.db`; `undefined` when it is not Cursor's. */
export function metaOf(database: Database): { readonly [key: string]: unknown } | undefined {
  const tables = tablesOf(database);
  if (!tables.has('meta') || !tables.has('blobs')) return undefined;
  for (const { value } of database.rows("SELECT value FROM meta WHERE key = '0'")) {
    const meta = parseJson(fromHex(columnText(value) ?? ''));
    if (isObject(meta) && ('agentId' in meta || 'latestRootBlobId' in meta)) return meta;
  }
  return undefined;
}

/**
 * The records of one `store.db`: what `meta.json` and `meta` say, the turns with their times, then the messages in the
 * order of the conversation, those that a compaction archived first. Branches that were left are not reachable.
 */
export function* storeRecords(host: Host, path: string): Generator<NativeRecord> {
  const database = host.database(path);
  try {
    yield* canonical(rows(host, path, database));
  } finally {
    database.close();
  }
}

/** The folder a conversation was held in, by `meta.json` beside the database or by the database itself. */
export function workspaceOf(host: Host, folder: string): string | undefined {
  const said = asText(sidecar(host, folder)?.cwd);
  const path = host.path.join(folder, 'store.db');
  if (said !== undefined || host.files.stat(path)?.kind !== 'file') return said;
  return attempt(() => withDatabase(host, path, (database) => asText(metaOf(database)?.workspacePath)));
}

function* rows(host: Host, path: string, database: Database): Generator<Item> {
  const beside = sidecar(host, host.path.dirname(path));
  if (beside) yield item('meta.json', beside);
  const meta = metaOf(database);
  yield item('meta:0', meta ?? null);
  const blob: Blobs = (id) => bytesAt(database, 'SELECT CAST(data AS BLOB) AS bytes FROM blobs WHERE id = ?', id);
  const top = blob(asText(meta?.latestRootBlobId) ?? '');
  if (top !== undefined) yield* stateItems(blob, top);
}

function sidecar(host: Host, folder: string): { readonly [key: string]: unknown } | undefined {
  const value = parseJson(host.files.text(host.path.join(folder, 'meta.json'), 1 << 20) ?? '');
  return isObject(value) && ('schemaVersion' in value || 'hasConversation' in value) ? value : undefined;
}

function item(key: string, value: unknown): Item {
  return { value: { key, value } };
}

function fromHex(text: string): string {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return text;
  return new TextDecoder().decode(hexToBytes(text));
}
