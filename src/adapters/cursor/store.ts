import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Database, Host } from '../../core/host.ts';
import { asObject, asText, isObject, parseJson } from '../../core/json.ts';
import type { NativeRecord } from '../adapter.ts';
import { attempt, columnText, tablesOf, withDatabase } from '../database.ts';
import { canonical, type Item } from '../document-store.ts';
import { bytesOf, fields, numberOf, textOf } from './wire.ts';

/** Fields of the root, Cursor's `agent.v1.ConversationStateStructure`. Field 1 lists the messages, like every unnamed one. */
const root = { turns: 8, timings: 14, archive: 11, archives: 13 } as const;

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
  const blob = reader(database);
  const id = asText(meta?.latestRootBlobId) ?? '';
  const top = blob(id);
  if (top === undefined) return;
  yield item('turns', turns(blob, top));
  for (const { leaf, value } of messages(blob, id)) yield item(`blob:${leaf}`, value);
}

function sidecar(host: Host, folder: string): { readonly [key: string]: unknown } | undefined {
  const value = parseJson(host.files.text(host.path.join(folder, 'meta.json'), 1 << 20) ?? '');
  return isObject(value) && ('schemaVersion' in value || 'hasConversation' in value) ? value : undefined;
}

function item(key: string, value: unknown): Item {
  return { value: { key, value } };
}

type Reader = (id: string) => Uint8Array | undefined;

function reader(database: Database): Reader {
  return (id) => {
    for (const { data } of database.rows('SELECT CAST(data AS BLOB) AS data FROM blobs WHERE id = ?', [id]))
      if (data instanceof Uint8Array) return data;
    return undefined;
  };
}

interface Step {
  readonly id: string;
  readonly archived: boolean;
}

/** The message blobs below a node, depth first. A message may come twice; what an archive gave does not come again. */
function* messages(blob: Reader, top: string): Generator<{ leaf: string; value: unknown }> {
  const nodes = new Set<string>();
  const given = new Set<string>();
  const stack: Step[] = [{ id: top, archived: false }];
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { id, archived } = step;
    if (given.has(id) || nodes.has(id)) continue;
    const data = blob(id);
    if (data === undefined) continue;
    const value = data[0] === 0x7b ? parseJson(new TextDecoder().decode(data)) : undefined;
    if (value === undefined) {
      nodes.add(id);
      for (const child of children(data, id === top, archived).reverse()) stack.push(child);
    } else {
      if (archived) given.add(id);
      if (asText(asObject(value).role) !== undefined) yield { leaf: id, value };
    }
  }
}

/** The blobs that a node names (32 bytes are an id), archives before what followed them. */
function children(node: Uint8Array, isRoot: boolean, below: boolean): Step[] {
  const isArchive = (number: number) => isRoot && (number === root.archive || number === root.archives);
  const steps = [...fields(node)].flatMap(({ number, value }): Step[] => {
    if (typeof value === 'number' || value.length !== 32) return [];
    return [{ id: bytesToHex(value), archived: below || isArchive(number) }];
  });
  return below ? steps : [...steps.filter(({ archived }) => archived), ...steps.filter(({ archived }) => !archived)];
}

/** The time of each turn, and whether Cursor made up its prompt, by the request that its messages name. */
function turns(blob: Reader, top: Uint8Array): unknown[] {
  const times = bytesOf(top, root.timings).map((timing) => numberOf(timing, 2));
  return bytesOf(top, root.turns).flatMap((id, index) => {
    const turn = bytesOf(blob(bytesToHex(id)) ?? new Uint8Array(), 1)[0];
    const request = turn && textOf(turn, 3);
    if (!turn || !request) return [];
    const prompt = blob(bytesToHex(bytesOf(turn, 1)[0] ?? new Uint8Array()));
    return [
      {
        request,
        at: times[index],
        simulated: prompt && numberOf(prompt, 5) === 1,
      },
    ];
  });
}

function fromHex(text: string): string {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) return text;
  return new TextDecoder().decode(hexToBytes(text));
}
