import { SpecstoryError } from '../core/errors.ts';
import { parseJson } from '../core/json.ts';
import type { Query, Sort } from './query.ts';

/** The place of a hit in an order: compared number by number, the least first. */
export type Rank = readonly [number, number];

export function compareRanks([a, b]: Rank, [c, d]: Rank): number {
  return a - c || b - d;
}

/** A hit that has a place, and what groups it and tells its copies. */
export interface Ranked {
  readonly rank: Rank;
  /** The same for copies of one exchange. */
  readonly copy: string;
  /** Of several copies the least is shown. */
  readonly age: readonly [number, string];
}

/** Each exchange once, in order: at the best place of its copies, the earliest of them. */
export function withoutCopies<T extends Ranked>(hits: readonly T[]): T[] {
  const found = new Map<string, T>();
  for (const hit of [...hits].sort((a, b) => compareRanks(a.rank, b.rank))) {
    const known = found.get(hit.copy);
    if (!known) found.set(hit.copy, hit);
    else if (isOlder(hit, known)) found.set(hit.copy, { ...hit, rank: known.rank });
  }
  return [...found.values()];
}

function isOlder({ age: [a, b] }: Ranked, { age: [c, d] }: Ranked): boolean {
  return a < c || (a === c && b < d);
}

export interface Grouped<T> {
  readonly key: string;
  readonly hits: readonly T[];
}

/** Hits that have a key in common, in the order of the best of each. */
export function grouped<T>(hits: readonly T[], keyOf: (hit: T) => string): Grouped<T>[] {
  const groups = new Map<string, T[]>();
  for (const hit of hits) {
    const key = keyOf(hit);
    const group = groups.get(key);
    if (group) group.push(hit);
    else groups.set(key, [hit]);
  }
  return [...groups].map(([key, hits]) => ({ key, hits }));
}

/** How a query orders what it finds. */
export function sortOf({ where, sort }: Query, isAboutText: boolean): Sort {
  return sort ?? (where !== undefined && isAboutText ? 'relevance' : 'newest');
}

/** Where the next page begins: behind a group whose best hit has this rank. */
export function cursorAt(rank: Rank, sort: Sort): string {
  return Buffer.from(JSON.stringify([sort, ...rank])).toString('base64url');
}

/** The rank in a cursor. Throws `usage` for what is none, or one of another order. */
export function parseCursor(cursor: string, sort: Sort): Rank {
  const value = parseJson(Buffer.from(cursor, 'base64url').toString('utf8'));
  const [of, a, b] = Array.isArray(value) && value.length === 3 ? value : [];
  if (of === sort && Number.isSafeInteger(a) && Number.isSafeInteger(b)) return [a, b];
  throw new SpecstoryError('usage', 'the cursor is not one of this search', { hint: 'begin again without it' });
}
