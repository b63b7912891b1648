import { storable } from '../../core/text.ts';
import { type Condition, type Diagnostic, type Field, fields, groups, type Query, sorts } from '../query.ts';
import { type Made, operatorCondition, strangerCondition, textCondition, textOf, valueHint } from './conditions.ts';
import { operatorOf } from './filters.ts';
import { type Token, tokensOf } from './lexer.ts';
import { printed } from './print.ts';

/** What is looked at of a search: UTF-16 units, and parentheses within each other. */
export const limits = { length: 4096, depth: 32 } as const;
/** What the printed conditions may take, each with what stands around it, so that a printed search is no longer than a search may be. */
const room = { all: 4000, around: 40 };

type Pair = Extract<Token, { kind: 'pair' }>;

/**
 * Reads a search. Total: every text is a search, and what cannot be meant is told in `diagnostics`, in the order of the text.
 * The language is in docs/search.md.
 */
export function parseQuery(text: string): { query: Query; diagnostics: Diagnostic[] } {
  const whole = storable(text);
  const { tokens, diagnostics } = tokensOf(whole.slice(0, limits.length));
  const parser = new Parser(tokens, diagnostics);
  const query = parser.query();
  if (whole.length > limits.length) {
    diagnostics.push({
      message: `A search has at most ${limits.length} characters: the rest is left out`,
      from: limits.length,
      to: whole.length,
    });
  }
  return { query, diagnostics: diagnostics.sort((a, b) => a.from - b.from || a.to - b.to) };
}

class Parser {
  readonly #tokens: readonly Token[];
  readonly #diagnostics: Diagnostic[];
  readonly #settings: { -readonly [setting in 'sort' | 'group' | 'count']?: Query[setting] } = {};
  #at = 0;
  #room = room.all;
  /** Groups that are too deep: what is in them counts as if it stood outside. */
  #opened = 0;

  constructor(tokens: readonly Token[], diagnostics: Diagnostic[]) {
    this.#tokens = tokens;
    this.#diagnostics = diagnostics;
  }

  query(): Query {
    return { where: this.#alternatives(undefined, 0), ...this.#settings };
  }

  #alternatives(field: Field | undefined, depth: number): Condition | undefined {
    const of: Condition[] = [];
    for (;;) {
      const from = this.#at;
      const one = this.#row(field, depth);
      if (one) of.push(...(one.kind === 'any' ? one.of : [one]));
      const [before, token] = [this.#tokens[from - 1], this.#tokens[this.#at]];
      const empty = from === this.#at;
      if (token?.kind !== 'or') {
        if (empty && before?.kind === 'or') this.#say('Nothing follows OR', before);
        return joined('any', of);
      }
      if (empty && before?.kind !== 'or') this.#say('Nothing comes before OR', token);
      this.#at++;
    }
  }

  /** What stands side by side: all of it must hold. */
  #row(inherited: Field | undefined, depth: number): Condition | undefined {
    const of: Condition[] = [];
    const only = this.#onlyField();
    let field = only ? only.field : inherited;
    for (let token = this.#tokens[this.#at]; token && token.kind !== 'or'; token = this.#tokens[this.#at]) {
      if (token.kind === 'close') {
        if (!this.#skipsClose(token, depth)) break;
      } else if (token.kind === 'pair' && operatorOf(token.name) === 'in') {
        this.#at++;
        field = this.#fieldOf(token, field);
      } else {
        const one = this.#excludable(field, depth);
        if (one) of.push(...(one.kind === 'all' ? one.of : [one]));
      }
    }
    return joined('all', of);
  }

  /** The field of this row, where one `in:` stands in it: it counts for what is before it as well. */
  #onlyField(): { field: Field | undefined } | undefined {
    const found: { field: Field | undefined }[] = [];
    let depth = 0;
    for (let at = this.#at; at < this.#tokens.length; at++) {
      const token = this.#tokens[at];
      if (token?.kind === 'open') depth++;
      if (token?.kind === 'close' && depth-- === 0) break;
      if (token?.kind === 'or' && depth === 0) break;
      if (token?.kind === 'pair' && depth === 0 && operatorOf(token.name) === 'in') found.push(...knownField(token));
    }
    return found.length === 1 ? found[0] : undefined;
  }

