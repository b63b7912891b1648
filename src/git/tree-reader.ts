import type { ObjectId, WriterId } from '../core/ids.ts';
import { oneLine, printable } from '../core/text.ts';
import { ObjectReader } from './object-reader.ts';
import type { Repository } from './repository.ts';
import { parseTree, type TreeObjectEntry } from './tree-object.ts';
import { type WriterTip, writerRef } from './writer-ref.ts';

/** Bytes of files that are held at a time. */
const most = 16 << 20;

/** Reads trees and files by their object ids; one `cat-file` serves all questions. */
export class TreeReader {
  private readonly reader: ObjectReader;

  constructor(repository: Repository) {
    this.reader = new ObjectReader(repository);
  }

  /** Where a writer's ref stands at this moment, in a repository of a server; nothing when there is none. */
  async tip(writer: WriterId, kind: WriterTip['kind']): Promise<ObjectId | undefined> {
    return (await this.reader.ask('info', writerRef(writer, kind)))?.oid;
  }

  /** The root of a commit; nothing when there is no such commit. Throws `unsupported` for a tree that is not one of ours. */
  async root(commit: string): Promise<readonly TreeObjectEntry[] | undefined> {
    const found = await this.reader.ask('contents', `${commit}^{tree}`);
    return found && parseTree(found.content, found.oid.length / 2);
  }

  /** Who made a commit, `Name <email>`; nothing when it does not say, or is not there. */
  async author(commit: string): Promise<string | undefined> {
    const found = await this.reader.ask('contents', commit);
    if (found?.type !== 'commit') return undefined;
    const line = /^author (.*>) \d+ [+-]\d{4}$/m.exec(found.content.toString('utf8').slice(0, 4096));
    return line?.[1] === undefined ? undefined : oneLine(printable(line[1]), 200);
  }

  /** The entries of a folder; none for what is no folder. Throws `unsupported` for a tree that is not one of ours. */
  async entries(tree: string | undefined): Promise<readonly TreeObjectEntry[]> {
    const found = tree === undefined ? undefined : await this.reader.ask('contents', tree);
    return found?.type === 'tree' ? parseTree(found.content, found.oid.length / 2) : [];
  }

  /**
   * The content of files, in the order asked, some at a time; nothing in the place of one that is not there, and its size alone for one
   * of more than `limit` bytes.
   */
  async *files(oids: readonly string[], limit: number): AsyncGenerator<Buffer | { readonly size: number } | undefined> {
    for (let at = 0; at < oids.length; at += ahead) {
      const some = oids.slice(at, at + ahead);
      const sizes = await Promise.all(some.map(async (oid) => (await this.reader.ask('info', oid))?.size));
      yield* this.groups(some, sizes, limit);
    }
  }

  /** The content of one file; nothing for one that is not there, or has more than `limit` bytes. */
  async content(oid: string, limit: number): Promise<Buffer | undefined> {
    const size = (await this.reader.ask('info', oid))?.size;
    return size === undefined || size > limit ? undefined : (await this.reader.ask('contents', oid, limit))?.content;
  }

  close(): Promise<void> {
    return this.reader.close();
  }

  private async *groups(oids: readonly string[], sizes: readonly (number | undefined)[], limit: number) {
    for (let at = 0; at < oids.length; ) {
      let [end, sum] = [at, 0];
      do sum += Math.min(sizes[end++] ?? 0, limit);
      while (end < oids.length && sum + (sizes[end] ?? 0) <= most);
      yield* await Promise.all(oids.slice(at, end).map((oid, index) => this.file(oid, sizes[at + index], limit)));
      at = end;
    }
  }

  private async file(oid: string, size: number | undefined, limit: number) {
    if (size === undefined) return undefined;
    return size > limit ? { size } : (await this.reader.ask('contents', oid))?.content;
  }
}

const ahead = 256;
