import { statSync } from 'node:fs';
import { join } from 'node:path';
import type { Entry, FileStat } from '../../core/host.ts';
import { asArray, asNumber, asObject, parseJson } from '../../core/json.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { readText } from './read-text.ts';

/**
 * A folder as it was at the last look: its entries, and what was known of those files in it that rest. Columns, because ten thousand
 * objects take several times as long to read.
 */
export interface RestingFolder {
  /** The folder's own time; -1 when it was still changing while it was listed, so that its names may be incomplete. */
  readonly modified: number;
  readonly names: readonly string[];
  /** One letter per entry. */
  readonly kinds: string;
  /** Size, time and inode of files that rest, and -1 for all else. */
  readonly sizes: readonly unknown[];
  readonly times: readonly unknown[];
  readonly inodes: readonly unknown[];
}

/** Files that rest, by agent and folder. */
export interface RestingFiles {
  /** When everything was looked at: milliseconds since 1970. */
  readonly made: number;
  readonly agents: ReadonlyMap<string, Map<string, RestingFolder>>;
}

/** Milliseconds in which a folder may change without its time telling: some file systems count in steps of two seconds. */
const quiet = 2000;

const letters: Readonly<Record<Entry['kind'], string>> = { file: 'f', folder: 'd', other: 'o' };

/** Whether a folder with this time, listed at `now`, will show by another time that something was added to it or taken away. */
export function isQuiet(modified: number | undefined, now: number): boolean {
  return modified !== undefined && modified < now - quiet;
}

/** What is to be remembered of a folder that was listed at `now`; `resting` gives what is known of the file at an index, when it rests. */
export function restingFolder(
  entries: readonly Entry[],
  { modified = -1, now }: { modified: number | undefined; now: number },
  resting: (index: number) => FileStat | undefined,
): RestingFolder {
  const stats = entries.map(({ kind }, index) => (kind === 'file' ? resting(index) : undefined));
  return {
    modified: isQuiet(modified, now) ? modified : -1,
    names: entries.map(({ name }) => name),
    kinds: entries.map(({ kind }) => letters[kind]).join(''),
    sizes: stats.map((stat) => stat?.size ?? -1),
    times: stats.map((stat) => stat?.modified ?? -1),
    inodes: stats.map((stat) => stat?.inode ?? -1),
  };
}

/** What was known of the entry at `index`, when it is a file that rests. */
export function restedStat({ sizes, times, inodes }: RestingFolder, index: number): FileStat | undefined {
  const [size, modified, inode] = [asNumber(sizes[index]), asNumber(times[index]), asNumber(inodes[index])];
  if (size === undefined || size < 0 || modified === undefined || inode === undefined) return undefined;
  return { size, modified, created: modified, inode, kind: 'file' };
}

/** Whether the entry at `index` is a file that rests and is what it was. It is asked ten thousand times: hence of Node itself. */
export function isUnchanged(path: string, { sizes, times, inodes }: RestingFolder, index: number): boolean {
  if (sizes[index] === -1) return false;
  try {
    const now = statSync(path, quietly);
    return (
      now?.isFile() === true && now.size === sizes[index] && now.mtimeMs === times[index] && now.ino === inodes[index]
    );
  } catch {
    // Whoever asks for it next hears why.
    return false;
  }
}

const quietly = { throwIfNoEntry: false } as const;

/** The kind of the entry at `index`. */
export function kindAt({ kinds }: RestingFolder, index: number): Entry['kind'] {
  const letter = kinds[index];
  return letter === 'f' ? 'file' : letter === 'd' ? 'folder' : 'other';
}

/** Reads the list below `folder`; nothing when there is none or it is damaged. */
export function readResting(folder: string): RestingFiles | undefined {
  const text = readText(join(folder, 'resting'));
  const { made, agents } = asObject(text === '' ? undefined : parseJson(text));
  if (typeof made !== 'number') return undefined;
  const read = Object.entries(asObject(agents)).map(([agent, folders]) => [agent, foldersIn(folders)] as const);
  return { made, agents: new Map(read) };
}

export async function writeResting(folder: string, { made, agents }: RestingFiles): Promise<void> {
  const all = [...agents].map(([agent, folders]) => [agent, Object.fromEntries(folders)]);
  await replaceFile(join(folder, 'resting'), JSON.stringify({ made, agents: Object.fromEntries(all) }));
}

/** There may be ten thousand names: a schema would take ten times as long. */
function foldersIn(value: unknown): Map<string, RestingFolder> {
  const folders = new Map<string, RestingFolder>();
  for (const [path, columns] of Object.entries(asObject(value))) {
    const { modified, names, kinds, sizes, times, inodes } = asObject(columns);
    const known = asArray(names).filter((name) => typeof name === 'string');
    if (typeof modified !== 'number' || typeof kinds !== 'string' || kinds.length !== known.length) continue;
    const [size, time, inode] = [asArray(sizes), asArray(times), asArray(inodes)];
    folders.set(path, { modified, names: known, kinds, sizes: size, times: time, inodes: inode });
  }
  return folders;
}
