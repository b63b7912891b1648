import { SpecstoryError } from '../../core/errors.ts';
import type { Host } from '../../core/host.ts';
import { asArray, asObject, isObject, parseJson } from '../../core/json.ts';
import type { NativeRecord } from '../adapter.ts';
import { canonical, readDocument } from '../document-store.ts';
import { jsonl, jsonlOf } from '../jsonl.ts';
import { type Generation, recognise } from './rollout-record.ts';
import { isZstd, unzstd } from './zstd.ts';

/** What a file holds (`undefined`: nothing of Codex's), and whether it is compressed. */
interface Store {
  readonly generation: Generation | undefined;
  readonly compressed: boolean;
}

/** Bytes and records that are looked at to recognise a file. */
const sample = { bytes: 1 << 20, lines: 50, records: 5 };

/** The first line of a rollout that is longer than the sample. */
const longLine =
  /^\s*\{"timestamp":"[^"]{0,40}",(?:"ordinal":\d+,)?"type":"(?:session_meta|response_item|event_msg|compacted)","payload":\{/;

/** Recognises a file by its first records, whatever its name. Throws when it cannot be read. */
export function storeAt(host: Host, path: string): Store {
  const compressed = isZstd(firstBytes(host, path));
  const text = headOf(host, path, { compressed, limit: sample.bytes });
  const generation = generationOf(text) ?? (isDocument(host, path, text) ? 'document' : undefined);
  return { generation, compressed };
}

function generationOf(text: string): Generation | undefined {
  let seen = 0;
  for (const line of text.split('\n', sample.lines)) {
    const value = parseJson(line);
    if (!isObject(value)) continue;
    const generation = recognise(value);
    if (generation !== undefined || ++seen === sample.records) return generation;
  }
  return longLine.test(text) ? 'lines' : undefined;
}

/** The documents of spring 2025 are written with line breaks, or are longer than the sample. */
function isDocument(host: Host, path: string, text: string): boolean {
  if (!/^\s*\{\s*"session"\s*:\s*\{/.test(text)) return false;
  return recognise(asObject(parseJson(host.files.text(path) ?? ''))) === 'document';
}

function firstBytes(host: Host, path: string): Uint8Array {
  for (const chunk of host.files.chunks(path, 0, 4)) return chunk;
  return new Uint8Array();
}

const plain: Store = { generation: 'lines', compressed: false };

/** How much of a file's beginning is wanted. */
interface Head {
  readonly compressed: boolean;
  readonly limit: number;
  /** Reading stops early at what matches this. */
  readonly until?: RegExp;
}

/** The beginning of a file as text, decompressed; of damaged data what comes before the damage. */
export function headOf(host: Host, path: string, { compressed, limit, until }: Head): string {
  const decoder = new TextDecoder();
  const chunks = host.files.chunks(path, 0, until ? limit >> 3 : limit);
  let text = '';
  for (const chunk of compressed ? undamaged(unzstd(chunks, path)) : chunks) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length >= limit || until?.test(text)) break;
  }
  return text;
}

function* undamaged(chunks: Iterable<Uint8Array>): Generator<Uint8Array> {
  try {
    yield* chunks;
  } catch {
    // Whoever reads the records hears of it.
  }
}

/**
 * The records of a rollout from byte `from` on (0 for what is not plain lines). Throws `unsupported` for the output of
 * `codex exec --json`, `unavailable` for what cannot be read.
 */
export function* rolloutRecords(host: Host, path: string, from: number): Generator<NativeRecord> {
  const { generation, compressed } = from > 0 ? plain : storeAt(host, path);
  if (generation === 'exec') {
    throw new SpecstoryError('unsupported', `${path} is output of "codex exec --json", which has no prompts`, {
      hint: 'Convert the session itself: its rollout-….jsonl is under ~/.codex/sessions.',
    });
  }
  if (generation === 'document') {
    const { session, items } = asObject(readDocument(host, path));
    yield* canonical([session, ...asArray(items)].map((value) => ({ value })));
  } else if (compressed) yield* jsonlOf(unzstd(host.files.chunks(path), path));
  else yield* jsonl(host, path, from);
}
