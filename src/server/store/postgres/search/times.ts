import { firstKey } from '../../../../search/document-key.ts';
import { timeBounds } from '../../../../search/language/times.ts';
import type { Condition } from '../../../../search/query.ts';

/** Milliseconds since 1970; the end is excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

type Time = Extract<Condition, { kind: 'time' }>;

/** What a time means now; `undefined` for what is none. */
export function spanOf({ side, value }: Time, now: number): Span | undefined {
  const bounds = timeBounds(side, value, { now: new Date(now) });
  if (!bounds) return undefined;
  return { from: bounds.from?.getTime() ?? 0, to: bounds.to?.getTime() ?? Number.MAX_SAFE_INTEGER };
}

/** The keys between which all documents lie that a condition can hold for, both included. */
export function keysOf(condition: Condition | undefined, now: number): { least: number; most: number } {
  const spans = (condition?.kind === 'all' ? condition.of : condition ? [condition] : []).flatMap((part) =>
    part.kind === 'time' ? (spanOf(part, now) ?? { from: 0, to: 0 }) : [],
  );
  const least = Math.max(0, ...spans.map(({ from }) => firstKey(from)));
  const ends = spans.map(({ to }) => firstKey(to + 999) - 1);
  return { least, most: Math.min(Number.MAX_SAFE_INTEGER, ...ends) };
}
