import type { Redacted } from './redacted.ts';

/** Makes a `Redacted`. Only `src/redact` may import this file (a layer rule), for what it has just
 * checked, and `src/markdown`, which turns what is redacted already into text. */
export function vouch<T>(value: T): Redacted<T> {
  return value as Redacted<T>;
}
