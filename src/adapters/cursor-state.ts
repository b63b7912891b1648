import { bytesToHex, hexToBytes } from '@noble/hashes/utils.js';
import type { Database } from '../core/host.ts';
import { asObject, asText, parseJson } from '../core/json.ts';
import { columnText } from './database.ts';
import type { Item } from './document-store.ts';
import { bytesOf, fields, numberOf, textOf } from './protobuf.ts';

/** Fields of a state, Cursor's `agent.v1.ConversationStateStructure`. Field 1 lists the messages, like every unnamed one. */
const root = { turns: 8, timings: 14, archive: 11, archives: 13 } as const;

/** A blob by its id, the hex SHA-256 of its content. */
export type Blobs = (id: string) => Uint8Array | undefined;

/**
 * What a state leads to: the turns with their times, then the messages in the order of the conversation, those that a
 * compaction archived first. Branches that were left are not reachable.
 */
export function* stateItems(blob: Blobs, top: Uint8Array): Generator<Item> {
  yield item('turns', turns(blob, top));
  for (const { leaf, value } of messages(blob, top)) yield item(`blob:${leaf}`, value);
}

/** The bytes in a column `bytes`, by one parameter. */
export function bytesAt(database: Database, sql: string, parameter: string): Uint8Array | undefined {
  for (const { bytes } of database.rows(sql, [parameter])) if (bytes instanceof Uint8Array) return bytes;
  return undefined;
}

/** The blobs that the editor keeps in the database of all its windows. */
export function editorBlobs(database: Database): Blobs {
  return (id) => bytesAt(database, oneValue, `agentKv:blob:${id}`);
}

/**
 * The state of a conversation of the editor: in its `composerData` (`~` and Base64), or in a row beside it, in hex. `undefined`
 * when none of its messages can be reached, because they are on another machine.
 */
export function editorState(database: Database, id: string, composer: unknown): Uint8Array | undefined {
  const blob = editorBlobs(database);
  const inside = asText(asObject(composer).conversationState);
  const beside = columnText(bytesAt(database, oneValue, `agentKv:checkpoint:${id}`));
  const known = [inside?.startsWith('~') ? fromBase64(inside.slice(1)) : undefined, fromHex(beside)];
  const states = known.map((bytes) => (bytes?.length === 32 ? blob(bytesToHex(bytes)) : bytes));
  return states.find((state) => state !== undefined && !messages(blob, state).next().done);
}

/** The same, for whoever has not read its `composerData` yet. */
export function editorStateOf(database: Database, id: string): Uint8Array | undefined {
  return editorState(database, id, parseJson(columnText(bytesAt(database, oneValue, `composerData:${id}`)) ?? ''));
}

const oneValue = 'SELECT CAST(value AS BLOB) AS bytes FROM cursorDiskKV WHERE key = ?';

function fromBase64(text: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(text), (sign) => sign.charCodeAt(0));
  } catch {
    return undefined;
  }
}

function fromHex(text = ''): Uint8Array | undefined {
  return /^(?:[0-9a-f]{2})+$/i.test(text) ? hexToBytes(text) : undefined;
}

function item(key: string, value: unknown): Item {
  return { value: { key, value } };
}

interface Step {
  readonly id: string;
  readonly archived: boolean;
}

/** The message blobs below a node, depth first. A message may come twice; what an archive gave does not come again. */
function* messages(blob: Blobs, top: Uint8Array): Generator<{ leaf: string; value: unknown }> {
  const nodes = new Set<string>();
  const given = new Set<string>();
  const stack: Step[] = children(top, true, false).reverse();
  for (let step = stack.pop(); step !== undefined; step = stack.pop()) {
    const { id, archived } = step;
    if (given.has(id) || nodes.has(id)) continue;
    const data = blob(id);
    if (data === undefined) continue;
    const value = data[0] === 0x7b ? parseJson(new TextDecoder().decode(data)) : undefined;
    if (value === undefined) {
      nodes.add(id);
      for (const child of children(data, false, archived).reverse()) stack.push(child);
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
function turns(blob: Blobs, top: Uint8Array): unknown[] {
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
