import { stemmer } from 'stemmer';

/**
 * How texts become the terms of an index: one rule for every index and every query, so that each finds the same.
 *
 * - `getUserById`, `get_user_by_id`, `get-user-by-id`: `get`, `user`, `by`, `id`, and as a whole `getuserbyid`; `query.ts` as well: `queryts`
 * - case and accents do not count; a plain Latin word is also there by its stem (`retries`: `retries`, `retri`)
 * - what is written without spaces (Chinese, Japanese, Korean, Thai …) is there by pairs of characters, and its last one alone
 * - `C++` and `C#` are `cplusplus` and `csharp`
 *
 * A term has letters, marks and digits only (SQLite: `tokenize = 'ascii'`) and at most 64 UTF-16 units.
 */
export interface Term {
  readonly term: string;
  /** Where what it stands for is in the text: UTF-16 units, the end excluded. */
  readonly from: number;
  readonly to: number;
}

/** A term that is looked for; with `prefix` every term that begins with it. */
export interface WantedTerm {
  readonly term: string;
  readonly prefix: boolean;
}

/** A name as it is written (`login-form.ts`), apart from where it stands. */
interface Name {
  /** `login`, `form`, `ts`. */
  readonly parts: readonly Part[];
  /** `loginform`, `loginformts`: the longest last. */
  readonly wholes: readonly Part[];
  /** All of them, with a space between. */
  readonly joined: string;
}

interface Part extends Term {
  readonly stem?: string;
  /** Two characters of a text without spaces. */
  readonly paired?: boolean;
}

