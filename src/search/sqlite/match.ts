import { type Field, fields } from '../query.ts';

/** What FTS5 is asked for; `all` and `none` are every document and no document. */
export type Match =
  | { readonly kind: 'all' | 'none' }
  /** A term in one of some columns, or with `prefix` one that begins with it. */
  | { readonly kind: 'term'; readonly term: string; readonly prefix: boolean; readonly columns: readonly Column[] }
  | { readonly kind: 'and' | 'or'; readonly of: readonly Match[] }
  | { readonly kind: 'not'; readonly of: Match };

export type Column = Field | 'facts';

export const everything: Match = { kind: 'all' };
export const nothing: Match = { kind: 'none' };

export function term(
  text: string,
  { prefix = false, columns = fields }: { prefix?: boolean; columns?: readonly Column[] } = {},
): Match {
  return columns.length === 0 ? nothing : { kind: 'term', term: text, prefix, columns };
}

export function and(of: readonly Match[]): Match {
  const parts = of.filter(({ kind }) => kind !== 'all').flatMap((part) => (part.kind === 'and' ? part.of : [part]));
  const [only] = parts;
  if (parts.some(({ kind }) => kind === 'none')) return nothing;
  return only === undefined ? everything : parts.length === 1 ? only : { kind: 'and', of: parts };
}

export function or(of: readonly Match[]): Match {
  const parts = of.filter(({ kind }) => kind !== 'none').flatMap((part) => (part.kind === 'or' ? part.of : [part]));
  const [only] = parts;
  if (parts.some(({ kind }) => kind === 'all')) return everything;
  return only === undefined ? nothing : parts.length === 1 ? only : { kind: 'or', of: parts };
}

export function not(of: Match): Match {
  if (of.kind === 'not') return of.of;
  if (of.kind === 'all') return nothing;
  return of.kind === 'none' ? everything : { kind: 'not', of };
}

/** Terms that FTS5 is asked for at once. */
export const mostTerms = 1000;

/** The size of what would be asked. */
export function sizeOf(match: Match): number {
  if (match.kind === 'and' || match.kind === 'or') return match.of.reduce((sum, part) => sum + sizeOf(part), 0);
  return match.kind === 'not' ? sizeOf(match.of) : 1;
}

/** The documents that a search is about: all that match `of`; with `isWhole` there are no others. */
export interface Universe {
  readonly of: Match;
  readonly isWhole: boolean;
}

/**
 * The text for `MATCH`, within a universe: FTS5 has no negation but "this and not that". Nothing when no document can match. Where there is nothing
 * but the universe it is not named: its list is as long as the index, and FTS5 would walk along it.
 */
export function matchText(match: Match, { of, isWhole }: Universe): string | undefined {
  const whole = isWhole && match.kind !== 'all' && of.kind !== 'none' ? match : and([of, match]);
  return whole.kind === 'none' || whole.kind === 'all' ? undefined : print(whole, of);
}

function print(match: Match, universe: Match): string {
  if (match.kind === 'term')
    return `({${match.columns.join(' ')}} : "${match.term.replaceAll('"', '""')}"${match.prefix ? ' *' : ''})`;
  if (match.kind === 'or') return `(${match.of.map((part) => print(part, universe)).join(' OR ')})`;
  if (match.kind === 'not') return `(${print(universe, universe)} NOT ${print(match.of, universe)})`;
  if (match.kind !== 'and') throw new RangeError('all and none are taken out where they are combined');
  const [not, rest] = [match.of.filter(({ kind }) => kind === 'not'), match.of.filter(({ kind }) => kind !== 'not')];
  const wanted = rest.length > 0 ? rest : [universe];
  const positive = wanted.map((part) => print(part, universe)).join(' AND ');
  if (not.length === 0) return `(${positive})`;
  const negative = not.map((part) => print(part.kind === 'not' ? part.of : part, universe)).join(' OR ');
  return `((${positive}) NOT (${negative}))`;
}
