import { compilePattern } from '../language/pattern.ts';
import { phraseTerms } from '../phrase-terms.ts';
import type { Condition, Field } from '../query.ts';
import { wantedTerms } from '../words.ts';
import type { Filters } from './filters.ts';
import { and, type Column, everything, type Match, mostTerms, not, nothing, or, sizeOf, term } from './match.ts';

/** Terms that have a text in them, of the projects that may be read; nothing when there may be more than `most`. */
export type TermsWith = (
  piece: { readonly text: string; readonly atEnd: boolean },
  most: number,
) => readonly string[] | undefined;

/** Terms that one piece of a phrase may stand for. */
const mostExpanded = 200;
/** Terms of one word of a query; one that has more is no word. */
const mostParts = 64;

/** Turns conditions into what the index of words can be asked. */
export class Compiler {
  private readonly filters: Filters;
  private readonly termsWith: TermsWith;
  private readonly pieces = new Map<string, Match>();

  constructor(filters: Filters, termsWith: TermsWith) {
    this.filters = filters;
    this.termsWith = termsWith;
  }

  /**
   * What every document that fulfils a condition fulfils: exactly those where the index knows, and more where the text must be seen. With
   * `within`, words that must be there must be in one of these fields.
   */
  over(condition: Condition, within?: readonly Field[]): Match {
    const match = this.approximate(condition, 'over', within);
    return sizeOf(match) > mostTerms ? everything : match;
  }

  private approximate(condition: Condition, side: 'over' | 'under', within?: readonly Field[]): Match {
    switch (condition.kind) {
      case 'all':
        return and(condition.of.map((part) => this.approximate(part, side, within)));
      case 'any':
        return or(condition.of.map((part) => this.approximate(part, side, within)));
      case 'not':
        return not(this.approximate(condition.of, side === 'over' ? 'under' : 'over'));
      case 'word':
        return wordMatch(condition, within);
      case 'filter': {
        const match = this.filters.match(condition.filter, condition.value);
        if (match) return match;
        if (side === 'under') return nothing;
        return condition.filter === 'cmd' ? this.phrase(condition.value, ['tool']) : everything;
      }
      case 'phrase':
        return side === 'under' ? nothing : this.phrase(condition.text, columnsOf(condition.in, within));
      case 'regex': {
        const needs = side === 'under' ? undefined : compilePattern(condition.source).needs;
        if (needs) return this.approximate(inField(needs, condition.in), 'over', within);
        return side === 'under' ? nothing : everything;
      }
      case 'time':
      case 'number':
        return side === 'under' ? nothing : everything;
    }
  }

  private phrase(text: string, columns: readonly Column[]): Match {
    const { terms, pieces } = phraseTerms(text);
    const whole = terms.map(({ term: text, prefix }) => term(text, { prefix, columns }));
    return and([...whole, ...pieces.map((piece) => this.piece(piece, columns))]);
  }

  /** One that begins where a word does is a prefix; any other is looked up among the terms there are. */
  private piece(
    { term: text, openBefore, openAfter }: { term: string; openBefore: boolean; openAfter: boolean },
    columns: readonly Column[],
  ): Match {
    if (!openBefore) return term(text, { prefix: true, columns });
    if ([...text].length < 3) return everything;
    const key = `${openAfter} ${columns.join()} ${text}`;
    const known = this.pieces.get(key);
    if (known) return known;
    const found = this.termsWith({ text, atEnd: !openAfter }, mostExpanded);
    // The terms of three characters are in no vocabulary: they are found as they are.
    const match = found ? or([...new Set([text, ...found])].map((one) => term(one, { columns }))) : everything;
    this.pieces.set(key, match);
    return match;
  }
}

function wordMatch(
  { text, prefix, in: field }: Extract<Condition, { kind: 'word' }>,
  within?: readonly Field[],
): Match {
  const columns = columnsOf(field, within);
  const alternatives = wantedTerms(text.slice(0, 4096), prefix).map((all) =>
    and(all.slice(0, mostParts).map(({ term: text, prefix }) => term(text, { prefix, columns }))),
  );
  return or(alternatives);
}

const allFields: readonly Field[] = ['prompt', 'answer', 'thinking', 'tool', 'output', 'diff', 'title'];

function columnsOf(field: Field | undefined, within: readonly Field[] = allFields): readonly Field[] {
  if (field === undefined) return within;
  return within.includes(field) ? [field] : [];
}

/** Whether the index of words knows all about a condition. */
export function isExact(condition: Condition): boolean {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return condition.of.every(isExact);
    case 'not':
      return isExact(condition.of);
    case 'word':
      return true;
    case 'filter':
      return !isSeen(condition);
    default:
      return false;
  }
}

/** A filter that no fact of the index answers. */
function isSeen({ filter, value }: Extract<Condition, { kind: 'filter' }>): boolean {
  return filter === 'cmd' || (filter === 'is' && value.trim().toLowerCase() === 'hidden');
}

/** Whether a condition says something of texts, so that where it stands matters for the order. */
export function isAboutText(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(isAboutText);
  return condition.kind === 'word' || condition.kind === 'phrase' || condition.kind === 'regex';
}

function inField(condition: Condition, field: Field | undefined): Condition {
  if (field === undefined) return condition;
  if (condition.kind === 'all' || condition.kind === 'any')
    return { ...condition, of: condition.of.map((part) => inField(part, field)) };
  return condition.kind === 'phrase' ? { ...condition, in: field } : condition;
}
