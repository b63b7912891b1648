import { SpecstoryError } from '../../core/errors.ts';
import type { Database, Host } from '../../core/host.ts';
import { asArray, asObject, asText, isObject, parseJson } from '../../core/json.ts';
import type { NativeRecord, Source } from '../adapter.ts';
import { bubbleKeys } from '../cursor-data.ts';
import { editorBlobs, editorState, stateItems } from '../cursor-state.ts';
import { batches, columnText, placeholders, tablesOf } from '../database.ts';
import { canonical, type Item } from '../document-store.ts';
import { addition, rewrite } from '../edits.ts';
import { addedLines, blockChanges } from './code-blocks.ts';
import { brokenKey } from './find.ts';
import { type InlineConversation, workspaceList } from './workspace-store.ts';

type Fields = { readonly [key: string]: unknown };

/** Opaque: Base64 of a protobuf (which nobody can redact; what it leads to is not), and keys of Cursor's own encryption. */
const opaque = /^conversationState$|EncryptionKey$/;

/**
 * The records of one conversation in its order, the same whatever generation wrote it: `composerData:<id>`, then
 * `bubbleId:<id>:<bubble>` for each message, and before a message with an edit what the edit refers to.
 */
export function* conversationRecords(host: Host, { key, path }: Source): Generator<NativeRecord> {
  if (key.startsWith(brokenKey)) throw unlisted(host, path);
  const database = host.database(path);
  try {
    const composer = tablesOf(database).has('cursorDiskKV') ? row(database, `composerData:${key}`) : undefined;
    if (composer !== undefined) return yield* canonical(stored(database, key, composer));
  } finally {
    database.close();
  }
  const inline = workspaceList(host, path).inline.find(({ id }) => id === key);
  if (inline) yield* canonical(held(host, path, inline));
}

function unlisted(host: Host, path: string): SpecstoryError {
  const hint = 'Close Cursor and try again. If it stays so, Cursor keeps a copy beside it: state.vscdb.backup.';
  try {
    host.database(path).close();
  } catch (cause) {
    if (cause instanceof SpecstoryError) return new SpecstoryError(cause.kind, cause.message, { hint, cause });
  }
  return new SpecstoryError('unavailable', `cannot list the conversations in ${path}`, { hint });
}

/**
 * A conversation with one row per message, or with all of them in the row of the conversation. One that has neither may
 * be in the state that the agent goes on from, with messages as the model gets them.
 */
function* stored(database: Database, id: string, value: unknown): Generator<Item> {
  const composer = asObject(value);
  const inline = asArray(composer.conversation).map(asObject);
  yield item(`composerData:${id}`, withoutMessages(composer, inline));
  if (inline.length > 0) return yield* bubbles(id, composer, inline);
  const map = asObject(composer.conversationMap);
  let empty = true;
  for (const batch of batches(order(database, id, asArray(composer.fullConversationHeadersOnly)), 50)) {
    const rows = rowsOf(
      database,
      batch.map(({ key }) => key),
    );
    for (const { key, bubble } of batch) {
      const found = rows.get(key) ?? (Object.hasOwn(map, bubble) ? map[bubble] : undefined);
      if (found === undefined) continue;
      empty = false;
      yield* contents(database, found);
      yield* blocks(composer, found, (diff) => row(database, `codeBlockDiff:${id}:${diff}`));
      yield item(key, clean(found));
    }
  }
  const state = empty ? editorState(database, id, composer) : undefined;
  if (state) yield* stateItems(editorBlobs(database), state);
}

function* held(host: Host, path: string, { id, kind, value }: InlineConversation): Generator<Item> {
  const beside = host.files.text(host.path.join(host.path.dirname(path), 'workspace.json'), 1 << 16);
  const workspace = beside === undefined ? undefined : parseJson(beside);
  if (isObject(workspace)) yield item('workspace.json', workspace);
  const inline = asArray(kind === 'tab' ? value.bubbles : value.conversation).map(asObject);
  yield item(`${kind === 'tab' ? 'chatTab' : 'composerData'}:${id}`, withoutMessages(value, inline));
  yield* bubbles(id, value, inline);
}

function* bubbles(id: string, composer: Fields, all: readonly Fields[]): Generator<Item> {
  for (const [index, bubble] of all.entries()) {
    yield* blocks(composer, bubble, () => undefined);
    yield item(`bubbleId:${id}:${asText(bubble.bubbleId) ?? asText(bubble.id) ?? index}`, clean(bubble));
  }
}

