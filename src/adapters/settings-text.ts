import type { Node } from 'jsonc-parser';
import type { Json } from '../core/json.ts';

/*
 * Putting a value into JSON text so that taking it out gives the very same bytes.
 *
 * Behind a value that is there, ours starts at its end; taking it out removes everything from there to our end. In an empty
 * list or object nothing says what was there before, so blanks at the end of a line do:
 *
 *   behind our value              what was there before
 *   two blanks, anything          the container, with that in it
 *   one blank, line end           the container, with nothing in it; for the whole file: no file
 *   line end                      no container; for the whole file: `{}`
 */

/** How a text is written, so that what is put in looks alike. */
interface Layout {
  readonly text: string;
  readonly lineEnd: '\n' | '\r\n';
  /** One step of indentation. */
  readonly unit: string;
}

export function layoutOf(text: string): Layout {
  const indent = /\n([ \t]+)["{[]/.exec(text)?.[1];
  return {
    text,
    lineEnd: text.includes('\r\n') ? '\r\n' : '\n',
    unit: indent === undefined || indent.length > 8 ? '  ' : indent,
  };
}

/** The text with one more element, or property when it has a key, at the end of a list or object. */
export function insertInto({ text, lineEnd, unit }: Layout, container: Node, value: Json, key?: string): string {
  const name = key === undefined ? '' : `${JSON.stringify(key)}: `;
  const item = (indent: string): string =>
    name + JSON.stringify(value, undefined, unit).replaceAll('\n', lineEnd + indent);
  const put = (from: number, to: number, insert: string): string => text.slice(0, from) + insert + text.slice(to);
  const [first] = container.children ?? [];
  const last = container.children?.at(-1);
  const inside = container.offset + 1;
  if (first && last) {
    const isOneLine = !text.slice(inside, first.offset).includes('\n');
    const indent = indentAt(text, first.offset);
    const added = isOneLine ? `, ${name}${JSON.stringify(value)}` : `,${lineEnd}${indent}${item(indent)}`;
    return put(endOf(last), endOf(last), added);
  }
  const close = endOf(container) - 1;
  const blank = text.slice(inside, close);
  const outer = indentAt(text, container.offset);
  const mark = container.parent === undefined ? '' : ' ';
  const tail = blank === '' ? `${mark}${lineEnd}${outer}` : `  ${blank}`;
  return put(inside, close, `${lineEnd}${outer}${unit}${item(outer + unit)}${tail}`);
}

/**
 * The text without an element or property that `insertInto` put in, nor the containers it made for it; `undefined` when the whole file
 * was made for it. `isNothing` says whether the properties that would be left are no more than the file was made with.
 */
export function takeOut(text: string, node: Node, isNothing: (left: readonly Node[]) => boolean): string | undefined {
  const container = node.parent;
  if (!container) return text;
  const siblings = container.children ?? [];
  const at = siblings.indexOf(node);
  const [before, after] = [siblings[at - 1], siblings[at + 1]];
  const close = endOf(container) - 1;
  const tail = text.slice(endOf(node), close).replace(/^\s*,/, '');
  const isRoot = container.parent === undefined;
  const isMarked = /^ \r?\n/.test(tail);
  if (isRoot && isMarked && !after && isNothing(siblings.filter((sibling) => sibling !== node)))
    return around(text, container);
  if (before) return text.slice(0, endOf(before)) + text.slice(endOf(node));
  if (after) return text.slice(0, node.offset) + text.slice(after.offset);
  const wasThere = tail.startsWith('  ');
  if (!isRoot && !isMarked && !wasThere) return takeOut(text, container.parent, isNothing);
  return text.slice(0, container.offset + 1) + (wasThere ? tail.slice(2) : '') + text.slice(close);
}

/** What was in the file before we made its content: blanks, or no file. */
function around(text: string, root: Node): string | undefined {
  const rest = text.slice(endOf(root));
  return rest.startsWith('  ') ? rest.slice(2) : undefined;
}

function endOf(node: Node): number {
  return node.offset + node.length;
}

function indentAt(text: string, offset: number): string {
  const line = text.slice(text.lastIndexOf('\n', offset - 1) + 1, offset);
  return /^[ \t]*/.exec(line)?.[0] ?? '';
}
