import type { Redacted } from '../core/redacted.ts';
import { vouch } from '../core/vouch.ts';

/** Redacted texts one after the other, with line ends between them where given: still redacted. */
export function joinRedacted(parts: readonly (Redacted<string> | '\n' | ' ')[]): Redacted<string> {
  return vouch(parts.join(''));
}
