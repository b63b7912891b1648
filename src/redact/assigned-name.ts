import type { Strength } from './names.ts';
import { past } from './sticky.ts';

/** A name with the word of a secret in it. */
export interface Name {
  readonly start: number;
  readonly end: number;
  /** It stands at the start of a line, or after `export` and its like. */
  readonly opensLine: boolean;
}

/** What says that a value is assigned, and where the value begins. */
export interface Sign {
  readonly at: number;
  readonly kind: 'equals' | 'spaced equals' | 'colon' | 'pair' | 'element' | 'argument' | 'prose';
}

const longestName = 48;
const lineOpening =
  /\n[ \t]*(?:\d+[→:|\t])?[ \t+>|#*-]*$|(?:\s|\\n)(?:export|set|setx|ENV|ARG|env|-e|--env|--build-arg) "?$|\\n *$/;

/** The name around a word. */
export function nameAround(text: string, start: number, end: number): Name {
  let from = start;
  while (from > 0 && start - from < longestName && isNameAt(text, from - 1)) from--;
  // The letter of an escaped line end is not part of the name.
  if (from < start && text.charAt(from - 1) === '\\' && /[nrt]/.test(text.charAt(from))) from++;
  let to = end;
  while (to - end < longestName && isNameAt(text, to) && text.charCodeAt(to) !== 46) to++;
  const before = from > 40 ? text.slice(from - 40, from) : `\n${text.slice(0, from)}`;
  return { start: from, end: to, opensLine: lineOpening.test(before) };
}

/** Letters, digits, `_`, `-` and `.`. */
function isNameAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return (
    (code >= 97 && code <= 122) ||
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 95 ||
    code === 45 ||
    code === 46
  );
}

const operator = /(?:\\{0,3}["'`])?\]?\)?([ \t]{0,8})(?:(=>|:=|\?=|\|\|=|\?\?=|[!=]==?|=)|:(?!:))[ \t]{0,8}/y;
const pair = /\\{0,3}["'`][ \t]{0,4},[ \t]{0,4}(?=\\{0,3}["'`])/y;
const element =
  /(?:\s[^<>\n]{0,80})?>(?=[^<>\s])|\\{0,3}["'][ \t]{1,4}(?:value|content|val)[ \t]{0,2}=[ \t]{0,2}(?=\\{0,3}["'])/iy;
const argument = /[ \t]{1,3}(?=[^\s-])/y;
const prose = /(?: for [\w.@-]{1,40})? (?:is|was):? (?=\S)/y;
const declared = /[A-Za-z][\w.|<>[\] ]{0,40}?[ \t]{0,4}=[ \t]{0,4}(?=[bfru]{0,2}["'`])/y;

/** The sign after a name, if anything is assigned to it. */
export function signAfter(text: string, name: Name, strength: Strength): Sign | undefined {
  operator.lastIndex = name.end;
  const found = operator.exec(text);
  if (found) {
    const at = operator.lastIndex;
    if (found[2] === undefined) return { at: past(declared, text, at) ?? at, kind: 'colon' };
    return { at, kind: found[1] === '' && /=$/.test(found[0]) ? 'equals' : 'spaced equals' };
  }
  const paired = past(pair, text, name.end);
  if (paired !== undefined) return { at: paired, kind: 'pair' };
  const inside = past(element, text, name.end);
  if (inside !== undefined) return { at: inside, kind: 'element' };
  const isFlag = text.charAt(name.start) === '-' || text.startsWith('ENV ', name.start - 4);
  const given = isFlag ? past(argument, text, name.end) : undefined;
  if (given !== undefined) return { at: given, kind: 'argument' };
  const said = strength === 'token' ? undefined : past(prose, text, name.end);
  return said === undefined ? undefined : { at: said, kind: 'prose' };
}

/** `--- PASS: TestLogin2` and "all tests pass: 3 of 3" are reports of tests. */
export function isVerdict(text: string, name: Name, sign: Sign): boolean {
  const word = text.slice(name.start, name.end);
  return (
    sign.kind === 'colon' &&
    text.charAt(name.end) === ':' &&
    (/^P(?:ASS|ass)$/.test(word) || (word === 'pass' && !name.opensLine))
  );
}
