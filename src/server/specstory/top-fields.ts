import { isUtf8 } from 'node:buffer';
import { Refusal } from '../refusal.ts';

const [quote, backslash] = [0x22, 0x5c];
const [comma, colon] = [0x2c, 0x3a];
const [openBrace, closeBrace, openBracket, closeBracket] = [0x7b, 0x7d, 0x5b, 0x5d];

/**
 * The fields of a JSON object by name, each as the bytes of its value, in one pass that does not look into them: a field may be as large as
 * memory holds, and nothing recurses. Throws `bad_request` for what is no JSON object in UTF-8, and for a name that is there twice.
 */
export function topFields(bytes: Buffer): ReadonlyMap<string, Buffer> {
  if (!isUtf8(bytes)) throw new Refusal('bad_request', 'the body is not UTF-8');
  return new TopFields(bytes).all();
}

/** How deep brackets of a JSON text are nested, outside of its strings. */
export function depthOf(text: string): number {
  let [depth, deepest] = [0, 0];
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === quote) at = closingQuote(text, at + 1);
    else if (code === openBrace || code === openBracket) deepest = Math.max(deepest, ++depth);
    else if (code === closeBrace || code === closeBracket) depth--;
  }
  return deepest;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes > from && text.charCodeAt(at - 1 - slashes) === backslash) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return Number.MAX_SAFE_INTEGER;
}

class TopFields {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  all(): ReadonlyMap<string, Buffer> {
    const fields = new Map<string, Buffer>();
    this.take(openBrace);
    if (this.next() === closeBrace) this.at++;
    else {
      do this.field(fields);
      while (this.isMore());
    }
    if (this.next() !== undefined) throw broken();
    return fields;
  }

  private field(fields: Map<string, Buffer>): void {
    if (this.next() !== quote) throw broken();
    const name = nameOf(this.value());
    this.take(colon);
    if (fields.has(name)) throw new Refusal('bad_request', `${name.slice(0, 100)} is there twice in the body`);
    fields.set(name, this.value());
  }

  private isMore(): boolean {
    const code = this.next();
    this.at++;
    if (code === comma) return true;
    if (code === closeBrace) return false;
    throw broken();
  }

  private take(code: number): void {
    if (this.next() !== code) throw broken();
    this.at++;
  }

  /** The byte behind white space. */
  private next(): number | undefined {
    while (isSpace(this.bytes[this.at])) this.at++;
    return this.bytes[this.at];
  }

  private value(): Buffer {
    const code = this.next();
    const start = this.at;
    if (code === quote) this.string();
    else if (code === openBrace || code === openBracket) this.nested();
    else while (this.at < this.bytes.length && !isEnd(this.bytes[this.at])) this.at++;
    if (this.at === start) throw broken();
    return this.bytes.subarray(start, this.at);
  }

  private string(): void {
    const from = this.at + 1;
    for (let end = this.bytes.indexOf(quote, from); end >= 0; end = this.bytes.indexOf(quote, end + 1)) {
      let slashes = 0;
      while (end - slashes > from && this.bytes[end - 1 - slashes] === backslash) slashes++;
      this.at = end + 1;
      if (slashes % 2 === 0) return;
    }
    throw broken();
  }

  private nested(): void {
    for (let depth = 0; ; ) {
      const code = this.bytes[this.at];
      if (code === undefined) throw broken();
      if (code === quote) this.string();
      else this.at++;
      if (code === openBrace || code === openBracket) depth++;
      if ((code === closeBrace || code === closeBracket) && --depth === 0) return;
    }
  }
}

function nameOf(value: Buffer): string {
  try {
    return String(JSON.parse(value.toString('utf8')));
  } catch {
    throw broken();
  }
}

const isSpace = (code: number | undefined): boolean => code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
const isEnd = (code: number | undefined): boolean =>
  code === comma || code === closeBrace || code === closeBracket || isSpace(code);

function broken(): Refusal {
  return new Refusal('bad_request', 'the body is no JSON object');
}
