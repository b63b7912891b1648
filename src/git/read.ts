import { isObjectId, isWriterId, type ObjectId, type WriterId } from '../core/ids.ts';
import { type RefName, refs } from '../core/layout.ts';
import { ObjectReader } from './object-reader.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';
import { isTreeName, isTreePath } from './tree-path.ts';

/** A tracking copy of a writer's ref on a remote: `refs/specstory/remotes/<remote>/<writer>/<kind>`. */
interface TrackedTip {
  /** Its name. */
  readonly ref: string;
  /** Empty for what is kept of a history that no remote has like that: `refs/specstory/kept/<tip>/<writer>/<kind>`. */
  readonly remote: string;
  readonly writer: WriterId;
  readonly kind: keyof typeof refs;
  readonly oid: ObjectId;
}

/** Where the refs under `refs/specstory` stand. */
export interface Tips {
  readonly history?: ObjectId;
  readonly raw?: ObjectId;
  readonly tracked: readonly TrackedTip[];
}

/** Where our refs stand, by one `for-each-ref`. A ref whose name we did not make is passed over. */
export async function tips(repository: Repository): Promise<Tips> {
  const args = ['for-each-ref', '--format=%(objectname) %(refname)', 'refs/specstory/'];
  const output = await runGit(args, placeOf(repository));
  const own: { -readonly [Kind in keyof typeof refs]?: ObjectId } = {};
  const tracked: TrackedTip[] = [];
  for (const line of output.toString('utf8').split('\n')) {
    const [oid = '', name = ''] = line.split(' ', 2);
    if (!isObjectId(oid)) continue;
    if (name === refs.history) own.history = oid;
    else if (name === refs.raw) own.raw = oid;
    else tracked.push(...trackedTip(name, oid));
  }
  return { ...own, tracked };
}

/** What a tracking ref, or one that keeps a tip, is; nothing for another ref. */
export function trackedTip(name: string, oid: ObjectId): TrackedTip[] {
  const match = /^refs\/specstory\/(?:remotes\/(.+)|kept\/[0-9a-f]+)\/([0-9a-f]{16})\/(history|raw)$/.exec(name);
  const [, remote = '', writer = '', kind] = match ?? [];
  if (!isWriterId(writer)) return [];
  return [{ ref: name, remote, writer, kind: kind === 'raw' ? 'raw' : 'history', oid }];
}

interface TreeEntry {
  readonly path: string;
  readonly oid: ObjectId;
}

/**
 * The files of a commit's tree at or below `prefixes` (all of them when there are none), by one `ls-tree`. Entries with a name
 * or mode that we never write (links, submodules, `..`) are passed over and told to `refused`. A prefix that is not there gives nothing.
 */
export async function listTree(
  repository: Repository,
  of: ObjectId | RefName,
  prefixes: readonly string[],
  refused: (path: string) => void = () => {},
): Promise<TreeEntry[]> {
  const wanted = prefixes.map((prefix) => prefix.replace(/\/$/, ''));
  if (!wanted.every(isTreePath)) return [];
  const args = ['ls-tree', '-r', '-z', '--full-tree', '--end-of-options', of, ...wanted];
  const output = await runGit(args, placeOf(repository));
  const entries: TreeEntry[] = [];
  for (let at = 0; at < output.length; ) {
    const end = output.indexOf(0, at);
    const record = output.toString('utf8', at, end);
    const entry = parseEntry(record);
    if (entry) entries.push(entry);
    else refused(record.slice(record.indexOf('\t') + 1));
    at = end + 1;
  }
  return entries;
}

/** `<mode> <type> <oid> TAB <path>` */
function parseEntry(record: string): TreeEntry | undefined {
  const tab = record.indexOf('\t');
  const [mode, type, oid = ''] = record.slice(0, tab).split(' ');
  const path = record.slice(tab + 1);
  return mode === '100644' && type === 'blob' && isObjectId(oid) && isTreePath(path) ? { path, oid } : undefined;
}

/** Content of the object store, by object id or `<object id or ref>:<path>`. Ask for many at once: they travel together. */
export interface Blobs {
  /** The bytes of a file; nothing when there is no such file. Throws `unsupported` above 64 MiB. */
  read(revision: string): Promise<Buffer | undefined>;
  /** The bytes of many files in the order asked, a bounded number at a time. */
  readAll(revisions: Iterable<string>): AsyncGenerator<Buffer | undefined>;
  /** The object id of a file or folder. */
  id(revision: string): Promise<ObjectId | undefined>;
  /** The names of the files in a folder, without those we would never write. */
  names(revision: string): Promise<readonly string[]>;
  /** Ends the process behind it. */
  close(): Promise<void>;
}

/** Opens the object store for reading. One `cat-file` process serves all questions; it starts with the first. */
export function openBlobs(repository: Repository): Blobs {
  const reader = new ObjectReader(repository);
  const ask = async (command: 'contents' | 'info', revision: string) =>
    isRevision(revision) ? reader.ask(command, revision) : undefined;
  const read = async (revision: string): Promise<Buffer | undefined> => {
    const found = await ask('contents', revision);
    return found?.type === 'blob' ? found.content : undefined;
  };
  return {
    read,
    readAll: (revisions) => readAhead(revisions, read),
    id: async (revision) => (await ask('info', revision))?.oid,
    names: async (revision) => {
      const found = await ask('contents', revision);
      return found?.type === 'tree' ? fileNames(found.content, found.oid.length / 2) : [];
    },
    close: () => reader.close(),
  };
}

/** Names go to git on a line of their own: nothing else may pass. */
function isRevision(text: string): boolean {
  const colon = text.indexOf(':');
  const of = colon < 0 ? text : text.slice(0, colon);
  const known = isObjectId(of) || /^refs\/specstory(?:\/[A-Za-z0-9._-]+){1,8}$/.test(of);
  return known && (colon < 0 || isTreePath(text.slice(colon + 1)));
}

const ahead = 256;

async function* readAhead(
  revisions: Iterable<string>,
  read: (revision: string) => Promise<Buffer | undefined>,
): AsyncGenerator<Buffer | undefined> {
  let batch: string[] = [];
  for (const revision of revisions) {
    if (batch.push(revision) < ahead) continue;
    yield* await Promise.all(batch.map(read));
    batch = [];
  }
  yield* await Promise.all(batch.map(read));
}

/** A tree object is a row of `<mode> <name> NUL <id in bytes>`. */
function fileNames(tree: Buffer, idBytes: number): string[] {
  const names: string[] = [];
  for (let at = 0; at < tree.length; ) {
    const space = tree.indexOf(32, at);
    const end = tree.indexOf(0, space);
    if (space < 0 || end < 0) break;
    const name = tree.toString('utf8', space + 1, end);
    if (tree.toString('latin1', at, space) === '100644' && isTreeName(name)) names.push(name);
    at = end + 1 + idBytes;
  }
  return names;
}
