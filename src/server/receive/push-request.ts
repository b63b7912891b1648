import { isObjectId, type ObjectId } from '../../core/ids.ts';
import { PacketReader } from '../../protocol/pkt-line.ts';
import { type Body, BodyProblem } from '../body.ts';
import { commandBytes, mostCommands } from './limits.ts';

/** What a push wants of one ref. `undefined` is a ref that is not there. */
export interface Command {
  readonly ref: string;
  readonly from: ObjectId | undefined;
  readonly to: ObjectId | undefined;
}

/** A push without its pack, which stays in the body. */
export interface PushRequest {
  readonly commands: readonly Command[];
  readonly capabilities: ReadonlySet<string>;
}

/**
 * Reads what a push wants (gitprotocol-pack, "Reference Update Request"), up to the first byte of the pack. Nothing for the lone flush by
 * which git asks whether it may send a large one. Throws `BodyProblem`.
 */
export async function readPushRequest(body: Body): Promise<PushRequest | undefined> {
  const packets = new PacketSource(body);
  const lines = await packets.untilFlush();
  if (lines.length === 0) return undefined;
  const [head = '', ...more] = lines;
  const [first = '', capabilities = ''] = head.split('\0', 2);
  const said = new Set(capabilities.trim().split(' '));
  const commands = [first, ...more].map(parseCommand);
  if (new Set(commands.map(({ ref }) => ref)).size < commands.length) throw bad('a ref is named twice');
  if (said.has('push-options')) await packets.untilFlush();
  body.unread(packets.rest);
  return { commands, capabilities: said };
}

class PacketSource {
  private readonly reader = new PacketReader();
  private readonly body: Body;
  private waiting: Iterator<Uint8Array | string> = [][Symbol.iterator]();
  private bytes = 0;
  private count = 0;

  constructor(body: Body) {
    this.body = body;
  }

  /** What came behind the last packet that was asked for. */
  get rest(): Uint8Array {
    return this.reader.pending;
  }

  /** The texts up to the next flush. */
  async untilFlush(): Promise<string[]> {
    const lines: string[] = [];
    for (let packet = await this.next(); packet !== 'flush'; packet = await this.next()) {
      if (typeof packet === 'string') throw bad('a packet that means nothing here');
      this.bytes += packet.length;
      if (++this.count > mostCommands) throw tooLarge(`at most ${mostCommands} refs in one push`);
      if (this.bytes > commandBytes) throw tooLarge(`at most ${commandBytes} bytes to name the refs of a push`);
      lines.push(new TextDecoder().decode(packet).replace(/\n$/, ''));
    }
    return lines;
  }

  private async next(): Promise<Uint8Array | string> {
    for (;;) {
      const { value, done } = this.read();
      if (!done) return value;
      const chunk = await this.body.next();
      if (!chunk) throw bad('the request was cut short');
      this.waiting = this.reader.push(chunk);
    }
  }

  private read(): IteratorResult<Uint8Array | string> {
    try {
      return this.waiting.next();
    } catch (cause) {
      throw new BodyProblem(400, 'the request is not what git sends', { cause });
    }
  }
}

/** `<old> SP <new> SP <ref>` */
function parseCommand(line: string): Command {
  const [, from = '', to = '', ref = ''] = /^([0-9a-f]{40}) ([0-9a-f]{40}) ([!-~]{1,300})$/.exec(line) ?? [];
  if (ref === '') throw bad(/^shallow /.test(line) ? 'a push from a shallow clone' : 'a line that is no command');
  return { ref, from: present(from), to: present(to) };
}

function present(oid: string): ObjectId | undefined {
  return isObjectId(oid) && !/^0+$/.test(oid) ? oid : undefined;
}

function bad(what: string): BodyProblem {
  return new BodyProblem(400, `cannot read the push: ${what}`);
}

function tooLarge(what: string): BodyProblem {
  return new BodyProblem(413, what);
}
