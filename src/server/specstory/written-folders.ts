import type { ObjectId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { blobId } from '../../git/blob-id.ts';
import type { TreeObjectEntry } from '../../git/tree-object.ts';
import type { TreeReader } from '../../git/tree-reader.ts';
import type { Change, Import, RedactedPiece } from '../../git/write.ts';

/** A file that is to be in a folder. */
interface Wanted {
  readonly file: string;
  readonly content: readonly RedactedPiece[];
}

/** Folders of a commit as they are; trees that many of them share are read once. */
export class WrittenFolders {
  private readonly reader: TreeReader;
  private readonly tip: ObjectId | undefined;
  private readonly trees = new Map<string, Promise<readonly TreeObjectEntry[]>>();

  constructor(reader: TreeReader, tip: ObjectId | undefined) {
    this.reader = reader;
    this.tip = tip;
  }

  /** The entries of a folder; none where there is none. */
  async entries(path: string): Promise<readonly TreeObjectEntry[]> {
    if (this.tip === undefined) return [];
    let entries = await this.once('', async () => (await this.reader.root(this.tip ?? '')) ?? []);
    for (const name of path.split('/')) {
      const oid = entries.find((entry) => entry.name === name && entry.isFolder)?.oid;
      if (oid === undefined) return [];
      entries = await this.once(oid, () => this.reader.entries(oid));
    }
    return entries;
  }

  /** The JSON value of a file of such a folder. */
  async json(entries: readonly TreeObjectEntry[], file: string): Promise<unknown> {
    const oid = entries.find(({ name }) => name === file)?.oid;
    if (oid === undefined) return undefined;
    const content = await this.reader.content(oid, 4 << 20);
    return content && parseJson(content.toString('utf8'));
  }

  private once(key: string, read: () => Promise<readonly TreeObjectEntry[]>): Promise<readonly TreeObjectEntry[]> {
    const known = this.trees.get(key) ?? read();
    this.trees.set(key, known);
    return known;
  }
}

/** What makes a folder hold these files and no other: those that are the same stay. */
export async function* folderChanges(
  folder: string,
  before: readonly TreeObjectEntry[],
  wanted: Iterable<Wanted>,
  into: Pick<Import, 'blob'>,
): AsyncGenerator<Change> {
  const old = new Map(before.filter(({ isFolder }) => !isFolder).map(({ name, oid }) => [name, String(oid)]));
  for (const { file, content } of wanted) {
    const is = old.get(file);
    old.delete(file);
    if (is !== blobId(content, 'sha1')) yield { path: `${folder}/${file}`, mark: await into.blob(...content) };
  }
  for (const name of old.keys()) yield { path: `${folder}/${name}`, remove: true };
}
