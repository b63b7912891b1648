import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream';
import { createUnzip } from 'node:zlib';
import { SpecstoryError } from '../core/errors.ts';
import type { HttpResponse } from './http.ts';

interface Watch {
  /** Bytes have come. */
  beat(bytes: number): void;
  /** The error for a body that was cut off. */
  failed(thrown: unknown): SpecstoryError;
  /** Nothing more will come or be asked for. */
  over(): void;
}

/** An answer whose body can be read. */
export function responseOf(incoming: IncomingMessage, watch: Watch): HttpResponse {
  const body = readBody(incoming, watch);
  const headers = Object.entries(incoming.headers).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(', ') : value,
  ]);
  return {
    status: incoming.statusCode ?? 0,
    headers: Object.fromEntries(headers),
    body,
    text: (limit = 1 << 20) => textOf(body, limit),
    discard: async () => {
      watch.over();
      incoming.destroy();
      await body.return(undefined);
    },
  };
}

/** The body as it comes, decompressed where a proxy compressed it without being asked. Throws what `failed` makes of a cut. */
async function* readBody(incoming: IncomingMessage, watch: Watch): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of decoded(incoming, watch)) yield chunk;
    if (!incoming.complete) throw watch.failed(new Error('the answer was cut off'));
  } catch (thrown) {
    throw watch.failed(thrown);
  } finally {
    watch.over();
  }
}

async function* counted(incoming: AsyncIterable<Buffer>, watch: Watch): AsyncGenerator<Buffer> {
  for await (const chunk of incoming) {
    watch.beat(chunk.length);
    yield chunk;
  }
}

function decoded(incoming: IncomingMessage, watch: Watch): AsyncIterable<Buffer> {
  const encoding = incoming.headers['content-encoding']?.toLowerCase() ?? 'identity';
  if (encoding === 'identity') return counted(incoming, watch);
  if (!/^(?:x-)?gzip$|^deflate$/.test(encoding))
    throw new SpecstoryError('unavailable', `the answer is encoded as ${encoding}, which nobody asked for`);
  // The error of either stream reaches the reader of the last one.
  return pipeline(counted(incoming, watch), createUnzip(), () => {});
}

async function textOf(body: AsyncIterable<Uint8Array>, limit: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.length;
    if (size > limit) throw new SpecstoryError('unavailable', `an answer of more than ${limit} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
