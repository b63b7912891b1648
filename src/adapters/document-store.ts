import { SpecstoryError } from '../core/errors.ts';
import type { Host } from '../core/host.ts';
import type { AgentId } from '../core/ids.ts';
import { parseJson } from '../core/json.ts';
import type { NativeRecord, Source } from './adapter.ts';
import { toolInput } from './content.ts';

/** Bytes of the largest document that is read: V8 cannot hold a longer text. */
const documentLimit = 480 << 20;

/**
 * The value of a file that its agent rewrites whole. Throws `unavailable` when it cannot be read or is not
 * whole, which is normal while the agent is writing.
 */
export function readDocument(host: Host, path: string): unknown {
  const text = host.files.text(path, documentLimit);
  const value = text === undefined ? undefined : parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  if (value !== undefined) return value;
  const why = text === undefined ? 'it is missing, unreadable or too large' : 'it is not whole JSON';
  throw new SpecstoryError('unavailable', `cannot read ${path}: ${why}`, {
    hint: 'Its agent may be writing it just now: try again in a moment.',
  });
}

/** The same for a file that is only looked at: `undefined` instead of an error. */
export function peekDocument(host: Host, path: string): unknown {
  try {
    return readDocument(host, path);
  } catch {
    return undefined;
  }
}

/** The start of a file as text, to tell what a document was going to be before it was cut short; `''` for an empty one. */
export function headOf(host: Host, path: string): string {
  for (const chunk of host.files.chunks(path)) return new TextDecoder().decode(chunk);
  return '';
}

/** What becomes one native record of a store without records of its own. */
export interface Item {
  readonly value: unknown;
  /** The text it was parsed from; made from the value when absent. */
  readonly text?: string;
}

/** Native records with ordinals for offsets, one line of JSON each. */
export function* canonical(items: Iterable<Item>): Generator<NativeRecord> {
  let start = 0;
  for (const { value, text } of items) {
    yield { text: text ?? oneLineOf(value), value, start, end: start + 1, newline: true };
    start++;
  }
}

/** JSON on one line. A value nested deeper than the stack allows comes with its depth bounded. */
function oneLineOf(value: unknown): string {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return JSON.stringify(toolInput(value));
  }
}

/** A source kept in one or more files that may be rewritten; `path` is the last of them. None when a file is gone. */
export function fileSource(host: Host, agent: AgentId, key: string, files: readonly string[]): Source | undefined {
  const known = files.flatMap((file) => {
    const stat = host.files.stat(file);
    return stat?.kind === 'file' ? [stat] : [];
  });
  const path = files.at(-1);
  if (path === undefined || known.length < files.length) return undefined;
  const version = known.map(({ size, modified, inode }) => `${size}-${modified}-${inode}`).join('+');
  const modified = Math.max(...known.map((stat) => stat.modified));
  return { agent, key, path, version, modified, appendOnly: false };
}