  #fieldOf(token: Pair, before: Field | undefined): Field | undefined {
    const [known] = knownField(token);
    if (known) return known.field;
    const hint = valueHint('in', textOf(token.value));
    if (hint) this.#say(hint.message, token);
    return before;
  }

  #skipsClose(token: Token, depth: number): boolean {
    if (this.#opened > 0) this.#opened--;
    else if (depth > 0) return false;
    else this.#say('Nothing was opened that this closes', token);
    this.#at++;
    return true;
  }

  #excludable(field: Field | undefined, depth: number): Condition | undefined {
    let excluded = false;
    let sign: Token | undefined;
    for (let token = this.#tokens[this.#at]; token?.kind === 'not'; token = this.#tokens[this.#at]) {
      excluded = !excluded;
      sign ??= token;
      this.#at++;
    }
    const token = this.#tokens[this.#at];
    if (!token || token.kind === 'or' || token.kind === 'close') {
      if (sign) this.#say('Nothing follows that could be excluded', sign);
      return undefined;
    }
    this.#at++;
    const one = token.kind === 'open' ? this.#group(token, field, depth) : this.#leaf(token, field, sign);
    return one && excluded ? negated(one) : one;
  }

  #group(open: Token, field: Field | undefined, depth: number): Condition | undefined {
    if (depth >= limits.depth) {
      this.#opened++;
      this.#say(`Parentheses stand within each other at most ${limits.depth} deep: this one is left out`, open);
      return undefined;
    }
    const inside = this.#alternatives(field, depth + 1);
    if (this.#tokens[this.#at]?.kind === 'close') this.#at++;
    else this.#say('This parenthesis is not closed', open);
    return inside;
  }

  #leaf(token: Token, field: Field | undefined, sign: Token | undefined): Condition | undefined {
    if (token.kind === 'value') return this.#made(this.#word(token, field), token);
    if (token.kind !== 'pair') return undefined;
    const operator = operatorOf(token.name);
    if (operator === 'sort' || operator === 'group' || operator === 'count' || operator === 'in') {
      if (sign) this.#say(`${operator}: cannot be excluded`, sign);
      else this.#set(operator, token);
      return undefined;
    }
    const made = operator
      ? operatorCondition(operator, token.value, field)
      : strangerCondition(token.name, token.value, field);
    return this.#made(made, token);
  }

  /** A name that waits for its value asks for nothing yet. */
  #word({ value }: Extract<Token, { kind: 'value' }>, field: Field | undefined): Made {
    const name = value.kind === 'bare' && value.text.endsWith(':') ? operatorOf(value.text.slice(0, -1)) : undefined;
    return name === undefined ? textCondition(value, field) : { message: `${name}: needs a value` };
  }

  #made({ condition, message }: Made, token: Token): Condition | undefined {
    if (message !== undefined) this.#say(message, token);
    if (!condition) return undefined;
    const taken = printed(condition, undefined).length + room.around;
    if (taken <= this.#room) {
      this.#room -= taken;
      return condition;
    }
    this.#room = 0;
    this.#say('The search is too long: this is left out', token);
    return undefined;
  }

  /** Settings of the whole search, wherever they stand; the last one counts. */
  #set(setting: 'sort' | 'group' | 'count' | 'in', token: Pair): void {
    const value = textOf(token.value).toLowerCase();
    const [sort, group] = [sorts.find((one) => one === value), groups.find((one) => one === value)];
    const number = /^\d{1,4}$/.test(value) ? Number(value) : 0;
    if (setting === 'sort' && sort) this.#settings.sort = sort;
    else if (setting === 'group' && group) this.#settings.group = group;
    else if (setting === 'count' && number > 0 && number <= 1000) this.#settings.count = number;
    else this.#say(valueHint(setting, value)?.message ?? `${setting}: takes a number from 1 to 1000`, token);
  }

  #say(message: string, { from, to }: Token): void {
    this.#diagnostics.push({ message, from, to });
  }
}

function knownField({ value }: Pair): [] | [{ field: Field | undefined }] {
  const name = textOf(value).toLowerCase();
  const field = fields.find((one) => one === name);
  return field ? [{ field }] : name === 'any' ? [{ field: undefined }] : [];
}

function joined(kind: 'all' | 'any', of: readonly Condition[]): Condition | undefined {
  return of.length > 1 ? { kind, of } : of[0];
}

function negated(condition: Condition): Condition {
  return condition.kind === 'not' ? condition.of : { kind: 'not', of: condition };
}
