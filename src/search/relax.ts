import type { Condition } from './query.ts';
import type { PartCount } from './search-index.ts';

/** A condition with a part left out. */
export interface Looser {
  readonly where: Condition;
  readonly dropped: Condition;
}

/** The parts of a query that all must hold. */
export function partsOf(where: Condition | undefined): readonly Condition[] {
  return where === undefined ? [] : where.kind === 'all' ? where.of : [where];
}

/** Parts that are looked at by themselves; a query has more only when a program wrote it. */
export const mostParts = 16;

/** What to look for instead, the best first: the part that finds the least is left out, and a phrase becomes its words. */
export function looser(where: Condition | undefined, counts: readonly PartCount[]): Looser[] {
  const parts = partsOf(where);
  const [only] = parts;
  if (parts.length < 2) return only?.kind === 'phrase' ? wordsOf(only) : [];
  const rarest = [...counts].sort((a, b) => a.count - b.count).map(({ part }) => part);
  return rarest.flatMap((dropped) => {
    const rest = parts.filter((part) => part !== dropped);
    const [first] = rest;
    if (first === undefined) return [];
    return [{ where: rest.length === 1 ? first : { kind: 'all', of: rest }, dropped }];
  });
}

function wordsOf(phrase: Extract<Condition, { kind: 'phrase' }>): Looser[] {
  const place = phrase.in === undefined ? {} : { in: phrase.in };
  const words = phrase.text
    .split(/\s+/)
    .filter((text) => /[\p{L}\p{N}]/u.test(text))
    .slice(0, mostParts);
  if (words.length < 2) return [];
  const of = words.map((text): Condition => ({ kind: 'word', text, prefix: false, ...place }));
  return [{ where: { kind: 'all', of }, dropped: phrase }];
}
