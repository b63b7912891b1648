import type { Host } from '../core/host.ts';
import { parseJson } from '../core/json.ts';
import type { NativeRecord } from './adapter.ts';

const newline = 0x0a;

/**
 * The lines of an append-only transcript from byte `from` on, one record each, in constant memory but for the longest line.
 * A last line without its end is given only when it is whole JSON: otherwise its writer is still at it.
 * Two documents that a crash glued onto one line come as two records.
 */
export function* jsonl(host: Host, path: string, from = 0): Generator<NativeRecord> {
  yield* jsonlOf(host.files.chunks(path, from), from);
}

/** The same for bytes that come from elsewhere (a decompressor); `from` is the offset of the first of them. */
export function* jsonlOf(chunks: Iterable<Uint8Array>, from = 0): Generator<NativeRecord> {
  let start = from;
  for (const { text, length, ended } of lines(chunks)) {
    const end = start + length + (ended ? 1 : 0);
    yield* documents(text, start, end, ended);
    start = end;
  }
}

function* documents(text: string, start: number, end: number, ended: boolean): Generator<NativeRecord> {
  const value = parseLine(text);
  if (value !== undefined) return yield { text, value, start, end, newline: ended };
  const glued = split(text);
  if (glued === undefined) {
    if (ended) yield { text, value: undefined, start, end, newline: true };
    return;
  }
  const middle = start + new TextEncoder().encode(glued[0]).length;
  yield { text: glued[0], value: parseLine(glued[0]), start, end: middle, newline: false };
  yield* documents(glued[1], middle, end, ended);
}

/** A crash glues two documents, not thousands; trying every place of a damaged line would cost its length squared. */
const maxSplits = 16;

/** The first whole document of a line and the rest of the line; `undefined` when there are not two. */
function split(text: string): [string, string] | undefined {
  let tries = 0;
  for (let at = text.indexOf('}{'); at >= 0 && tries < maxSplits; at = text.indexOf('}{', at + 1), tries++) {
    const first = text.slice(0, at + 1);
    if (parseLine(first) !== undefined) return [first, text.slice(at + 1)];
  }
  return undefined;
}

function parseLine(text: string): unknown {
  return parseJson(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
}

interface Line {
  readonly text: string;
  /** Bytes. */
  readonly length: number;
  /** False for what comes after the last line end. */
  readonly ended: boolean;
}

/** Lines without their ends. What is read is decoded at once, because the host uses its buffer again and a line may be long. */
function* lines(chunks: Iterable<Uint8Array>): Generator<Line> {
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  let text = '';
  let length = 0;
  for (const chunk of chunks) {
    let from = 0;
    for (let at = chunk.indexOf(newline); at >= 0; at = chunk.indexOf(newline, from)) {
      const line = { text: text + decoder.decode(chunk.subarray(from, at)), length: length + at - from, ended: true };
      text = '';
      length = 0;
      from = at + 1;
      yield line;
    }
    if (from === chunk.length) continue;
    text += decoder.decode(chunk.subarray(from), { stream: true });
    length += chunk.length - from;
  }
  if (length > 0) yield { text: text + decoder.decode(), length, ended: false };
}
