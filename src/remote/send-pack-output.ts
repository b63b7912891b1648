import type { Readable } from 'node:stream';
import { type Packet, PacketReader } from '../protocol/pkt-line.ts';

/** A status of `git send-pack --helper-status`: `ok <ref>` or `error <ref> [why]`, with the lines that belong to it. */
export interface Status {
  readonly ref: string;
  readonly isOk: boolean;
  readonly why: string;
  /** As git wants it from us, line ends included. */
  readonly lines: string;
}

/** Reads what `git send-pack --stateless-rpc` writes: the request in packets and a flush; later a flush and a status per ref. */
export class SendPackOutput {
  /** The refs that the request names so far. */
  readonly commanded: string[] = [];
  private readonly chunks: AsyncIterator<Buffer>;
  private readonly reader = new PacketReader();
  private readonly commands = new PacketReader();
  private readonly held: Buffer[] = [];
  private areCommandsRead = false;

  constructor(stdout: Readable) {
    this.chunks = stdout[Symbol.asyncIterator]();
  }

  /** The bytes of the request, as they are made; none when there is nothing to send. */
  async *request(): AsyncGenerator<Uint8Array> {
    for (let bytes = await this.more(); bytes && !this.isText(bytes); bytes = await this.more()) {
      for (const packet of this.reader.push(bytes)) {
        if (typeof packet === 'string') return;
        this.look(packet);
        yield packet;
      }
    }
  }

  /** Everything behind the request: the status of each ref. */
  async statuses(): Promise<Status[]> {
    const chunks: Uint8Array[] = [this.reader.pending];
    for (let bytes = await this.more(); bytes; bytes = await this.more()) chunks.push(bytes);
    return parseStatuses(
      Buffer.concat(chunks)
        .toString('utf8')
        .replace(/^(?:0000)+/, ''),
    );
  }

  private async more(): Promise<Buffer | undefined> {
    const held = this.held.shift();
    if (held) return held;
    const next = await this.chunks.next();
    return next.done ? undefined : next.value;
  }

  /** A push that send-pack refuses as a whole (`--atomic`) has no request: the statuses come at once. */
  private isText(bytes: Buffer): boolean {
    if (this.areCommandsRead || this.reader.pending.length > 0 || !/^(?:ok|er)/.test(bytes.toString('latin1', 0, 2)))
      return false;
    this.held.push(bytes);
    return true;
  }

  private look(bytes: Uint8Array): void {
    if (this.areCommandsRead) return;
    for (const packet of this.commands.push(bytes)) {
      const ref = commandRef(packet);
      if (ref) this.commanded.push(ref);
      else if (packet === 'flush') {
        this.areCommandsRead = true;
        return;
      }
    }
  }
}

/** `<old> <new> <ref>`, the first one with capabilities behind a NUL; `shallow <id>` lines may come before. */
function commandRef(packet: Packet): string | undefined {
  if (typeof packet === 'string') return undefined;
  const line = Buffer.from(packet).toString('utf8').split('\0')[0] ?? '';
  return /^[0-9a-f]{40,64} [0-9a-f]{40,64} (.+?)\n?$/s.exec(line)?.[1];
}

function parseStatuses(text: string): Status[] {
  const statuses: { ref: string; isOk: boolean; why: string; lines: string }[] = [];
  for (const line of text.split('\n').filter((found) => found !== '')) {
    const match = /^(ok|error) (\S+)(?: (.*))?$/.exec(line);
    const last = statuses.at(-1);
    if (match) statuses.push({ ref: match[2] ?? '', isOk: match[1] === 'ok', why: match[3] ?? '', lines: `${line}\n` });
    else if (last && line.startsWith('option ')) last.lines += `${line}\n`;
  }
  return statuses;
}
