import { randomBytes } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import type { WriterId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { readText } from '../capture/read-text.ts';
import type { Context } from '../context.ts';

const markSchema = z.strictObject({
  writer: z.string(),
  /** A random name of the machine; absent where nothing can be kept in the home folder. */
  machine: z.string().optional(),
  /** The common git directory: its number in the file system, and where it is. */
  inode: z.string(),
  path: z.string(),
});
type Mark = z.infer<typeof markSchema>;

/**
 * Whether the git directory is the one in which its writer was minted. Moving it within a file system keeps its number; between file systems, and back from a
 * backup, the number changes and nothing is left at the old place, or it is the same place. A copy on the same machine leaves the first one where it
 * was. On another machine both number and machine differ, and that counts as a copy: then the worst is one more writer. What this cannot see
 * (a copied disk image) shows when the two have pushed: see `divergences`.
 */
export type Placement = 'unmarked' | 'same' | 'moved' | 'copied';

/** Compares the mark with how things are. Reads only. */
export function placementOf(context: Context, writer: WriterId): Placement {
  const mark = markSchema.safeParse(parseJson(readText(context.place('clone')))).data;
  if (!mark || mark.writer !== writer) return 'unmarked';
  const now = markNow(context, writer, readText(machinePath(context)).trim() || undefined);
  if (now.inode === mark.inode) return 'same';
  if (mark.machine === undefined || now.machine !== mark.machine) return 'copied';
  return mark.path !== now.path && isStillThere(mark) ? 'copied' : 'moved';
}

/** Marks the git directory as the place of its writer. */
export async function markClone(context: Context, writer: WriterId): Promise<void> {
  const text = JSON.stringify(markNow(context, writer, machineId(context)));
  mkdirSync(context.folder, { recursive: true });
  if (readText(context.place('clone')) !== text) await replaceFile(context.place('clone'), text);
}

function markNow({ repository }: Context, writer: WriterId, machine: string | undefined): Mark {
  const path = repository.commonDir;
  return { writer, ...(machine ? { machine } : {}), inode: inodeOf(path) ?? '', path };
}

function isStillThere({ path, inode, writer }: Mark): boolean {
  return inodeOf(path) === inode && readText(join(path, 'specstory', 'writer')).trim() === writer;
}

function inodeOf(path: string): string | undefined {
  return statSync(path, { bigint: true, throwIfNoEntry: false })?.ino.toString();
}

/** A random name for this machine, made when it is first needed. It never leaves the machine. */
function machineId(context: Context): string | undefined {
  const path = machinePath(context);
  const known = readText(path).trim();
  if (/^[0-9a-f]{32}$/.test(known)) return known;
  try {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, `${randomBytes(16).toString('hex')}\n`, { flag: 'wx' });
    return readText(path).trim() || undefined;
  } catch {
    return undefined;
  }
}

function machinePath({ host }: Context): string {
  const state = host.env('XDG_STATE_HOME') ?? host.env('LOCALAPPDATA') ?? join(host.home ?? '/', '.local', 'state');
  return join(state, 'specstory', 'machine');
}