const longest = 64;
const name = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:(?:_+|[.-])[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
/** The same where there is ASCII only, at several times the speed. */
const asciiName = /[A-Za-z0-9]+(?:(?:_+|[.-])[A-Za-z0-9]+)*/g;
const mayHaveSign = /(?:^|[^A-Za-z0-9])[A-Za-z](?:\+\+|#)/;
const segment = /[^_.-]+/g;
/** Before a capital that begins a word: `get|User`, `HTTP|Server`. */
const hump = /(?=\p{Lu})(?:(?<=[\p{Ll}\p{N}])|(?<=\p{Lu})(?=\p{Lu}\p{Ll}))/u;
const scripts = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar'];
const unspaced = scripts.map((script) => `\\p{scx=${script}}`).join('');
const written = new RegExp(`[${unspaced}]+|[^${unspaced}]+`, 'gu');
const isUnspaced = new RegExp(`^[${unspaced}]`, 'u');
const plain = /^[a-z0-9]+$/;

/** The terms of a text, in order. */
export function* terms(text: string): Generator<Term> {
  for (const { at, word, sign } of words(text)) {
    for (const part of [...all(nameOf(word)), ...sign]) {
      yield { term: part.term, from: at + part.from, to: at + part.to };
      if (part.stem !== undefined) yield { term: part.stem, from: at + part.from, to: at + part.to };
    }
  }
}

/** The terms of a text with a space between them, to be indexed. */
export function indexedTerms(text: string): string {
  const joined: string[] = [];
  for (const { word, sign } of words(text)) {
    const { joined: found } = nameOf(word);
    if (found !== '') joined.push(found);
    for (const { term } of sign) joined.push(term);
  }
  return joined.join(' ');
}

/**
 * The different names of a text, each with its terms and a space between them: all that an index without places needs, at a fraction of the time
 * where the same names come again and again.
 */
export function distinctNames(text: string): Map<string, string> {
  const found = new Map<string, string>();
  if (/^[\0-\x7f]*$/.test(text) && !mayHaveSign.test(text)) {
    for (const word of new Set(text.match(asciiName))) found.set(word, nameOf(word).joined);
    return found;
  }
  for (const match of text.matchAll(name)) {
    const word = match[0];
    // What a single letter means depends on what stands behind it.
    const sign = word.length === 1 ? signAfter(text, match.index) : [];
    if (sign.length > 0) found.set(text.slice(match.index, match.index + 3), sign.map(({ term }) => term).join(' '));
    if (!found.has(word)) found.set(word, nameOf(word).joined);
  }
  return found;
}

/**
 * What must be in an index for a word of a query: all terms of one of the alternatives, the closest first. None for a word without letters and
 * digits.
 */
export function wantedTerms(word: string, prefix = false): readonly (readonly WantedTerm[])[] {
  const found = [...words(word)].map(({ word, sign }) => ({ ...nameOf(word), sign }));
  const close = found.flatMap(({ parts, wholes, sign }) => wholes.concat(sign).at(-1) ?? parts);
  const loose = found.flatMap(({ parts, sign }) => (sign.length > 0 ? sign : parts));
  const alternatives = [
    wanted(close, prefix, ({ term }) => term),
    wanted(loose, prefix, ({ term, stem }) => stem ?? term),
  ];
  return uniqueBy(alternatives, (all) => all.map(({ term }) => term).join(' ')).filter((all) => all.length > 0);
}

function wanted(found: readonly Part[], prefix: boolean, form: (part: Part) => string): WantedTerm[] {
  const all = found.map((part, at) => {
    const last = at === found.length - 1;
    // A pair's last character stands alone only where a text ends; in a query it is the beginning of any pair.
    const single = part.paired === true && [...part.term].length === 1;
    if (single && at > 0 && continues(found[at - 1], part)) return undefined;
    return { term: last && prefix ? part.term : form(part), prefix: single || (last && prefix && !part.paired) };
  });
  return uniqueBy(
    all.filter((term) => term !== undefined),
    ({ term }) => term,
  );
}

function continues(before: Term | undefined, part: Term): boolean {
  return before !== undefined && before.from < part.from && before.to === part.to;
}

function uniqueBy<T>(items: readonly T[], key: (item: T) => string): T[] {
  return [...new Map(items.map((item) => [key(item), item])).values()];
}

function* words(text: string): Generator<{ at: number; word: string; sign: readonly Part[] }> {
  for (const match of text.matchAll(name)) {
    const word = match[0];
    yield { at: match.index, word, sign: word.length === 1 ? signAfter(text, match.index) : [] };
  }
}

/** Texts say the same names again and again: this is most of the time it takes to index them. */
const known = new Map<string, Name>();

function nameOf(word: string): Name {
  const before = known.get(word);
  if (before) return before;
  const pieces = [...identifiers(word)];
  const parts = pieces.flatMap((piece) => piece.parts);
  const wholes = pieces.flatMap((piece) => piece.wholes);
  if (pieces.length > 1) wholes.push(...whole(word, 0, parts));
  const made = { parts, wholes, joined: '' };
  made.joined = all(made)
    .flatMap(({ term, stem }) => (stem === undefined ? term : [term, stem]))
    .join(' ');
  if (word.length > longest) return made;
  if (known.size >= 50_000) known.clear();
  known.set(word, made);
  return made;
}

function all({ parts, wholes }: Pick<Name, 'parts' | 'wholes'>): readonly Part[] {
  return parts.concat(wholes);
}

/** What stands between points, with a whole of its own where it has several parts. */
function* identifiers(text: string): Generator<{ parts: Part[]; wholes: Part[] }> {
  let from = 0;
  for (const identifier of text.split('.')) {
    const parts = [...identifier.matchAll(segment)].flatMap((match) => partsOf(match[0], from + match.index));
    yield { parts, wholes: whole(identifier, from, parts) };
    from += identifier.length + 1;
  }
}

function whole(text: string, from: number, parts: readonly Part[]): Part[] {
  if (parts.length < 2 || text.length > longest || parts.some(({ paired }) => paired)) return [];
  return [{ term: cut(fold(text)), from, to: from + text.length }];
}

/** `C++`, `F#`. */
function signAfter(text: string, at: number): Part[] {
  const [letter, after] = [fold(text.charAt(at)), text.slice(at + 1, at + 4)];
  if (after.startsWith('++')) return [{ term: `${letter}plusplus`, from: 0, to: 3 }];
  if (/^#(?![\p{L}\p{N}])/u.test(after)) return [{ term: `${letter}sharp`, from: 0, to: 2 }];
  return [];
}

function partsOf(text: string, from: number): Part[] {
  if (plain.test(text)) return [part(cut(text), from, from + text.length)];
  return [...text.matchAll(written)].flatMap((match) =>
    isUnspaced.test(match[0]) ? pairs(match[0], from + match.index) : humps(match[0], from + match.index),
  );
}

/** What is longer than a word, such as base64, has no words in it. */
function humps(text: string, at: number): Part[] {
  let from = at;
  return (text.length > longest ? [text] : text.split(hump)).flatMap((word) => {
    const to = from + word.length;
    const made = part(cut(fold(word)), from, to);
    from = to;
    return made.term === '' ? [] : [made];
  });
}

function pairs(text: string, from: number): Part[] {
  const folded = fold(text);
  const exact = folded.length === text.length;
  let at = 0;
  const characters = [...folded];
  return characters.map((character, index) => {
    const term = character + (characters[index + 1] ?? '');
    const start = at;
    at += character.length;
    const place = exact ? { from: from + start, to: from + start + term.length } : { from, to: from + text.length };
    return { term, ...place, paired: true };
  });
}

function part(term: string, from: number, to: number): Part {
  const stem = /^[a-z]{4,}$/.test(term) ? stemmer(term) : term;
  return stem === term ? { term, from, to } : { term, stem, from, to };
}

/** A text without case, accents and forms of the same character. */
function fold(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text.toLowerCase().replace(/[^a-z0-9]+/g, '');
  const bare = text
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase();
  return bare.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}]+/gu, '');
}

function cut(term: string): string {
  return term.length <= longest ? term : term.slice(0, longest).replace(/[\ud800-\udbff]$/, '');
}
