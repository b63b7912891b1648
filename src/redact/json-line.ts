import { parseJson } from '../core/json.ts';
import { Fields, type RedactField } from './fields.ts';

/** What stands between the strings of a JSON text. */
const between = /^[\s\ufeff{}[\]:,\dtrufalsenE.+-]*$/;

/**
 * A JSON text with its strings redacted in place: everything else, numbers and repeated keys included, stays byte for byte.
 * `undefined` when it is not JSON after all.
 */
export function redactJsonText(text: string, redact: RedactField): string | undefined {
  const fields = new Fields();
  let out = '';
  let done = 0;
  let at = 0;
  for (let open = text.indexOf('"'); open >= 0; open = text.indexOf('"', at)) {
    const close = closingQuote(text, open + 1);
    const string = close < 0 ? undefined : decode(text.slice(open + 1, close));
    if (string === undefined || !between.test(text.slice(at, open))) return undefined;
    const isKey = /^\s*:/.test(text.slice(close + 1, close + 9));
    const redacted = isKey ? redact(string) : redact(string, fields.namesOf(string));
    if (isKey) fields.enter(string);
    if (redacted !== string) {
      out += text.slice(done, open) + JSON.stringify(redacted);
      done = close + 1;
    }
    at = close + 1;
  }
  return between.test(text.slice(at)) ? out + text.slice(done) : undefined;
}

function closingQuote(text: string, from: number): number {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (text.charCodeAt(at - 1 - slashes) === 0x5c && at - slashes > from) slashes++;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function decode(literal: string): string | undefined {
  if (!literal.includes('\\')) return literal;
  const value = parseJson(`"${literal}"`);
  return typeof value === 'string' ? value : undefined;
}
