import { isObjectId, type ObjectId } from '../core/ids.ts';
import { ObjectReader } from './object-reader.ts';
import type { Repository } from './repository.ts';
import { isTreeName } from './tree-path.ts';

/** A commit, as far as it concerns who reads trees. */
export interface Commit {
  readonly tree: ObjectId;
  /** `Name <email>`, as the writer of the commit has it: text from outside. */
  readonly author: string;
}

/** A file or folder of a tree. */
export interface TreeNode {
  readonly name: string;
  readonly kind: 'file' | 'folder';
  readonly oid: ObjectId;
}

/** A folder, and what is in it that we would never write: links, submodules, programs, names that mean something to git or a file system. */
export interface Tree {
  readonly nodes: readonly TreeNode[];
  readonly refused: readonly string[];
}

/** The object store by object ids, for reading trees that somebody else may have written. Ask for many at once: they travel together. */
export interface Objects {
  /** Nothing when it is no commit, or not there. */
  commit(oid: ObjectId): Promise<Commit | undefined>;
  /** Nothing when it is no tree, or not there. Throws `unsupported` above 16 MiB, some 200,000 entries. The same tree is read once. */
  tree(oid: ObjectId): Promise<Tree | undefined>;
  /** Nothing when it is no file, or not there. Throws `unsupported` above `limit` bytes. */
  file(oid: ObjectId, limit: number): Promise<Buffer | undefined>;
  /** Ends the process behind it. */
  close(): Promise<void>;
}

const largest = { commit: 1 << 20, tree: 16 << 20 };

/** Opens the object store. One `cat-file` process serves all questions; it starts with the first. */
export function openObjects(repository: Repository): Objects {
  const reader = new ObjectReader(repository);
  const trees = new Map<ObjectId, Promise<Tree | undefined>>();
  const ask = async (type: string, oid: ObjectId, limit: number) => {
    const found = await reader.ask('contents', oid, limit);
    return found?.type === type ? found.content : undefined;
  };
  const tree = async (oid: ObjectId) => {
    const content = await ask('tree', oid, largest.tree);
    return content && parseTree(content, oid.length / 2);
  };
  return {
    commit: async (oid) => {
      const content = await ask('commit', oid, largest.commit);
      return content && parseCommit(content.toString('utf8'));
    },
    tree: (oid) => {
      const known = trees.get(oid) ?? tree(oid);
      trees.set(oid, known);
      return known;
    },
    file: (oid, limit) => ask('blob', oid, limit),
    close: () => reader.close(),
  };
}

function parseCommit(text: string): Commit | undefined {
  const head = text.slice(0, text.indexOf('\n\n'));
  const tree = /^tree (\S+)$/m.exec(head)?.[1] ?? '';
  const author = /^author (.*) \d+ [+-]\d+$/m.exec(head)?.[1] ?? '';
  return isObjectId(tree) ? { tree, author } : undefined;
}

/** A tree object is a row of `<mode> <name> NUL <id in bytes>`. */
function parseTree(content: Buffer, idBytes: number): Tree {
  const nodes: TreeNode[] = [];
  const refused: string[] = [];
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0) break;
    const mode = content.toString('latin1', at, space);
    const name = content.toString('utf8', space + 1, end);
    at = end + 1 + idBytes;
    const oid = content.toString('hex', end + 1, at);
    const kind = mode === '100644' ? 'file' : mode === '40000' ? 'folder' : undefined;
    if (kind && isTreeName(name) && isObjectId(oid)) nodes.push({ name, kind, oid });
    else refused.push(name);
  }
  return { nodes, refused };
}
