import { createHash } from 'node:crypto';
import { deflateSync } from 'node:zlib';

// Packs made byte by byte (gitformat-pack), for what git itself would never write.

/** A pack around objects. */
function sealed(objects: readonly Buffer[]): Buffer {
  const head = Buffer.alloc(12);
  head.write('PACK');
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(objects.length, 8);
  const body = Buffer.concat([head, ...objects]);
  return Buffer.concat([body, createHash('sha1').update(body).digest()]);
}

/** An object of a pack: 3 is a blob, 7 a delta on the object named. */
function object(type: 3 | 7, content: Buffer, base: Uint8Array = Buffer.alloc(0)): Buffer {
  let size = content.length >>> 4;
  const head = [(type << 4) | (content.length & 15)];
  while (size > 0) {
    head[head.length - 1] = (head.at(-1) ?? 0) | 0x80;
    head.push(size & 0x7f);
    size >>>= 7;
  }
  return Buffer.concat([Buffer.from(head), base, deflateSync(content)]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest = Math.floor(rest / 128);
  } while (rest > 0);
  return Buffer.from(bytes);
}

function blobHash(content: Buffer): Uint8Array {
  return createHash('sha1').update(`blob ${content.length}\0`).update(content).digest();
}

/** A pack of one blob of 64 kB and a delta that copies it until `size` bytes are reached. */
export function deltaBomb(size: number): Uint8Array {
  const base = Buffer.alloc(65_536, 97);
  const copies = Math.ceil(size / base.length);
  // gitformat-pack: size of base, size of result, then copy instructions: offset 0, 65536 bytes (no size byte means 0x10000).
  const delta = Buffer.concat([varint(base.length), varint(copies * base.length), Buffer.alloc(copies, 0x80)]);
  return sealed([object(3, base), object(7, delta, blobHash(base))]);
}
