import { readFileSync } from 'node:fs';

/** The object ids of a pack, in order, as one row of bytes. */
interface PackIndex {
  readonly ids: Buffer;
  readonly width: number;
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
