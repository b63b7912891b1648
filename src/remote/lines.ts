import type { Readable } from 'node:stream';

/** Reads a stream line by line, until somebody wants the rest of it as bytes. */
export class Lines {
  private readonly stream: Readable;
  private readonly chunks: AsyncIterator<Buffer>;
  private held: Buffer = Buffer.alloc(0);
  private coming: Promise<string | undefined> | undefined;

  constructor(stream: Readable) {
    this.stream = stream;
    this.chunks = stream[Symbol.asyncIterator]();
  }

  /** The next line without its end; nothing at the end of the stream, or when a line is longer than 1 MiB. */
  next(): Promise<string | undefined> {
    const line = this.coming ?? this.read();
    this.coming = undefined;
    return line;
  }

  /** Whether the stream ends without another line; such a line is kept for `next`. */
  async isOver(): Promise<boolean> {
    this.coming ??= this.read();
    return (await this.coming) === undefined;
  }

  /** Everything that has not been read as a line. */
  async *rest(): AsyncGenerator<Buffer> {
    if (this.held.length > 0) yield this.held;
    for (let next = await this.more(); next; next = await this.more()) yield next;
  }

  /** Ends the reading, also of who is waiting for a line. */
  close(): void {
    this.stream.destroy();
  }

  private async read(): Promise<string | undefined> {
    for (;;) {
      const end = this.held.indexOf(10);
      if (end >= 0) {
        const line = this.held.toString('utf8', 0, end);
        this.held = this.held.subarray(end + 1);
        return line;
      }
      const next = this.held.length > 1 << 20 ? undefined : await this.more();
      if (!next) return undefined;
      this.held = Buffer.concat([this.held, next]);
    }
  }

  private async more(): Promise<Buffer | undefined> {
    try {
      const next = await this.chunks.next();
      return next.done ? undefined : next.value;
    } catch {
      // A stream that was destroyed is at its end.
      return undefined;
    }
  }
}
