import { flushPacket, longestPacket, packet } from '../../protocol/pkt-line.ts';

/** Milliseconds of silence after which the client hears that we are still there. */
const silence = 5000;
/** Bytes that may wait for a client which does not read; progress beyond them is dropped. */
const mostWaiting = 1 << 20;

/**
 * The answer to a push, written while the work goes on: a report, and, where the client knows side-bands (gitprotocol-pack), lines for people
 * before and after it. A client that went away changes nothing: what is written then is dropped.
 */
export class Answer {
  readonly stream: ReadableStream<Uint8Array>;
  private readonly hasBands: boolean;
  private controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  private readonly timer: NodeJS.Timeout;
  private isQuiet = true;

  constructor(hasBands: boolean) {
    this.hasBands = hasBands;
    this.stream = new ReadableStream(
      {
        start: (controller) => {
          this.controller = controller;
        },
        cancel: () => {
          this.leave();
        },
      },
      { highWaterMark: mostWaiting, size: (chunk) => chunk?.byteLength ?? 0 },
    );
    this.timer = setInterval(() => this.stayAlive(), silence);
    this.timer.unref();
  }

  /** A text for people: whole lines, or progress that ends with a carriage return. */
  say(text: string): void {
    if (this.hasBands && text !== '' && (this.controller?.desiredSize ?? 0) > 0) this.band(2, Buffer.from(text));
  }

  /** What the client must hear, however slow it reads. */
  tell(line: string): void {
    if (this.hasBands) this.band(2, Buffer.from(line));
  }

  /** The lines of a report-status. */
  report(lines: readonly string[]): void {
    const bytes = Buffer.concat([...lines.map((line) => packet(`${line}\n`)), Buffer.from(flushPacket)]);
    if (this.hasBands) this.band(1, bytes);
    else this.write(bytes);
  }

  end(): void {
    if (this.hasBands) this.write(Buffer.from(flushPacket));
    this.leave()?.close();
  }

  private band(number: 1 | 2, bytes: Buffer): void {
    const most = longestPacket - 1;
    for (let at = 0; at < bytes.length; at += most) {
      this.write(packet(Buffer.concat([Buffer.of(number), bytes.subarray(at, at + most)])));
    }
  }

  /** An empty packet, as git's own receive-pack sends it. */
  private stayAlive(): void {
    if (this.isQuiet && this.hasBands) this.write(packet(Buffer.of(1)));
    this.isQuiet = true;
  }

  private write(bytes: Uint8Array): void {
    this.isQuiet = false;
    this.controller?.enqueue(bytes);
  }

  private leave(): ReadableStreamDefaultController<Uint8Array> | undefined {
    clearInterval(this.timer);
    const { controller } = this;
    this.controller = undefined;
    return controller;
  }
}
