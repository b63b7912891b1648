import type { Repository } from './repository.ts';
import { TreeReader } from './tree-reader.ts';

/** Readers for work that goes through several hands: one, and so one process, for each git directory. Whoever made it closes it. */
export class TreeReaders {
  private readonly readers = new Map<string, TreeReader>();

  of(repository: Repository): TreeReader {
    const reader = this.readers.get(repository.gitDir) ?? new TreeReader(repository);
    this.readers.set(repository.gitDir, reader);
    return reader;
  }

  async close(): Promise<void> {
    await Promise.all([...this.readers.values()].map((reader) => reader.close()));
  }
}
