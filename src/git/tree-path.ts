const part = /^[A-Za-z0-9._-]{1,120}$/;
const depth = 5;

/**
 * Whether a path may stand in a tree of ours: at most five parts of plain letters, none of which means something to
 * git or to a file system. Asked before writing, and of every path read from a tree that somebody else may have written.
 */
export function isTreePath(path: string): boolean {
  const parts = path.split('/');
  return parts.length <= depth && parts.every(isTreeName);
}

/** Whether a text may be one part of such a path. */
export function isTreeName(name: string): boolean {
  return part.test(name) && !/^\.+$|^\.git|\.lock$/i.test(name);
}
