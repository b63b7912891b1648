import type { Lexicon } from './lexicon.ts';
import type { Match } from './match.ts';
import { Memo } from './memo.ts';
import { withheld } from './placeholder.ts';
import { regionsOf, replace, type Span } from './regions.ts';
import type { Scanner } from './scanner.ts';

/** A redacted text and the rules of the placeholders that were put in. */
interface Result {
  readonly text: string;
  readonly rules: readonly string[];
  readonly withheld: number;
}

const shortestRemembered = 64;
const remembered = 4 << 20;
const longestField = 4096;
const mostPasses = 8;
/** The layers that need no guess. */
const certain: ReadonlySet<string> = new Set(['known', 'user', 'key', 'provider', 'withheld']);

export interface Parts {
  readonly lexicon: Lexicon;
  /** Looks with everything; `plain` neither decodes nor guesses by entropy. */
  readonly full: Scanner;
  readonly plain: Scanner;
  readonly allowed: (secret: string, rule: string) => boolean;
  /** Ids of rules whose placeholders stay as they are. */
  readonly ownRules: ReadonlySet<string>;
  /** Shorter texts are not looked at. */
  readonly shortest: number;
}

/** Redacts texts and counts; made by `openTextRedactor`. */
export class TextRedactor {
  private readonly lexicon: Lexicon;
  private readonly full: Scanner;
  private readonly plain: Scanner;
  private readonly allowed: Parts['allowed'];
  private readonly ownRules: ReadonlySet<string>;
  private readonly memo = new Memo<Result>(remembered);
  private readonly telling = new Map<string, boolean>();
  private readonly counts = new Map<string, number>();
  private readonly shortest: number;
  private withheldCount = 0;

  constructor(parts: Parts) {
    this.lexicon = parts.lexicon;
    this.full = parts.full;
    this.plain = parts.plain;
    this.allowed = parts.allowed;
    this.ownRules = parts.ownRules;
    this.shortest = parts.shortest;
  }

  text(text: string): string {
    if (text.length < this.shortest) return text;
    const seen = text.length >= shortestRemembered ? this.memo.get(text) : undefined;
    const result = seen ?? this.settle(text, (next) => this.regions(this.full, next));
    if (!seen && text.length >= shortestRemembered && result.withheld === 0) this.memo.set(text, result);
    return this.count(result);
  }

  /** One string of a document that goes by names: one of them may be what makes it a secret. */
  field(text: string, names: readonly string[] = []): string {
    return names.reduce((redacted, name) => this.named(redacted, name), this.text(text));
  }

  private named(text: string, name: string): string {
    if (text.length < 4 || text.length > longestField || !this.isTelling(name)) return text;
    return this.count(this.settle(text, (next) => this.regionsOfField(next, name)));
  }

  /** An id: only what is certain goes, because ids look random. */
  id(text: string): string {
    if (text.length < this.shortest) return text;
    return this.count(
      this.settle(text, (next) => this.regions(this.plain, next).filter(({ layer }) => certain.has(layer))),
    );
  }

  find(text: string): Match[] {
    return this.regions(this.full, text);
  }

  /** What stands for something that cannot be looked at. */
  withhold(why: string): string {
    this.withheldCount++;
    return withheld(why);
  }

  tally(): { counts: Record<string, number>; withheld: number } {
    return { counts: Object.fromEntries([...this.counts].sort()), withheld: this.withheldCount };
  }

  private count(result: Result): string {
    for (const rule of result.rules) this.counts.set(rule, (this.counts.get(rule) ?? 0) + 1);
    this.withheldCount += result.withheld;
    return result.text;
  }

  /**
   * Replaces until nothing is found any more, so that a second run changes nothing. Every pass leaves fewer characters outside
   * placeholders; a text that is not settled soon is made to resist, and is withheld.
   */
  private settle(text: string, find: (text: string) => Match[]): Result {
    const rules: string[] = [];
    let missing = 0;
    let now = text;
    for (let pass = 0; pass < mostPasses; pass++) {
      const regions = find(now);
      if (regions.length === 0) return { text: now, rules, withheld: missing };
      now = replace(now, regions);
      const shown = regions.filter(({ rest }) => !rest);
      rules.push(...shown.filter(({ layer }) => layer !== 'withheld').map(({ rule }) => rule));
      missing += shown.filter(({ layer }) => layer === 'withheld').length;
    }
    const whole: Match = {
      start: 0,
      end: now.length,
      rule: 'redactor-unsettled',
      layer: 'withheld',
      why: 'kept changing',
    };
    return { text: replace(now, [whole]), rules, withheld: missing + 1 };
  }

  private regions(scanner: Scanner, text: string): Match[] {
    const found = scanner.scan(text);
    if (found.length === 0) return found;
    const matches = found.filter(
      ({ start, end, rule, layer }) => layer === 'withheld' || !this.allowed(text.slice(start, end), rule),
    );
    return regionsOf(matches, this.placeholders(text));
  }

  /** What is found in a value only when its name stands before it. */
  private regionsOfField(text: string, name: string): Match[] {
    const before = `"${name}": "`;
    // A backslash would escape the closing mark; what stands in its place does not matter.
    const regions = this.regions(this.plain, `${before}${text.replaceAll('\\', '_').replaceAll('"', "'")}"`);
    return regions.flatMap((region) => {
      const start = Math.max(0, region.start - before.length);
      const end = Math.min(text.length, region.end - before.length);
      return end > start ? [{ ...region, start, end }] : [];
    });
  }

  /** A name that was a secret itself tells nothing: its placeholder must not, or a second run would find more than the first. */
  private isTelling(name: string): boolean {
    if (name.length > 100 || /\[(?:REDACTED|WITHHELD):/.test(name)) return false;
    const known = this.telling.get(name);
    if (known !== undefined) return known;
    const telling = this.lexicon.mentions(name);
    if (this.telling.size < 5000) this.telling.set(name, telling);
    return telling;
  }

  private placeholders(text: string): Span[] {
    const spans: Span[] = [];
    for (const { 0: whole, 1: kind, 2: rule = '', index } of text.matchAll(
      /\[(REDACTED|WITHHELD):([a-z0-9-]{1,64})\]/g,
    )) {
      const isOurs = kind === 'WITHHELD' ? withheldWords.has(rule) : this.ownRules.has(rule);
      if (isOurs) spans.push({ start: index, end: index + whole.length });
    }
    return spans;
  }
}

const withheldWords = new Set(['redactor-timeout', 'redactor-unsettled', 'encoded-too-long', 'nested-too-deeply']);
