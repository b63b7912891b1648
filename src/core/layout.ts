import { type ExchangeId, isExchangeId, type SessionId, sessionFolder, shard } from './ids.ts';

/** Version of everything under the history ref. A newer one is refused, never overwritten. */
export const format = 1;

export const refs = {
  history: 'refs/specstory/history',
  raw: 'refs/specstory/raw',
} as const;

export type RefName = (typeof refs)[keyof typeof refs];

/** The file that names format and writer at the root of both refs. */
export const markerPath = 'specstory.json';

/** The folder of a session in the tree of `history`. */
export function sessionPath(id: SessionId): string {
  return `sessions/${shard(id)}/${sessionFolder(id)}`;
}

/** The file of an exchange below its session's folder: ordinal, then id, and no text of the user. */
export function exchangeFile(ordinal: number, id: ExchangeId): string {
  return `exchanges/${String(ordinal).padStart(6, '0')}-${id}.md`;
}

/** The reverse of `exchangeFile`, for names read from a tree that somebody else may have written. */
export function parseExchangeFile(name: string): { ordinal: number; id: ExchangeId } | undefined {
  const match = /^(?:exchanges\/)?(\d{6,9})-([0-9a-f]{12})\.md$/.exec(name);
  const id = match?.[2];
  return match && id && isExchangeId(id) ? { ordinal: Number(match[1]), id } : undefined;
}

/** The folder of a session's original records in the tree of `raw`. */
export function rawPath(id: SessionId): string {
  return `raw/${shard(id)}/${sessionFolder(id)}`;
}
