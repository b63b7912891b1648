import { toMarkdown } from 'mdast-util-to-markdown';
import * as z from 'zod';
import { SpecstoryError } from '../core/errors.ts';
import type { ExchangeId } from '../core/ids.ts';
import { parseJson } from '../core/json.ts';
import { exchangeFile, parseExchangeFile } from '../core/layout.ts';
import { exchangeIdSchema } from '../core/session.ts';
import { visibleLine } from './escape.ts';
import { type ExchangeEntry, exchangeEntrySchema } from './exchange-entry.ts';
import { printedTime } from './time.ts';

type Nodes = Parameters<typeof toMarkdown>[0];
/** A node of mdast by its type. */
type Mdast<Type extends Nodes['type']> = Extract<Nodes, { type: Type }>;

const noPrompt = 'no prompt';

/** A heading and a list of the exchanges, each a link with its time; texts of the user cannot become Markdown. */
export function renderContents(name: string, entries: readonly ExchangeEntry[]): string {
  const abandoned = abandonedOf(entries);
  const heading: Mdast<'heading'> = {
    type: 'heading',
    depth: 1,
    children: [{ type: 'text', value: visibleLine(name, 200) }],
  };
  const lines = entries.map((entry, index) => lineOf(entry, index + 1, abandoned.has(entry.id)));
  return [toMarkdown({ type: 'root', children: [heading] }), ...(lines.length > 0 ? ['\n', ...lines] : [])].join('');
}

/** A title that is the same in Markdown. Most are, and to compose every line of a long session anew is slow. */
const plain = /^[\p{L}\p{N}](?:[\p{L}\p{N} ,.;'"?%/…–—-]*[\p{L}\p{N},.;'"?%/…–—-])?$/u;

function lineOf(entry: ExchangeEntry, number: number, isAbandoned: boolean): string {
  if (!plain.test(entry.title)) return composedLine(entry, number, isAbandoned);
  const { ordinal, id, title, at } = entry;
  const hidden = hiddenOf(entry);
  const parts = [
    `${number}. [${title}](${exchangeFile(ordinal, id)})`,
    ...(at === undefined ? [] : [` · ${printedTime(at)}`]),
    ...(isAbandoned ? [' (abandoned)'] : []),
    ...(hidden === undefined ? [] : [` ${hidden}`]),
  ];
  return `${parts.join('')}\n`;
}

/** The line of any entry, composed as Markdown. */
export function composedLine(entry: ExchangeEntry, number: number, isAbandoned: boolean): string {
  const children = [item(entry, isAbandoned)];
  const list: Mdast<'list'> = { type: 'list', ordered: true, start: number, spread: false, children };
  return toMarkdown({ type: 'root', children: [list] }, { listItemIndent: 'one' });
}

function item(entry: ExchangeEntry, isAbandoned: boolean): Mdast<'listItem'> {
  const { ordinal, id, title, at } = entry;
  const words: Mdast<'text'> = { type: 'text', value: title };
  const none: Mdast<'emphasis'> = { type: 'emphasis', children: [{ type: 'text', value: noPrompt }] };
  const children: Mdast<'paragraph'>['children'] = [
    { type: 'link', url: exchangeFile(ordinal, id), children: [title === '' ? none : words] },
  ];
  if (at !== undefined) children.push({ type: 'text', value: ` · ${printedTime(at)}` });
  if (isAbandoned) children.push({ type: 'text', value: ' (abandoned)' });
  const hidden = hiddenOf(entry);
  if (hidden !== undefined) children.push({ type: 'text', value: ' ' }, { type: 'html', value: hidden });
  return { type: 'listItem', spread: false, children: [{ type: 'paragraph', children }] };
}

/** What a line says to programs only. */
function hiddenOf({ at, parent }: ExchangeEntry): string | undefined {
  const text = JSON.stringify({ ms: at === undefined ? undefined : Number(at.slice(20, 23)), parent });
  return text === '{}' ? undefined : `<!-- ${text} -->`;
}

/** The exchanges that are not on the way from the last one back to the first. */
function abandonedOf(entries: readonly ExchangeEntry[]): Set<ExchangeId> {
  const places = new Map(entries.map(({ id }, index) => [id, index]));
  const abandoned = new Set(places.keys());
  let at = entries.length - 1;
  for (let entry = entries[at]; entry && abandoned.delete(entry.id); entry = entries[at]) {
    at = (entry.parent && places.get(entry.parent)) ?? at - 1;
  }
  return abandoned;
}

const line =
  /^\d+\. \[(.*)\]\((exchanges\/\d+-[0-9a-f]+\.md)\)(?: · (\S+ \S+)Z)?(?: \(abandoned\))?(?: <!-- (\{[^<>]*\}) -->)?$/s;

const hiddenSchema = z.object({ ms: z.int().min(0).max(999).optional(), parent: exchangeIdSchema.optional() });

/** The entries of a list that `renderContents` wrote. */
export function readContents(body: string): ExchangeEntry[] {
  return body
    .split('\n')
    .filter((text) => /^\d+\. /.test(text))
    .map(readLine);
}

function readLine(text: string): ExchangeEntry {
  const [, label = '', file = '', time, hidden = '{}'] = line.exec(text) ?? [];
  const { ms, ...about } = hiddenSchema.catch({}).parse(parseJson(hidden));
  const at = time === undefined ? undefined : `${time.replace(' ', 'T')}.${String(ms ?? 0).padStart(3, '0')}Z`;
  const title = label === `*${noPrompt}*` ? '' : unescaped(label);
  const entry = { ...parseExchangeFile(file), title, ...about, ...(at === undefined ? {} : { at }) };
  const read = exchangeEntrySchema.safeParse(entry);
  if (read.success) return read.data;
  throw new SpecstoryError('unsupported', `session file: a line of the contents that is none: ${visibleLine(text)}`);
}

/** Undoes the two ways in which Markdown is kept from meaning anything. */
function unescaped(label: string): string {
  return label.replace(/\\([!-/:-@[-`{-~])|&#x([0-9A-F]{1,6});/g, (_all, sign?: string, code = '0') =>
    sign === undefined ? String.fromCodePoint(Number.parseInt(code, 16)) : sign,
  );
}
