import type { Fact } from '../../../../search/documents.ts';
import { compilePattern } from '../../../../search/language/pattern.ts';
import { type Piece, phraseTerms } from '../../../../search/phrase-terms.ts';
import { type Condition, type Field, fields } from '../../../../search/query.ts';
import { wantedTerms } from '../../../../search/words.ts';
import { filtered } from './filters.ts';
import { factLexeme, termLexeme } from './lexemes.ts';
import { and, everything, lexeme, mostLexemes, not, nothing, or, type Wish } from './wish.ts';

/** What must be looked up before a condition of a project can be compiled. */
export interface Lookup {
  /** Terms that have a text in them, or end with it; `undefined` when there are too many to ask for. */
  readonly termsWith: (piece: Piece) => readonly string[] | undefined;
  /** Authors that a filter means. */
  readonly authors: (value: string) => readonly string[];
  /** Facts of which the exchange that `like:` names has one. */
  readonly alike: (value: string) => readonly Fact[];
  /** Whether `project:` means the project that is searched. */
  readonly isProject: (value: string) => boolean;
}

/** Terms of one word of a query; one that has more is no word. */
const mostParts = 64;

/**
 * What every document that fulfils a condition has: exactly those where lexemes tell, and more where texts must be seen. With `within`, words and
 * phrases must be in one of these fields.
 */
export function compiled(condition: Condition, lookup: Lookup, within?: readonly Field[]): Wish {
  const wish = new Compiler(lookup, within).approximate(condition, 'over');
  return wish.kind === 'some' && wish.size > mostLexemes ? everything : wish;
}

class Compiler {
  private readonly lookup: Lookup;
  private readonly within: readonly Field[] | undefined;

  constructor(lookup: Lookup, within: readonly Field[] | undefined) {
    this.lookup = lookup;
    this.within = within;
  }

  approximate(condition: Condition, side: 'over' | 'under'): Wish {
    switch (condition.kind) {
      case 'all':
        return and(condition.of.map((part) => this.approximate(part, side)));
      case 'any':
        return or(condition.of.map((part) => this.approximate(part, side)));
      case 'not':
        return not(new Compiler(this.lookup, undefined).approximate(condition.of, side === 'over' ? 'under' : 'over'));
      case 'word':
        return this.word(condition);
      case 'filter':
        return this.filter(condition, side);
      case 'phrase':
        return side === 'under' ? nothing : this.phrase(condition.text, condition.in);
      case 'regex': {
        const needs = side === 'under' ? undefined : compilePattern(condition.source).needs;
        return needs ? this.approximate(inField(needs, condition.in), 'over') : unknown(side);
      }
      default:
        return unknown(side);
    }
  }

  private word({ text, prefix, in: field }: Extract<Condition, { kind: 'word' }>): Wish {
    const ways = wantedTerms(text.slice(0, 4096), prefix).map((all) =>
      and(all.slice(0, mostParts).map((one) => this.term(one.term, one.prefix, field))),
    );
    return or(ways);
  }

  private term(term: string, prefix: boolean, field: Field | undefined): Wish {
    const places = field === undefined ? this.within : (this.within ?? [field]).filter((one) => one === field);
    if (!places) return lexeme(term, prefix);
    return or(places.map((place) => lexeme(termLexeme(term, place), prefix)));
  }

  private phrase(text: string, field: Field | undefined): Wish {
    const { terms, pieces } = phraseTerms(text);
    const whole = terms.map(({ term, prefix }) => this.term(term, prefix, field));
    return and([...whole, ...pieces.map((piece) => this.piece(piece, field))]);
  }

  /** One that begins where a word does is the beginning of a term; any other is looked up among the terms there are. */
  private piece(piece: Piece, field: Field | undefined): Wish {
    if (!piece.openBefore) return this.term(piece.term, true, field);
    const found = this.lookup.termsWith(piece);
    return found ? or([piece.term, ...found].map((term) => this.term(term, false, field))) : everything;
  }

  private filter({ filter, value }: Extract<Condition, { kind: 'filter' }>, side: 'over' | 'under'): Wish {
    if (filter === 'project') return this.lookup.isProject(value) ? everything : nothing;
    if (filter === 'author')
      return or(this.lookup.authors(value).map((author) => lexeme(factLexeme('author', author))));
    if (filter === 'like') return or(this.lookup.alike(value).map((fact) => lexeme(factLexeme(fact.kind, fact.value))));
    if (filter === 'cmd' && side === 'over') return new Compiler(this.lookup, undefined).phrase(value, 'tool');
    const found = filtered(filter, value);
    if (!found) return unknown(side);
    return found.test && side === 'under' ? nothing : found.wish;
  }
}

const unknown = (side: 'over' | 'under'): Wish => (side === 'over' ? everything : nothing);

/** Whether lexemes tell all about a condition. */
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
      return ['project', 'author', 'like'].includes(condition.filter) || isKnown(condition);
    default:
      return false;
  }
}

function isKnown({ filter, value }: Extract<Condition, { kind: 'filter' }>): boolean {
  const found = filtered(filter, value);
  return found !== undefined && found.test === undefined;
}

/** Whether a condition says something of texts, so that where it stands matters for the order. */
export function isAboutText(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(isAboutText);
  return condition.kind === 'word' || condition.kind === 'phrase' || condition.kind === 'regex';
}

/** The pieces of phrases that must be looked up. */
export function piecesIn(condition: Condition): Piece[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(piecesIn);
  if (condition.kind === 'not') return piecesIn(condition.of);
  if (condition.kind === 'regex') {
    const { needs } = compilePattern(condition.source);
    return needs ? piecesIn(needs) : [];
  }
  const isCommand = condition.kind === 'filter' && condition.filter === 'cmd';
  const text = condition.kind === 'phrase' ? condition.text : isCommand ? condition.value : '';
  return phraseTerms(text).pieces.filter(({ openBefore }) => openBefore);
}

function inField(condition: Condition, field: Field | undefined): Condition {
  if (field === undefined) return condition;
  if (condition.kind === 'all' || condition.kind === 'any')
    return { ...condition, of: condition.of.map((part) => inField(part, field)) };
  return condition.kind === 'phrase' ? { ...condition, in: field } : condition;
}

/** Where what people wrote stands, and with the answers; the order by relevance. */
export const closest: readonly (readonly Field[])[] = [['title', 'prompt'], ['answer'], fields];
