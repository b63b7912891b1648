import type { Condition } from '../../../../search/query.ts';
import { hasPhrase, inBounds, Patterns, ran } from '../../../../search/seen-texts.ts';
import { states } from '../../../../search/states.ts';
import { isExact } from './compile.ts';
import { filtered } from './filters.ts';
import { spanOf } from './times.ts';

/** A document as far as conditions ask for it. */
export interface Seen {
  readonly at: number;
  readonly state: number;
  readonly tokens: number | null;
  readonly duration: number | null;
  /** Exchanges of its session. */
  readonly count: number;
  readonly facts: Readonly<Record<string, readonly string[] | undefined>>;
  /** In the order of `fields`; empty unless a condition needs them. */
  readonly texts: readonly string[];
  /** Whether the conditions that lexemes tell all about hold, in the order of `exactParts`. */
  readonly known: readonly boolean[];
}

/** The largest parts of a condition that lexemes tell all about. */
export function exactParts(condition: Condition): Condition[] {
  if (isExact(condition)) return [condition];
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(exactParts);
  return condition.kind === 'not' ? exactParts(condition.of) : [];
}

/** Sees in documents what lexemes cannot tell of a condition. */
export class Verifier {
  private readonly condition: Condition;
  private readonly places: ReadonlyMap<Condition, number>;
  private readonly now: number;
  readonly patterns = new Patterns();

  constructor(condition: Condition, now: number) {
    this.condition = condition;
    this.now = now;
    this.places = new Map(exactParts(condition).map((part, at) => [part, at]));
  }

  holds(seen: Seen): boolean {
    return this.check(this.condition, seen);
  }

  private check(condition: Condition, seen: Seen): boolean {
    const place = this.places.get(condition);
    if (place !== undefined) return seen.known[place] === true;
    switch (condition.kind) {
      case 'all':
        return condition.of.every((part) => this.check(part, seen));
      case 'any':
        return condition.of.some((part) => this.check(part, seen));
      case 'not':
        return !this.check(condition.of, seen);
      case 'phrase':
        return hasPhrase(seen.texts, condition);
      case 'regex':
        return this.patterns.match(seen.texts, condition);
      case 'time': {
        const span = spanOf(condition, this.now);
        return span !== undefined && seen.at >= span.from && seen.at < span.to;
      }
      case 'number':
        return inBounds(numberOf(condition.filter, seen), condition);
      case 'filter':
        return this.filter(condition, seen);
      case 'word':
        return false;
    }
  }

  private filter({ filter, value }: Extract<Condition, { kind: 'filter' }>, seen: Seen): boolean {
    if (filter === 'cmd') return ran(seen.texts, value);
    if (filter === 'is') return seen.state === states.hidden;
    return filtered(filter, value)?.test?.(seen.facts) ?? false;
  }
}

function numberOf(filter: Extract<Condition, { kind: 'number' }>['filter'], seen: Seen): number | null {
  if (filter === 'exchanges') return seen.count;
  if (filter === 'cost') return null;
  return filter === 'tokens' ? seen.tokens : seen.duration;
}
