import { SpecstoryError } from '../core/errors.ts';

/** gitprotocol-common(5): four hex digits of length, themselves included, then the bytes. */
export const flushPacket = '0000';
/** Bytes of content that one packet can hold. */
export const longestPacket = 65_516;

/** A packet around bytes or text. Throws `bug` for more than one packet can hold. */
export function packet(content: Uint8Array | string): Uint8Array {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  if (bytes.length > longestPacket) throw new SpecstoryError('bug', `a packet of ${bytes.length} bytes`);
  const framed = new Uint8Array(bytes.length + 4);
  framed.set(new TextEncoder().encode((bytes.length + 4).toString(16).padStart(4, '0')));
  framed.set(bytes, 4);
  return framed;
}

/** What a stream of packets holds: bytes, or one of the special packets. */
export type Packet = Uint8Array | 'flush' | 'delimiter' | 'response-end';

/** Takes bytes as they arrive and gives the packets that are complete. What is left in the end was cut off. */
export class PacketReader {
  private rest: Uint8Array = new Uint8Array(0);

  /** Bytes that belong to a packet which is not complete, or that came behind the packets wanted. */
  get pending(): Uint8Array {
    return this.rest;
  }

  /** Throws `unavailable` when the length is no length. */
  *push(bytes: Uint8Array): Generator<Packet> {
    this.rest = this.rest.length === 0 ? bytes : joined(this.rest, bytes);
    for (let next = this.take(); next !== undefined; next = this.take()) yield next;
  }

  private take(): Packet | undefined {
    if (this.rest.length < 4) return undefined;
    const head = new TextDecoder('latin1').decode(this.rest.subarray(0, 4));
    const length = /^[0-9a-f]{4}$/i.test(head) ? Number.parseInt(head, 16) : Number.NaN;
    if (Number.isNaN(length) || length === 3)
      throw new SpecstoryError('unavailable', 'what came is not what git speaks');
    const special = (['flush', 'delimiter', 'response-end'] as const)[length];
    if (special === undefined && this.rest.length < length) return undefined;
    const content = this.rest.subarray(4, special === undefined ? length : 4);
    this.rest = this.rest.subarray(special === undefined ? length : 4);
    return special ?? content;
  }
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const both = new Uint8Array(a.length + b.length);
  both.set(a);
  both.set(b, a.length);
  return both;
}
