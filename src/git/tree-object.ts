import { SpecstoryError } from '../core/errors.ts';
import { isObjectId, type ObjectId } from '../core/ids.ts';
import { isTreeName } from './tree-path.ts';

export interface TreeObjectEntry {
  readonly name: string;
  readonly oid: ObjectId;
  readonly isFolder: boolean;
}

/**
 * The entries of a tree object (`<mode> <name> NUL <id in bytes>`, in git's order) that somebody else may have written. Throws `unsupported`
 * for a tree that is not one of ours: links and other modes, names that mean something to git or a file system, two names that are the
 * same on some file systems, a wrong order.
 */
export function parseTree(content: Buffer, idBytes: number): TreeObjectEntry[] {
  const entries: TreeObjectEntry[] = [];
  const names = new Set<string>();
  let last = '';
  for (let at = 0; at < content.length; ) {
    const space = content.indexOf(32, at);
    const end = content.indexOf(0, space);
    if (space < 0 || end < 0 || end + 1 + idBytes > content.length) refuse('a folder is damaged');
    const isFolder = folderOf(content.toString('latin1', at, space));
    const name = content.toString('utf8', space + 1, end);
    if (!isTreeName(name)) refuse(`the name ${shown(name)} is not allowed`);
    const order = isFolder ? `${name}/` : name;
    if (order <= last) refuse(`${shown(name)} is out of order`);
    if (names.size === names.add(name.toLowerCase()).size)
      refuse(`${shown(name)} is there twice, but for upper and lower case`);
    last = order;
    at = end + 1 + idBytes;
    const oid = content.toString('hex', end + 1, at);
    if (isObjectId(oid)) entries.push({ name, oid, isFolder });
  }
  return entries;
}

function folderOf(mode: string): boolean {
  if (mode !== '100644' && mode !== '40000') refuse(`mode ${shown(mode)} is not allowed: only files and folders`);
  return mode === '40000';
}

function refuse(why: string): never {
  throw new SpecstoryError('unsupported', why);
}

/** Part of a hostile text, harmless. */
function shown(text: string): string {
  return JSON.stringify(text.slice(0, 60)).replace(/[^ -~]/g, '?');
}
