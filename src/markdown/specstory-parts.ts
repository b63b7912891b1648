import type { Part } from '../core/session.ts';
import { storable } from '../core/text.ts';
import { longFences } from './specstory-lines.ts';
import { readTool } from './specstory-tool-reader.ts';

/** Something that is not plain text: where its content starts and ends, what comes after, and what it is. */
interface Special {
  readonly from: number;
  readonly to: number;
  readonly after: number;
  parts(lines: readonly string[]): Part[];
}

/** Lines with what is known of them from one pass. */
interface Marked {
  readonly lines: readonly string[];
  /** Last line of each long fence by its first. */
  readonly hidden: ReadonlyMap<number, number>;
  /** For each line the next one that only closes a short fence, or -1. */
  readonly closing: Int32Array;
  /** The last line that ends thinking, or -1. */
  readonly lastThought: number;
}

/** The parts of what an agent said. What is not understood stays text. */
export function partsOfLines(lines: readonly string[]): Part[] {
  const lastThought = lines.findLastIndex((line) => endOfThought.test(line));
  const marked = { lines, hidden: longFences(lines), closing: closingLines(lines), lastThought };
  const parts: Part[] = [];
  let text: string[] = [];
  const flush = () => {
    const whole = storable(text.join('\n').replace(/^\n+/, '').trimEnd());
    if (whole !== '') parts.push({ kind: 'text', text: whole });
    text = [];
  };
  for (let at = 0; at < lines.length; ) {
    const special = toolAt(marked, at) ?? thoughtAt(marked, at) ?? bareToolAt(marked, at);
    if (special) {
      flush();
      parts.push(...special.parts(lines.slice(special.from, special.to)));
      at = special.after;
    } else {
      const end = (marked.hidden.get(at) ?? shortFence(marked, at)) + 1;
      text.push(...lines.slice(at, end));
      at = end;
    }
  }
  flush();
  return parts;
}

function closingLines(lines: readonly string[]): Int32Array {
  const closing = new Int32Array(lines.length + 1).fill(-1);
  for (let at = lines.length - 1; at >= 0; at--) {
    closing[at] = /^\s*(?:`{3,}|~{3,})\s*$/.test(lines[at] ?? '') ? at : (closing[at + 1] ?? -1);
  }
  return closing;
}

/** The last line of a fence that starts here and is closed, or else this line. */
function shortFence({ lines, closing }: Marked, at: number): number {
  return /^ {0,3}(?:```|~~~)[^`]*$/.test(lines[at] ?? '') ? Math.max(at, closing[at + 1] ?? -1) : at;
}

function toolAt(marked: Marked, at: number): Special | undefined {
  const opening = /^<tool-use data-tool-type="([^"]*)" data-tool-name="(.*?)">(?:<details>)?\s*$/;
  const [, type, name] = opening.exec(marked.lines[at] ?? '') ?? [];
  if (type === undefined || name === undefined) return undefined;
  const to = endOf(marked, at + 1, /^(?:<\/details>)?\s*<\/tool-use>\s*$/);
  return { from: at + 1, to, after: to + 1, parts: (inside) => readTool(type, name, inside) };
}

const endOfThought = /^(?:<\/details>)?<\/think>\s*$/;

/** Thinking; of a bare `<think>` only where it has an end, because models write that word as well. */
function thoughtAt(marked: Marked, at: number): Special | undefined {
  const line = marked.lines[at] ?? '';
  if (!/^<think>(?:<details>.*)?\s*$/.test(line)) return undefined;
  if (!line.startsWith('<think><') && at > marked.lastThought) return undefined;
  const to = endOf(marked, at + 1, endOfThought);
  return { from: at + 1, to, after: to + 1, parts: thinking };
}

/** Documents of 2025 have a line instead of a block. */
function bareToolAt(marked: Marked, at: number): Special | undefined {
  const [, name, words = ''] = /^Tool use: \*\*(.+?)\*\*(.*)$/.exec(marked.lines[at] ?? '') ?? [];
  if (name === undefined) return undefined;
  const to = endOf(marked, at + 1, /^Tool use: \*\*/);
  const summary = `<summary>${words}</summary>`;
  return { from: at + 1, to, after: to, parts: (inside) => readTool('', name, [summary, ...inside]) };
}

function endOf({ lines, hidden }: Marked, from: number, end: RegExp): number {
  for (let at = from; at < lines.length; at++) {
    at = hidden.get(at) ?? at;
    if (end.test(lines[at] ?? '')) return at;
  }
  return lines.length;
}

function thinking(lines: readonly string[]): Part[] {
  const text = storable(lines.join('\n').trim());
  return text === '' ? [] : [{ kind: 'thinking', text }];
}
