import { commandMark } from '../../../../search/document-texts.ts';
import { compilePattern, type Pattern } from '../../../../search/language/pattern.ts';
import { type Bounds, type Condition, type Field, fields } from '../../../../search/query.ts';
import { isExact } from './compile.ts';
import { filtered } from './filters.ts';
import { states } from './standing.ts';
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

export function needsTexts(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(needsTexts);
  if (condition.kind === 'not') return needsTexts(condition.of);
  return (
    condition.kind === 'phrase' ||
    condition.kind === 'regex' ||
    (condition.kind === 'filter' && condition.filter === 'cmd')
  );
}

/** Milliseconds that regular expressions may take in one search. */
const patience = 1000;

/** Sees in documents what lexemes cannot tell of a condition. */
export class Verifier {
  private readonly condition: Condition;
  private readonly places: ReadonlyMap<Condition, number>;
  private readonly now: number;
  private readonly patterns = new Map<string, Pattern>();
  private readonly deadline = performance.now() + patience;
  /** Whether it had to give up. */
  isLate = false;

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
        return textsIn(seen.texts, condition.in).some((text) => hasText(text, condition.text));
      case 'regex':
        return textsIn(seen.texts, condition.in).some((text) => text !== '' && this.matches(condition.source, text));
      case 'time': {
        const span = spanOf(condition, this.now);
        return span !== undefined && seen.at >= span.from && seen.at < span.to;
      }
      case 'number':
        return isWithin(numberOf(condition.filter, seen), condition);
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

  private matches(source: string, text: string): boolean {
    const pattern = this.patterns.get(source) ?? compilePattern(source);
    this.patterns.set(source, pattern);
    if (this.isLate) return false;
    const found = pattern.test(text);
    this.isLate = performance.now() > this.deadline;
    return found;
  }
}

function numberOf(filter: Extract<Condition, { kind: 'number' }>['filter'], seen: Seen): number | null {
  if (filter === 'exchanges') return seen.count;
  if (filter === 'cost') return null;
  return filter === 'tokens' ? seen.tokens : seen.duration;
}

function isWithin(value: number | null, { least, above, most, below }: Bounds): boolean {
  if (value === null) return false;
  const isHigh = (least === undefined || value >= least) && (above === undefined || value > above);
  return isHigh && (most === undefined || value <= most) && (below === undefined || value < below);
}

function textsIn(texts: readonly string[], field: Field | undefined): readonly string[] {
  return field === undefined ? texts : [texts[fields.indexOf(field)] ?? ''];
}

function hasText(text: string, wanted: string): boolean {
  return wanted !== '' && text.toLowerCase().includes(wanted.toLowerCase());
}

function ran(texts: readonly string[], wanted: string): boolean {
  const lines = (texts[fields.indexOf('tool')] ?? '').split('\n');
  return lines.some((line) => line.startsWith(commandMark) && hasText(line.slice(commandMark.length), wanted));
}
