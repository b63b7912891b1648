import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { SpecstoryError } from '../core/errors.ts';

/** The object ids of a pack, in order, as one row of bytes. */
interface PackIndex {
  readonly ids: Buffer;
  readonly width: number;
}

/** Which objects a pack has, from its index: 20 bytes of memory for each. */
export interface PackIds extends Iterable<string> {
  readonly count: number;
  has(oid: string): boolean;
}

/** The object ids (SHA-1) of the one pack in a folder, from its index. Throws `unavailable` when there is no such index. */
export function packIds(folder: string): PackIds {
  const [name = ''] = readdirSync(folder).filter((file) => file.endsWith('.idx'));
  const read = name === '' ? undefined : readIndex(path.join(folder, name), 20);
  if (!read) throw new SpecstoryError('unavailable', `there is no index of a pack in ${folder}`);
  const { ids, width } = read;
  return {
    count: ids.length / width,
    has: (oid) => includes(read, Buffer.from(oid, 'hex')),
    *[Symbol.iterator]() {
      for (let at = 0; at < ids.length; at += width) yield ids.toString('hex', at, at + width);
    },
  };
}

function includes({ ids, width }: PackIndex, wanted: Buffer): boolean {
  let [low, high] = [0, ids.length / width];
  while (low < high) {
    const middle = (low + high) >>> 1;
    const order = ids.compare(wanted, 0, width, middle * width, (middle + 1) * width);
    if (order === 0) return true;
    if (order < 0) low = middle + 1;
    else high = middle;
  }
  return false;
}

const magic = 0xff744f63;

/**
 * Whether one pack has every object of others, by their index files (version 2, gitformat-pack). `width` is the number of
 * bytes of an object id. `false` as well for what is no such index.
 */
export function hasAllObjects(index: string, others: readonly string[], width: number): boolean {
  const all = readIndex(index, width);
  return all !== undefined && others.every((other) => isSubset(readIndex(other, width), all));
}

function readIndex(file: string, width: number): PackIndex | undefined {
  const bytes = readFileSync(file);
  const table = 8 + 255 * 4;
  if (bytes.length < table + 4 || bytes.readUInt32BE(0) !== magic || bytes.readUInt32BE(4) !== 2) return undefined;
  const ids = bytes.subarray(table + 4, table + 4 + bytes.readUInt32BE(table) * width);
  return { ids, width };
}

/** Both are sorted: one walk. */
function isSubset(some: PackIndex | undefined, all: PackIndex): boolean {
  if (!some) return false;
  const { ids, width } = all;
  let at = 0;
  for (let wanted = 0; wanted < some.ids.length; wanted += width) {
    while (at < ids.length && ids.compare(some.ids, wanted, wanted + width, at, at + width) < 0) at += width;
    if (at >= ids.length || ids.compare(some.ids, wanted, wanted + width, at, at + width) !== 0) return false;
  }
  return true;
}
