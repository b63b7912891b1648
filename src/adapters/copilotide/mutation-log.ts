import { asArray, asNumber, isObject } from '../../core/json.ts';
import type { Item } from '../document-store.ts';

/** What a log leads to. */
export interface Replayed {
  /** The session, or `undefined` when the log has no whole first entry. */
  readonly state: unknown;
  /** Lines that are not entries. */
  readonly broken: readonly Item[];
}

/** The parts of a session that change with every key press and hold drafts. */
const drafts = new Set<unknown>(['inputState', 'pendingRequests']);

/**
 * Replays a log of changes to one object: kind 0 is the object itself, 1 sets a value at a path, 2 cuts an array to
 * length `i` (when given) and appends to it, 3 deletes. A change at a path that is not there is passed over.
 */
export function replay(lines: Iterable<Item>): Replayed {
  let state: unknown;
  const broken: Item[] = [];
  for (const { value, text = '' } of lines) {
    if (!isObject(value)) broken.push({ value: undefined, text });
    else if (value.kind === 0) state = value.v;
    else if (!drafts.has(asArray(value.k)[0])) change(state, value);
  }
  return { state, broken };
}

function change(state: unknown, entry: { readonly [key: string]: unknown }): void {
  const path = asArray(entry.k);
  const key = path.at(-1);
  // Only own properties are followed, so this is the one name that could reach a prototype.
  if (key === undefined || path.includes('__proto__')) return;
  const holder = path.slice(0, -1).reduce<unknown>(child, state);
  if (entry.kind === 1) set(holder, key, entry.v);
  else if (entry.kind === 2) push(holder, key, asArray(entry.v), asNumber(entry.i));
  else if (entry.kind === 3) remove(holder, key);
}

function child(holder: unknown, key: unknown): unknown {
  if (Array.isArray(holder)) return isIndex(key) ? asArray(holder)[key] : undefined;
  return isObject(holder) && typeof key === 'string' && Object.hasOwn(holder, key) ? holder[key] : undefined;
}

function set(holder: unknown, key: unknown, value: unknown): void {
  if (Array.isArray(holder)) {
    // One behind the end at most: a huge index would make a huge array.
    if (isIndex(key) && key <= holder.length) holder[key] = value;
  } else if (isObject(holder) && typeof key === 'string') holder[key] = value;
}

function push(holder: unknown, key: unknown, items: readonly unknown[], length: number | undefined): void {
  const before = asArray(child(holder, key));
  const kept = length !== undefined && isIndex(length) ? before.slice(0, length) : before;
  set(holder, key, [...kept, ...items]);
}

function remove(holder: unknown, key: unknown): void {
  if (Array.isArray(holder)) {
    if (isIndex(key) && key < holder.length) holder[key] = null;
  } else if (isObject(holder) && typeof key === 'string') delete holder[key];
}

function isIndex(key: unknown): key is number {
  return typeof key === 'number' && Number.isInteger(key) && key >= 0;
}
