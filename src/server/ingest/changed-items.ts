import { compareText } from '../../core/text.ts';
import type { TreeObjectEntry } from '../../git/tree-object.ts';
import type { TreeReader } from '../../git/tree-reader.ts';

/** Something below `annotations/`, `sessions/` or `raw/` that is not what it was: an annotation, a session's folder, or what has no place there. */
export interface Item {
  readonly path: string;
  /** What it is now; nothing when it is gone. */
  readonly entry: TreeObjectEntry | undefined;
}

const shardName = /^[0-9a-f]{2}$/;

/**
 * What differs between the trees of two commits, in the order of `comparePaths`, behind the path `after`. Only what differs is read. A commit
 * that is not there counts as an empty one.
 */
export async function* changedItems(
  reader: TreeReader,
  from: string | undefined,
  to: string,
  after = '',
  places: readonly string[] = ['annotations', 'sessions'],
): AsyncGenerator<Item> {
  const [old = [], now = []] = [from && (await reader.root(from)), await reader.root(to)].map((root) => root || []);
  for (const place of places) {
    const at = (root: readonly TreeObjectEntry[]) => root.find(({ name, isFolder }) => name === place && isFolder)?.oid;
    for await (const item of below(reader, place, at(old), at(now))) {
      if (comparePaths(item.path, after) > 0) yield item;
    }
  }
}

async function* below(
  reader: TreeReader,
  path: string,
  from: string | undefined,
  to: string | undefined,
): AsyncGenerator<Item> {
  if (from === to) return;
  for (const [name, before, entry] of pairs(await reader.entries(from), await reader.entries(to))) {
    const isShard = shardName.test(name) && !path.includes('/');
    const [old, now] = [isShard && before?.isFolder, isShard && entry?.isFolder];
    if (old || now)
      yield* below(reader, `${path}/${name}`, old ? before?.oid : undefined, now ? entry?.oid : undefined);
    // What was a folder and is a file now, or the reverse, is both.
    if ((before && !old) || (entry && !now)) yield { path: `${path}/${name}`, entry: now ? undefined : entry };
  }
}

type Pair = [name: string, before: TreeObjectEntry | undefined, now: TreeObjectEntry | undefined];

/** The entries of two folders side by side, without those that are the same. */
function pairs(old: readonly TreeObjectEntry[], now: readonly TreeObjectEntry[]): Pair[] {
  const before = new Map(old.map((entry) => [entry.name, entry]));
  const after = new Map(now.map((entry) => [entry.name, entry]));
  return [...new Set([...before.keys(), ...after.keys()])]
    .sort(compareText)
    .map((name): Pair => [name, before.get(name), after.get(name)])
    .filter(([, a, b]) => a?.oid !== b?.oid || a?.isFolder !== b?.isFolder);
}

/** Orders paths as they are met: part by part. */
function comparePaths(a: string, b: string): number {
  return compareText(a.replaceAll('/', '\0'), b.replaceAll('/', '\0'));
}
