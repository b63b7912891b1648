import type { Detector } from './match.ts';
import { namesSecret, type SecretWord, type Strength, secretWords } from './names.ts';
import { looksRandom } from './randomness.ts';
import { isSecretValue } from './secret-value.ts';

/**
 * Finds values assigned to names of secrets, however they are written: `KEY=value`, JSON, YAML, code, XML, `define('KEY', 'value')`,
 * `--password value`, "the password is value". Quotation marks may be escaped, because transcripts hold JSON inside JSON.
 */
export const assignments: readonly Detector[] = secretWords.map((word) => ({
  keywords: [word.word],
  probe(text, start, end, report) {
    const name = nameAround(text, start, end);
    if (!namesSecret(text.slice(name.start, name.end), start - name.start, end - name.start)) return;
    const sign = signAfter(text, name, word.strength);
    const value = sign && !isVerdict(text, name, sign) && readValue(text, name, sign);
    if (!value || !isSecret(text.slice(value.start, value.end), word, value)) return;
    const { start: from, end: to } = value;
    report({
      start: from,
      end: to,
      rule: word.rule,
      layer: 'assignment',
      why: `is assigned to a name with "${word.word}"`,
    });
  },
}));

interface Name {
  readonly start: number;
  readonly end: number;
  /** It stands at the start of a line, or after `export` and its like. */
  readonly opensLine: boolean;
}

/** What says that a value is assigned, and where the value begins. */
interface Sign {
  readonly at: number;
  readonly kind: 'equals' | 'spaced equals' | 'colon' | 'pair' | 'element' | 'argument' | 'prose';
}

interface Value {
  readonly start: number;
  readonly end: number;
  readonly quoted: boolean;
  readonly line: boolean;
  /** Prose, a second argument, and a value on the line below prove less than a sign on the same line. */
  readonly weak: boolean;
}

const longestName = 48;
const lineOpening =
  /\n[ \t]*(?:\d+[→:|\t])?[ \t+>|#*-]*$|(?:\s|\\n)(?:export|set|setx|ENV|ARG|env|-e|--env|--build-arg) "?$|\\n *$/;

function nameAround(text: string, start: number, end: number): Name {
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

function signAfter(text: string, name: Name, strength: Strength): Sign | undefined {
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
function isVerdict(text: string, name: Name, sign: Sign): boolean {
  const word = text.slice(name.start, name.end);
  return (
    sign.kind === 'colon' &&
    text.charAt(name.end) === ':' &&
    (/^P(?:ASS|ass)$/.test(word) || (word === 'pass' && !name.opensLine))
  );
}

function past(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}

const opening = /(?:[bfru@$]{0,2}|!)(\\{0,7})(["'`])/y;
const below = /(?:[|>][+-]?)?\\?[ \t]{0,4}\r?\n[ \t]{1,40}(?=\S)/y;
const restOfLine = /[ \t]*(?:#|\\[nr]|\r|\n|["'`]|$)/y;
const longestValue = 4096;

function readValue(text: string, name: Name, sign: Sign): Value | undefined {
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

function isSecret(value: string, word: SecretWord, form: Value): boolean {
  if (form.weak && !(/\d/.test(value) && /[A-Za-z]/.test(value) && value.length >= 7) && !looksRandom(value))
    return false;
  return isSecretValue(value, word.strength, form);
}
