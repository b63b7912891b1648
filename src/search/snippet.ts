import { printable } from '../core/text.ts';
import { commandMark, fileMark } from './document-texts.ts';
import { type Field, fields } from './query.ts';
import type { Snippet, SnippetPiece } from './search-index.ts';
import type { Span, Wanted } from './wanted.ts';

/** Lines of a snippet, characters before the match on its line, and in all. */
const most = { lines: 3, before: 60, all: 240 } as const;
/** Places that are marked. */
const mostMarks = 20;

/** The order in which fields are looked at: what people wrote and read before what machines did. */
const order: readonly Field[] = ['title', 'prompt', 'answer', 'tool', 'output', 'diff', 'thinking'];

const labels: Readonly<Record<Field, string>> = {
  prompt: 'prompt',
  answer: 'answer',
  thinking: 'thinking',
  tool: 'tool',
  output: 'output',
  diff: 'diff',
  title: 'title',
};
const code: ReadonlySet<Field> = new Set(['tool', 'output', 'diff']);

/** Where a document matched: around the first place of what tells most. `texts` are in the order of `fields`. */
export function snippetOf(texts: readonly string[], wanted: readonly Wanted[]): Snippet {
  for (const one of wanted) {
    for (const field of order) {
      const text = texts[fields.indexOf(field)] ?? '';
      if (text === '' || (one.field !== undefined && one.field !== field)) continue;
      const [first] = one.find(text, 1);
      if (first) return cut(field, text, first, wanted);
    }
  }
  const field = (['prompt', 'answer', 'title', 'tool', 'output'] as const).find(
    (one) => (texts[fields.indexOf(one)] ?? '').trim() !== '',
  );
  const text = texts[fields.indexOf(field ?? 'prompt')] ?? '';
  return cut(field ?? 'prompt', text, { from: text.length - text.trimStart().length, to: 0 }, []);
}

function cut(field: Field, text: string, match: Span, wanted: readonly Wanted[]): Snippet {
  const from = startOf(text, match.from);
  const to = endOf(text, from, Math.max(match.to, from));
  const shown = text.slice(from, to);
  const marks = wanted
    .filter((one) => one.field === undefined || one.field === field)
    .flatMap((one) => one.find(shown, mostMarks));
  const label = labelOf(field, text, match.from);
  return {
    field,
    label,
    isCode: code.has(field),
    pieces: pieces(shown, merged(marks), from > 0 && text[from - 1] !== '\n', to < text.length),
  };
}

/** The line of the match, or what of it is near. */
function startOf(text: string, at: number): number {
  const line = text.lastIndexOf('\n', at - 1) + 1;
  if (at - line <= most.before) return line;
  const near = at - most.before;
  const space = text.indexOf(' ', near);
  return sound(text, space > 0 && space < at ? space + 1 : near);
}

function endOf(text: string, from: number, match: number): number {
  let end = Math.min(text.length, Math.max(match, from + most.all));
  for (let lines = 0, at = from; lines < most.lines; lines++) {
    const next = text.indexOf('\n', at);
    if (next < 0 || next >= end) break;
    if (lines === most.lines - 1) end = next;
    at = next + 1;
  }
  return sound(text, end);
}

/** Not between the two halves of a character. */
function sound(text: string, at: number): number {
  return /[\udc00-\udfff]/.test(text[at] ?? '') ? at + 1 : at;
}

function labelOf(field: Field, text: string, at: number): string {
  if (field === 'tool') {
    const line = text.lastIndexOf('\n', at - 1) + 1;
    return text.startsWith(commandMark, line) ? 'ran' : labels.tool;
  }
  if (field !== 'diff') return labels[field];
  const start = text.lastIndexOf(`\n${fileMark}`, at);
  const line = start < 0 ? 0 : start + 1;
  const end = text.indexOf('\n', line);
  const path = text.startsWith(fileMark, line) ? text.slice(line + fileMark.length, end < 0 ? undefined : end) : '';
  return path === '' ? labels.diff : `diff of ${printable(path).slice(0, 200)}`;
}

function merged(spans: readonly Span[]): Span[] {
  const all: Span[] = [];
  for (const span of [...spans].sort((a, b) => a.from - b.from || b.to - a.to)) {
    const last = all.at(-1);
    if (last && span.from < last.to) all[all.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    else all.push(span);
  }
  return all;
}

function pieces(text: string, marks: readonly Span[], isCutBefore: boolean, isCutAfter: boolean): SnippetPiece[] {
  const found: SnippetPiece[] = isCutBefore ? [{ text: '…', isMatch: false }] : [];
  let at = 0;
  for (const { from, to } of marks) {
    if (from > at) found.push({ text: text.slice(at, from), isMatch: false });
    found.push({ text: text.slice(from, to), isMatch: true });
    at = to;
  }
  if (at < text.length) found.push({ text: text.slice(at), isMatch: false });
  if (isCutAfter) found.push({ text: '…', isMatch: false });
  return found;
}
