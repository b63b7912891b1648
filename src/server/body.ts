import type { IncomingMessage } from 'node:http';
import { pipeline } from 'node:stream/promises';
import { setTimeout as pause } from 'node:timers/promises';
import { createGunzip } from 'node:zlib';
import { reason, SpecstoryError } from '../core/errors.ts';

/** A body that cannot be taken, with the HTTP status that says why. */
export class BodyProblem extends SpecstoryError {
  readonly status: 400 | 408 | 413 | 415;
  /** Whether it is not what its encoding says. */
  readonly isBadlyEncoded: boolean;

  constructor(
    status: BodyProblem['status'],
    message: string,
    { cause, isBadlyEncoded = false }: { cause?: unknown; isBadlyEncoded?: boolean } = {},
  ) {
    super(status === 413 ? 'unsupported' : 'usage', message, { cause });
    this.status = status;
    this.isBadlyEncoded = isBadlyEncoded;
  }
}

export interface BodyLimits {
  /** Bytes after decoding, and before. */
  readonly bytes: number;
  /** Unpacked bytes for each that was sent, once there is a MiB of them; unless told, only `bytes` bounds it. */
  readonly ratio?: number;
  /** Milliseconds without a byte, and for all of it. */
  readonly idle: number;
  readonly wall: number;
}

/** The body of a request, decoded, piece by piece: a piece is taken from the socket when it is asked for, and not before. */
export class Body {
  private readonly limits: BodyLimits;
  private readonly pieces: AsyncIterator<Buffer>;
  private readonly until: number;
  private first: Uint8Array | undefined;
  private taken = 0;
  private isOver = false;

  /** Throws `BodyProblem` 415 for an encoding other than gzip. */
  constructor(incoming: IncomingMessage, limits: BodyLimits) {
    this.limits = limits;
    this.until = Date.now() + limits.wall;
    const encoding = (incoming.headers['content-encoding'] ?? 'identity').trim().toLowerCase();
    if (!/^(?:identity|gzip|x-gzip)$/.test(encoding))
      throw new BodyProblem(415, 'a body is sent as it is or with gzip, once');
    this.pieces = encoding === 'identity' ? piecesOf(incoming) : gunzipped(piecesOf(incoming), limits);
  }

  /** The next piece; nothing at the end. Throws `BodyProblem` when it is too long, too slow, cut short or badly encoded. */
  async next(): Promise<Uint8Array | undefined> {
    const kept = this.first;
    this.first = undefined;
    if (kept && kept.length > 0) return kept;
    if (this.isOver) return undefined;
    const { value, done } = await this.inTime(this.pieces.next());
    if (done) {
      this.isOver = true;
      return undefined;
    }
    this.taken += value.length;
    if (this.taken > this.limits.bytes) throw tooLong(this.limits.bytes);
    return value;
  }

  /** Gives back what was read too far. */
  unread(bytes: Uint8Array): void {
    this.first = bytes;
  }

  /** All of it. */
  async whole(): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for (let piece = await this.next(); piece; piece = await this.next()) pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** Reads to the end and forgets it: a client that is still sending does not hear an answer. */
  async drain(): Promise<void> {
    while (await this.next());
  }

  private async inTime<T>(next: Promise<T>): Promise<T> {
    const { idle } = this.limits;
    const timer = new AbortController();
    const limit = Math.max(1, Math.min(idle, this.until - Date.now()));
    const late = pause(limit, undefined, { signal: timer.signal }).then(() => {
      throw new BodyProblem(408, 'the request came too slowly');
    });
    try {
      return await Promise.race([next, late]);
    } catch (cause) {
      if (cause instanceof BodyProblem) throw cause;
      throw new BodyProblem(400, `the request was cut short: ${reason(cause)}`, { cause });
    } finally {
      timer.abort();
      late.catch(() => {});
    }
  }
}

/**
 * The pieces of a body as they come. A client that sent all of it and went away has said what it wanted: node gives its request up, but
 * keeps what was not yet read. Leaving this loop early does not close the connection: an answer has yet to go out on it.
 */
async function* piecesOf(incoming: IncomingMessage): AsyncGenerator<Buffer> {
  for (;;) {
    const piece: Buffer | null = incoming.read();
    if (piece) yield piece;
    else if (incoming.readableEnded || incoming.destroyed) break;
    else await news(incoming);
  }
  if (!incoming.complete) throw new SpecstoryError('unavailable', 'the client went away');
}

/** Settles when there may be something to read, or nothing more to come. */
function news(incoming: IncomingMessage): Promise<void> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close'] as const;
    const done = (): void => {
      for (const event of events) incoming.off(event, done);
      resolve();
    };
    for (const event of events) incoming.on(event, done);
  });
}

/** Nothing unpacked is not nothing sent: little may come of much that is packed as well. */
async function* gunzipped(
  pieces: AsyncIterable<Buffer>,
  { bytes: limit, ratio = Infinity }: BodyLimits,
): AsyncGenerator<Buffer> {
  const gunzip = createGunzip();
  let sent = 0;
  let made = 0;
  const counted = async function* () {
    for await (const piece of pieces) {
      sent += piece.length;
      if (sent > limit) throw tooLong(limit);
      yield piece;
    }
  };
  const feeding = pipeline(counted, gunzip).catch(() => {});
  try {
    for await (const piece of gunzip) {
      made += piece.length;
      if (made > 1 << 20 && made > ratio * gunzip.bytesWritten)
        throw new BodyProblem(413, `more than ${ratio} bytes unpacked for each that was sent`);
      yield piece;
    }
  } catch (cause) {
    if (cause instanceof BodyProblem) throw cause;
    throw badGzip(reason(cause), cause);
  } finally {
    gunzip.destroy();
    await feeding;
  }
  if (sent === 0) throw badGzip('nothing at all');
  if (gunzip.bytesWritten < sent) throw badGzip('more behind its end');
}

function badGzip(why: string, cause?: unknown): BodyProblem {
  return new BodyProblem(400, `bad gzip: ${why}`, { cause, isBadlyEncoded: true });
}

function tooLong(limit: number): BodyProblem {
  return new BodyProblem(413, `more than ${limit} bytes`);
}
