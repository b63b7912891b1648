import { oneLine, printable } from '../core/text.ts';
import { flushPacket, PacketReader, packet } from '../protocol/pkt-line.ts';
import { VerdictSieve } from './verdict-sieve.ts';

const band = { data: 1, text: 2, error: 3 } as const;

/** The answer to a push, on its way to `git send-pack`: the verdicts are taken out, and it is known when the report is complete. */
export class Answer {
  readonly sieve = new VerdictSieve();
  /** Whether the report on the refs came whole: only then it counts. */
  isReported = false;
  /** Whether everything came, to the last flush. */
  isComplete = false;
  /** What the server said when it gave up. */
  error: string | undefined;
  private readonly hasBands: boolean;
  private readonly outer = new PacketReader();
  private readonly report = new PacketReader();

  constructor(hasBands: boolean) {
    this.hasBands = hasBands;
  }

  /** The bytes for send-pack in a piece of the answer. Throws `unavailable` when it is not what git speaks. */
  *take(bytes: Uint8Array): Generator<Uint8Array> {
    if (!this.hasBands) {
      if (!this.isComplete) yield bytes;
      this.isComplete ||= this.look(bytes);
      return;
    }
    for (const next of this.isComplete ? [] : this.outer.push(bytes)) {
      if (next === 'flush') {
        this.isComplete = true;
        return yield* this.end();
      }
      if (typeof next !== 'string') yield* this.pass(next);
    }
  }

  /** What send-pack needs to come to its end when the answer was cut off behind the report. */
  *end(): Generator<Uint8Array> {
    yield* this.text(this.sieve.rest());
    yield Buffer.from(flushPacket);
  }

  private *pass(content: Uint8Array): Generator<Uint8Array> {
    const rest = content.subarray(1);
    if (content[0] === band.text) return yield* this.text(this.sieve.take(rest));
    if (content[0] === band.error) {
      this.error ??= oneLine(printable(Buffer.from(rest).toString('utf8')), 300);
      return;
    }
    if (content[0] !== band.data) return;
    if (!this.isReported) yield packet(content);
    this.isReported ||= this.look(rest);
  }

  private *text(text: Uint8Array): Generator<Uint8Array> {
    if (text.length > 0) yield packet(Buffer.concat([Buffer.of(band.text), text]));
  }

  /** Whether the report ends in these bytes. */
  private look(bytes: Uint8Array): boolean {
    for (const next of this.report.push(bytes)) this.isReported ||= next === 'flush';
    return this.isReported;
  }
}
