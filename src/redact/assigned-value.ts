import type { Name, Sign } from './assigned-name.ts';
import { past } from './sticky.ts';

export interface Value {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  /** It is the whole value of a line, as in an environment or settings file. */
  readonly line: boolean;
  /** Prose, a second argument, and a value on the line below prove less than a sign on the same line. */
  readonly weak: boolean;
}

const opening = /(?:[bfru@$]{0,2}|!)(\\{0,7})(["'`])/y;
const below = /(?:[|>][+-]?)?\\?[ \t]{0,4}\r?\n[ \t]{1,40}(?=\S)/y;
const restOfLine = /[ \t]*(?:#|\\[nr]|\r|\n|["'`]|$)/y;
const longestValue = 4096;

/** The value behind a sign; `undefined` when a quoted one does not end on its line. */
export function readValue(text: string, name: Name, sign: Sign): Value | undefined {
  const lower = past(below, text, sign.at);
  const from = lower ?? sign.at;
  const weak = sign.kind === 'prose' || sign.kind === 'pair' || lower !== undefined;
  opening.lastIndex = from;
  const open = opening.exec(text);
  if (open) {
    const end = closing(text, opening.lastIndex, open[1]?.length ?? 0, open[2] ?? '"');
    return end === undefined ? undefined : { start: opening.lastIndex, end, quoted: true, line: false, weak };
  }
  const inLine = name.opensLine && (sign.kind === 'equals' || sign.kind === 'colon');
  const end = bareEnd(text, from, inLine && sign.kind === 'equals');
  const line = inLine && past(restOfLine, text, end) !== undefined;
  return { start: from, end, quoted: false, line, weak };
}

/** Where a quoted value ends: at the same mark behind the same number of backslashes, or where it can only be broken off. */
function closing(text: string, start: number, escapes: number, mark: string): number | undefined {
  let slashes = 0;
  for (let at = start; at < text.length && at - start <= longestValue; at++) {
    const char = text.charAt(at);
    if (char === '\\') {
      slashes++;
      continue;
    }
    const closes = escapes === 0 ? slashes % 2 === 0 : slashes <= escapes;
    if (char === mark && closes) return at - (escapes === 0 ? 0 : slashes);
    if (char === '\n' || char === '\r') return undefined;
    slashes = 0;
  }
  return undefined;
}

const stops = new Set('"\'`,;)]}<>&|\\');

/** Where a bare value ends. In an environment file everything up to white space, a quote or an escape belongs to it. */
function bareEnd(text: string, start: number, greedy: boolean): number {
  const limit = Math.min(text.length, start + longestValue);
  let end = start;
  while (end < limit) {
    const char = text.charAt(end);
    if (char <= ' ' || char === '\u00a0') break;
    if (
      stops.has(char) &&
      (!greedy || '"\'`'.includes(char) || (char === '\\' && /[nrt"'\\]/.test(text.charAt(end + 1))))
    )
      break;
    end++;
  }
  // Parameters of an address and of a connection string may stand at the start of a line as well.
  const next = greedy ? text.slice(start, end).search(/[&;,]\w+=/) : -1;
  if (next >= 0) return start + next;
  while (greedy && end > start && ';,)'.includes(text.charAt(end - 1))) end--;
  return end;
}
