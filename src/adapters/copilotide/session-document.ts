import { SpecstoryError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText, isObject } from '../../core/json.ts';
import { type Item, readDocument } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';
import { workspaceFolders } from '../vscode-user.ts';
import { editingState, provenEdits } from './editing-session.ts';
import { replay } from './mutation-log.ts';

type Fields = { readonly [key: string]: unknown };

/** Drafts, what changes without anything being said, and pictures of people. */
const left = new Set([
  ...['requests', 'inputState', 'pendingRequests', 'hasPendingEdits', 'lastMessageDate'],
  ...['requesterAvatarIconUri', 'responderAvatarIconUri'],
]);

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * A session as records: one for what is known of it, without drafts, then one per request. Throws `unavailable` when
 * the file is half written.
 */
export function* sessionItems(host: Host, path: string): Generator<Item> {
  const { state, broken } = readSession(host, path);
  const folder = host.path.dirname(path);
  const storage = host.path.basename(folder) === 'chatSessions' ? host.path.dirname(folder) : undefined;
  yield* itemsOf(host, { state, broken, id: idOf(state, host.path.basename(path)), storage });
}

/** The same of a session that was in the database of a workspace. */
export function storedItems(host: Host, path: string, id: string, state: Fields): Generator<Item> {
  return itemsOf(host, { state, broken: [], id, storage: host.path.dirname(path) });
}

interface Whole {
  readonly state: Fields;
  readonly broken: readonly Item[];
  readonly id: string;
  /** The `workspaceStorage/<id>` folder it lies in. */
  readonly storage: string | undefined;
}

function* itemsOf(host: Host, { state, broken, id, storage }: Whole): Generator<Item> {
  const header = Object.fromEntries(Object.entries(state).filter(([name]) => !left.has(name)));
  const folders = storage === undefined ? [] : workspaceFolders(host, storage);
  yield { value: { $header: { ...header, id, folders } } };
  yield* broken;
  const requests = asArray(state.requests);
  const proven =
    storage === undefined ? undefined : provenEdits(host, editingState(host, storage, id), requests.map(asObject));
  for (const request of requests) {
    const $edits = proven?.get(asText(asObject(request).requestId) ?? '');
    yield { value: $edits === undefined ? request : { ...asObject(request), $edits } };
  }
}

/** A session as it is now. Throws `unavailable` when the file is half written. */
export function readSession(host: Host, path: string): { state: Fields; broken: readonly Item[] } {
  if (!isLog(host, path)) return { state: asObject(readDocument(host, path)), broken: [] };
  const { state, broken } = replay(jsonl(host, path));
  if (isObject(state)) return { state, broken };
  throw new SpecstoryError('unavailable', `cannot read ${path}: it has no whole first entry`, {
    hint: 'VS Code may be writing it just now: try again in a moment.',
  });
}

/** Whether the file is a log of changes; the name says it only while there is no line to look at. */
function isLog(host: Host, path: string): boolean {
  for (const { value, text } of jsonl(host, path)) {
    return value === undefined ? text.trim() !== '{' : typeof asObject(value).kind === 'number';
  }
  return path.endsWith('.jsonl');
}

/** An export has no id, and its name is the person's choice: the first request stands in, which later exports repeat. */
function idOf(state: Fields, name: string): string {
  const stem = name.replace(/\.jsonl?$/, '');
  const first = asObject(asArray(state.requests)[0]);
  const key = asText(first.requestId) ?? `${asText(asObject(first.message).text)} ${asNumber(first.timestamp)}`;
  return asText(state.sessionId) ?? (uuid.test(stem) ? stem : `export-${digest(key).slice(0, 32)}`);
}

/** Whether a value is a session or an export of one. */
export function isSession(value: unknown): boolean {
  const { requests, version, responderUsername, sessionId, creationDate } = asObject(value);
  if (!Array.isArray(requests)) return false;
  const asked = asArray(requests).map(asObject);
  if (asked.some(({ message, response, requestId }) => message !== undefined && (response ?? requestId) !== undefined))
    return true;
  return (
    asText(responderUsername) !== undefined ||
    (typeof version === 'number' && (sessionId ?? creationDate) !== undefined)
  );
}
