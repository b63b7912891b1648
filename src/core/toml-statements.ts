import { parse } from 'smol-toml';
import { isObject } from './json.ts';

/** One statement of a TOML text: a header or a key with its value, which may span lines. */
export interface Statement {
  readonly kind: 'table' | 'key';
  /** The full name, the header's included: `['capture', 'raw']`. */
  readonly path: readonly string[];
  /** Number of its first line, from 1. */
  readonly line: number;
  /** Where it starts and ends in the text, without its last line end. */
  readonly start: number;
  readonly end: number;
}

/** A value over more lines than this is not looked through. */
const longest = 200;

/**
 * The statements of a TOML text in order. The library says where a value ends (a statement is the fewest lines that it can
 * parse), so that there is no second reading of the grammar here. A text that is not TOML gives what can be made out.
 */
export function tomlStatements(text: string): Statement[] {
  const lines = text.split('\n');
  const found: Statement[] = [];
  let table: readonly string[] = [];
  for (let at = 0, start = 0; at < lines.length; ) {
    const count = isBlank(lines[at] ?? '') ? 1 : height(lines, at);
    const full = lines.slice(at, at + count).join('\n');
    // A line end of Windows belongs to the end, not to the statement: the library refuses half of one.
    const source = full.replace(/\r$/, '');
    const keys = isBlank(source) ? [] : names(source);
    if (keys.length > 0) {
      const isTable = source.trimStart().startsWith('[');
      if (isTable) table = keys;
      const path = isTable ? keys : [...table, ...keys];
      found.push({ kind: isTable ? 'table' : 'key', path, line: at + 1, start, end: start + source.length });
    }
    at += count;
    start += full.length + 1;
  }
  return found;
}

/** The value of a TOML text, or `undefined` when it is not TOML. */
export function parseToml(text: string): { readonly [key: string]: unknown } | undefined {
  try {
    return parse(text);
  } catch {
    return undefined;
  }
}

function isBlank(line: string): boolean {
  return /^\s*(?:#[^\n]*)?$/.test(line);
}

function height(lines: readonly string[], at: number): number {
  for (let count = 1; count <= longest && at + count <= lines.length; count++) {
    if (
      parseToml(
        lines
          .slice(at, at + count)
          .join('\n')
          .replace(/\r$/, ''),
      )
    )
      return count;
  }
  return 1;
}

/** The keys of one statement, down to the first value or branch. */
function names(source: string): string[] {
  const isTable = source.trimStart().startsWith('[');
  const depth = isTable ? Number.POSITIVE_INFINITY : dots(source);
  const keys: string[] = [];
  let value: unknown = parseToml(source);
  while (isObject(value) && keys.length < depth) {
    const key = Object.keys(value)[0];
    if (key === undefined) break;
    keys.push(key);
    value = value[key];
  }
  return keys;
}

const name = /"(?:[^"\\]|\\.)*"|'[^']*'|[\w-]+/.source;
const dotted = new RegExp(`^\\s*(?:${name})(?:\\s*\\.\\s*(?:${name}))*\\s*=`);

/** How many names stand before the `=`: an inline table behind it is a value, not more names. */
function dots(source: string): number {
  const before = dotted.exec(source)?.[0] ?? '';
  return before.match(new RegExp(name, 'g'))?.length ?? 0;
}
