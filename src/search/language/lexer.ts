import type { Diagnostic } from '../query.ts';
import { operatorOf } from './filters.ts';

interface Place {
  /** UTF-16 units, the end excluded. */
  readonly from: number;
  readonly to: number;
}

/** What a text is made of. The parser decides what a word means. */
export type Value =
  | { readonly kind: 'bare'; readonly text: string }
  | { readonly kind: 'quoted'; readonly text: string }
  | { readonly kind: 'regex'; readonly source: string };
export type Token = Place &
  (
    | { readonly kind: 'open' | 'close' | 'or' | 'not' }
    | { readonly kind: 'value'; readonly value: Value }
    /** `name:value`, whether there is such a name or not. */
    | { readonly kind: 'pair'; readonly name: string; readonly value: Value; readonly valueFrom: number }
  );

/** Before these a `-` excludes; `->` and `--no-verify` are words. */
export const excludable = /^[\p{L}\p{N}"(/#_.@\\$]/u;
/** `file:` with something after it. */
const pairName = /^([a-z]+):(?![\s)|]|\/\/|$)/i;
/** `std::vector`, `C:\temp`. */
const notPair = /^[a-z]+:[:\\]/i;

/** Splits a text into tokens. Never fails: a quote that is not closed ends with the text. */
export function tokensOf(text: string): { tokens: Token[]; diagnostics: Diagnostic[] } {
  const lexer = new Lexer(text);
  const tokens: Token[] = [];
  for (let token = lexer.next(); token; token = lexer.next()) tokens.push(token);
  return { tokens, diagnostics: lexer.diagnostics };
}

class Lexer {
  readonly diagnostics: Diagnostic[] = [];
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  next(): Token | undefined {
    while (this.#at < this.#text.length && /\s/.test(this.#text.charAt(this.#at))) this.#at++;
    const from = this.#at;
    const rest = this.#text.slice(from);
    if (rest === '') return undefined;
    const sign = signs[rest.charAt(0)];
    if (sign) return { kind: sign, from, to: ++this.#at };
    if (rest.startsWith('-') && excludable.test(rest.slice(1))) return { kind: 'not', from, to: ++this.#at };
    const name = pairName.exec(rest)?.[1];
    if (name !== undefined && (operatorOf(name) || !notPair.test(rest))) return this.#pair(name, from);
    const value = this.#value(true);
    if (value.kind === 'bare' && value.text === 'OR') return { kind: 'or', from, to: this.#at };
    if (value.kind === 'bare' && value.text === 'NOT') return { kind: 'not', from, to: this.#at };
    if (value.kind === 'bare' && value.text === 'AND') return this.next();
    return { kind: 'value', value, from, to: this.#at };
  }

  #pair(name: string, from: number): Token {
    const valueFrom = from + name.length + 1;
    this.#at = valueFrom;
    const value = this.#value(/^(?:title|re)$/i.test(name));
    return { kind: 'pair', name, value, from, valueFrom, to: this.#at };
  }

  #value(mayBeRegex: boolean): Value {
    if (this.#text[this.#at] === '"') return { kind: 'quoted', text: this.#quoted() };
    const source = mayBeRegex ? this.#regex() : undefined;
    return source === undefined ? { kind: 'bare', text: this.#bare() } : { kind: 'regex', source };
  }

  #quoted(): string {
    const from = this.#at++;
    let text = '';
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at++);
      if (character === '"') return text;
      const escaped = character === '\\' && /^["\\]$/.test(this.#text.charAt(this.#at));
      text += escaped ? this.#text.charAt(this.#at++) : character;
    }
    this.diagnostics.push({
      message: 'This quote is not closed: everything after it is one phrase',
      from,
      to: this.#at,
    });
    return text;
  }

  /** `/…/` with the end of a word after it; else a path begins here. */
  #regex(): string | undefined {
    const found = /^\/((?:[^\\/\s]|\\.)(?:[^\\/]|\\.|\/(?![\s)|]|$))*)\/(?=[\s)|]|$)/su.exec(
      this.#text.slice(this.#at),
    );
    if (!found) return undefined;
    this.#at += found[0].length;
    return found[1] ?? '';
  }

  /** Up to white space, `|`, or a parenthesis that has no partner in the word: `foo(a|b)` is one word. */
  #bare(): string {
    const from = this.#at;
    while (this.#at < this.#text.length && !/[\s|)]/.test(this.#text.charAt(this.#at))) {
      if (this.#text[this.#at] !== '(') this.#at++;
      else {
        const end = partner(this.#text, this.#at);
        if (end === undefined) break;
        this.#at = end;
      }
    }
    return this.#text.slice(from, this.#at);
  }
}

const signs: Readonly<Record<string, 'open' | 'close' | 'or' | undefined>> = { '(': 'open', ')': 'close', '|': 'or' };

/** The place after the parenthesis that closes the one at `from`, within the word and not far. */
function partner(text: string, from: number): number | undefined {
  let depth = 0;
  for (let at = from; at < from + 200 && at < text.length; at++) {
    if (/\s/.test(text.charAt(at))) return undefined;
    if (text[at] === '(') depth++;
    if (text[at] === ')' && --depth === 0) return at + 1;
  }
  return undefined;
}
