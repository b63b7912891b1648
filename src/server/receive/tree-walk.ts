import { SpecstoryError } from '../../core/errors.ts';
import type { ObjectReader } from '../../git/object-reader.ts';
import { parseTree, type TreeObjectEntry } from '../../git/tree-object.ts';

/** Folders below each other, with the root: no path of ours has more than five parts. */
const deepest = 5;
/** What may lie at the root (docs/format.md): a file, or a folder. */
const rootFiles: ReadonlySet<string> = new Set(['specstory.json']);
const rootFolders: ReadonlySet<string> = new Set(['sessions', 'annotations', 'commits', 'reviews', 'raw']);

/** Trees that are remembered, by the number of their entries together. */
const remembered = 200_000;

/**
 * Looks at the trees of new commits, each against the tree of its parent: what is the same there was looked at before. A tree is looked
 * at once for each depth it stands at and each tree it stands in the place of, so that a few objects that name billions of paths cost
 * what the objects cost.
 */
export class TreeWalk {
  /** Trees that were looked at. */
  readonly seen = new Set<string>();
  private readonly reader: ObjectReader;
  private readonly most: { readonly changes: number; readonly names: number };
  private readonly counts = new Map<string, number>();
  private readonly trees = new Map<string, readonly TreeObjectEntry[]>();
  private held = 0;
  private names = 0;

  constructor(reader: ObjectReader, most: { readonly changes: number; readonly names: number }) {
    this.reader = reader;
    this.most = most;
  }

  /** Counts the files that a tree has and `before` has not, or otherwise. Throws `unsupported` for a tree that is not one of ours. */
  root(tree: string, before: string | undefined): Promise<number> {
    return this.folder(tree, before, 1);
  }

  /** The entries of one tree, checked by themselves. Throws `unsupported`. */
  async entries(oid: string): Promise<readonly TreeObjectEntry[]> {
    const known = this.trees.get(oid);
    if (known) return known;
    const found = await this.reader.ask('contents', oid);
    if (found?.type !== 'tree') throw new SpecstoryError('unsupported', 'a commit names a folder that is not there');
    const entries = parseTree(found.content, 20);
    this.seen.add(oid);
    this.remember(oid, entries);
    return entries;
  }

  private async folder(oid: string, before: string | undefined, depth: number): Promise<number> {
    if (depth > deepest) throw new SpecstoryError('unsupported', `folders deeper than ${deepest}`);
    const key = `${depth} ${oid} ${before ?? ''}`;
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const count = await this.compare(await this.entries(oid), before ? await this.entries(before) : [], depth);
    if (count > this.most.changes) throw tooMuch(`more than ${this.most.changes} changed files`);
    this.counts.set(key, count);
    return count;
  }

  private async compare(
    entries: readonly TreeObjectEntry[],
    before: readonly TreeObjectEntry[],
    depth: number,
  ): Promise<number> {
    this.names += entries.length + before.length;
    if (this.names > this.most.names) throw tooMuch('more names than this server looks at');
    const old = new Map(before.map((entry) => [entry.name, entry]));
    let count = 0;
    for (const { name, oid, isFolder } of entries) {
      if (depth === 1 && !(isFolder ? rootFolders : rootFiles).has(name))
        throw new SpecstoryError('unsupported', `${name} has no place in a history`);
      const was = old.get(name);
      old.delete(name);
      if (was?.oid === oid && was.isFolder === isFolder) continue;
      count += isFolder ? await this.folder(oid, was?.isFolder ? was.oid : undefined, depth + 1) : 1;
    }
    return count + old.size;
  }

  private remember(oid: string, entries: readonly TreeObjectEntry[]): void {
    this.trees.set(oid, entries);
    this.held += entries.length;
    for (const [oldest, dropped] of this.trees) {
      if (this.held <= remembered) break;
      this.trees.delete(oldest);
      this.held -= dropped.length;
    }
  }
}

function tooMuch(what: string): SpecstoryError {
  return new SpecstoryError('unsupported', `${what} in one push: push less at once`);
}
