/** What tools put in the place of an id when they clean a transcript (`REDACTED`, `[trimmed]`) is none. */
export function isId(text: unknown): text is string {
  return typeof text === 'string' && /^[\w.:-]{1,200}$/.test(text) && !/^[A-Z_]+$/.test(text);
}

/**
 * The id of a record as a number of 52 bits, because a set of numbers is a fraction of a set of texts; among a
 * million of them the odds that two are equal are 1 : 10,000. `undefined` for what is no id.
 */
export function recordNumber(id: unknown): number | undefined {
  if (!isId(id)) return undefined;
  let high = 0x811c9dc5;
  let low = 0x9e3779b9;
  for (let at = 0; at < id.length; at++) {
    const code = id.charCodeAt(at);
    high = Math.imul(high ^ code, 0x01000193);
    low = Math.imul((low ^ code) + at, 0x85ebca6b);
    low ^= low >>> 15;
  }
  return (high >>> 0) * 0x100000 + (low >>> 12);
}

const digits = 13;

/** A record number as text of fixed length, to be joined with others. */
export function packNumber(number: number): string {
  return number.toString(16).padStart(digits, '0');
}

/** The numbers of a text that `packNumber` made pieces of. */
export function* unpackNumbers(text: string): Generator<number> {
  for (let at = 0; at + digits <= text.length; at += digits) yield Number.parseInt(text.slice(at, at + digits), 16);
}