/** The changes to files that the code blocks of a message are. */
function* blocks(composer: Fields, bubble: unknown, diffOf: (id: string) => unknown): Generator<Item> {
  const changes = blockChanges(composer, asObject(bubble)).map(({ diff, ...change }) => {
    const hunks = change.content === '' && diff !== undefined ? addedLines(diffOf(diff)) : '';
    return hunks === '' ? change : { ...change, hunks };
  });
  if (changes.length > 0) yield item('composer.codeBlocks', changes);
}

/**
 * The keys of the messages in the order of the headers. A header may name the id inside a message instead of the one in
 * its key, so messages that no header names by key are looked into, when there is a header left.
 */
function order(database: Database, id: string, headers: readonly unknown[]): { key: string; bubble: string }[] {
  const [from, to] = bubbleKeys(id);
  const named = headers.map((header) => asObject(header).bubbleId).filter((bubble) => typeof bubble === 'string');
  const keys = database.rows('SELECT key FROM cursorDiskKV WHERE key >= ? AND key < ?', [from, to]);
  const there = new Set([...keys].map(({ key }) => String(key)));
  const wanted = new Set(named.map((bubble) => from + bubble));
  const astray = [...wanted].some((key) => !there.has(key)) ? [...there].filter((key) => !wanted.has(key)) : [];
  const inside = new Map<string, string>();
  for (const batch of batches(astray, 50)) {
    for (const [key, value] of rowsOf(database, batch)) {
      const own = asObject(value).bubbleId;
      if (typeof own === 'string') inside.set(own, key);
    }
  }
  return [...new Set(named)].map((bubble) => {
    const key = from + bubble;
    return { key: there.has(key) ? key : (inside.get(bubble) ?? key), bubble };
  });
}

/** What an edit changed, where the message only names the file's content before and after. */
function* contents(database: Database, bubble: unknown): Generator<Item> {
  const result = asText(asObject(asObject(bubble).toolFormerData).result);
  if (result === undefined || !/"afterContentId"/.test(result)) return;
  const { beforeContentId, afterContentId } = asObject(parseJson(result));
  const after = content(database, afterContentId);
  const isNew = beforeContentId === undefined || beforeContentId === null;
  const before = isNew ? '' : content(database, beforeContentId);
  if (before === undefined || after === undefined || before === after) return;
  const { diff } = isNew ? addition('', after) : rewrite('', before, after);
  yield item('composer.content', { before: beforeContentId, after: afterContentId, diff });
}

function content(database: Database, id: unknown): string | undefined {
  if (typeof id !== 'string') return undefined;
  const key = id.startsWith('composer.content.') ? id : `composer.content.${id}`;
  const sql = 'SELECT CAST(value AS BLOB) AS value FROM cursorDiskKV WHERE key = ?';
  for (const { value } of database.rows(sql, [key])) return columnText(value);
  return undefined;
}

function row(database: Database, key: string): unknown {
  return rowsOf(database, [key]).get(key);
}

/** The values of these rows by key; none for rows without a value, the text itself for what is not JSON. */
function rowsOf(database: Database, keys: readonly string[]): Map<string, unknown> {
  const sql = `SELECT key, CAST(value AS BLOB) AS value FROM cursorDiskKV WHERE key IN (${placeholders(keys.length)})`;
  const found = new Map<string, unknown>();
  for (const { key, value } of database.rows(sql, keys)) {
    const text = columnText(value);
    if (text !== undefined) found.set(String(key), parseJson(text) ?? text);
  }
  return found;
}

/** The conversation with its messages as headers, which is how newer versions store it. */
function withoutMessages(composer: Fields, inline: readonly Fields[]): Fields {
  const { conversation, conversationMap, bubbles: _, ...rest } = composer;
  const headers = inline.map(({ bubbleId, id, type }) => ({ bubbleId: bubbleId ?? id, type }));
  return asObject(clean(headers.length > 0 ? { ...rest, fullConversationHeadersOnly: headers } : rest));
}

function clean(value: unknown): unknown {
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([name]) => !opaque.test(name)));
}

function item(key: string, value: unknown): Item {
  return { value: { key, value } };
}
