import { SpecstoryError } from '../core/errors.ts';
import { digest } from '../core/ids.ts';
import { parseJson } from '../core/json.ts';

/**
 * One piece of an exchange file: what its marker says, and the text down to the next marker (ends with one line break).
 */
export interface Block {
  readonly kind: string;
  /** JSON; optional fields may be `undefined`. */
  readonly about: object;
  readonly body: string;
}

/** A block as it was read, with the line of its marker. */
export interface ReadBlock {
  readonly kind: string;
  readonly about: unknown;
  readonly body: string;
  readonly line: number;
}

/** Refuses an exchange file at this line. */
export function malformed(line: number, what: string): never {
  throw new SpecstoryError('unsupported', `exchange file, line ${line}: ${what}`, {
    hint: 'it was changed by hand or written in a newer format; the version before it is in the history',
  });
}

/** What would end a comment or a line, in the strings of its JSON. */
const unsafe = /[<>\u007f-\u009f\u2028\u2029]|--/g;

function escaped(json: string): string {
  return json.replace(unsafe, (found) =>
    [...found].map((sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`).join(''),
  );
}

/**
 * The blocks as text, each after a comment `<!-- word kind {json} -->`, and the word. The word occurs in none of the
 * blocks, so nothing in them can pass for a marker. It depends on `id`, not on the text, so that an exchange that grows
 * keeps its bytes; where that word does occur, the next one depends on the whole text, so nobody can write a text that
 * holds it.
 */
export function joinBlocks(id: string, blocks: readonly Block[]): { word: string; body: string } {
  const pieces = blocks.map(({ kind, about, body }) => {
    const json = escaped(JSON.stringify(about));
    return { head: json === '{}' ? kind : `${kind} ${json}`, body };
  });
  const text = (word: string) => pieces.map(({ head, body }) => `<!-- ${word} ${head} -->\n${body}`).join('\n');
  const occurs = (word: string) => pieces.some(({ head, body }) => head.includes(word) || body.includes(word));
  let word = `x${digest(id).slice(0, 7)}`;
  while (occurs(word)) word = `x${digest(text(word)).slice(0, 15)}`;
  return { word, body: text(word) };
}

/** The blocks of a body that `joinBlocks` wrote with this word; `line` is the number of its first line. */
export function splitBlocks(body: string, word: string, line: number): ReadBlock[] {
  const open = `<!-- ${word} `;
  const blocks: ReadBlock[] = [];
  let [at, here] = [0, line];
  while (at < body.length) {
    const lineEnd = body.indexOf('\n', at);
    const marker = body.slice(at, lineEnd);
    if (lineEnd < 0 || !marker.startsWith(open) || !marker.endsWith(' -->')) malformed(here, 'no marker');
    const next = body.indexOf(`\n\n${open}`, lineEnd);
    const end = next < 0 ? body.length : next + 1;
    const text = body.slice(lineEnd + 1, end);
    if (!text.endsWith('\n')) malformed(here, 'a block without a line break at its end');
    blocks.push({ ...readHead(marker.slice(open.length, -4), here), body: text, line: here });
    at = end + 1;
    here += countLines(text) + 2;
  }
  return blocks;
}

/** The number of line breaks in a text. */
export function countLines(text: string): number {
  let count = 0;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

function readHead(head: string, line: number): { kind: string; about: unknown } {
  const space = head.indexOf(' ');
  if (space < 0) return { kind: head, about: {} };
  const about = parseJson(head.slice(space + 1));
  if (about === undefined) malformed(line, 'a marker without JSON');
  return { kind: head.slice(0, space), about };
}
