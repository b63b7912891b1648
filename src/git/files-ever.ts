import { isObjectId, type ObjectId } from '../core/ids.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';
import { isTreePath } from './tree-path.ts';

interface FileState {
  readonly path: string;
  readonly oid: ObjectId;
}

/** Every content that a file had in any commit behind a tip, without paths that we would never write. One `git log`. */
export async function filesEver(repository: Repository, tip: ObjectId): Promise<FileState[]> {
  const args = [
    'log',
    '--format=',
    '--raw',
    '--no-abbrev',
    '--no-renames',
    '--root',
    '-m',
    '-z',
    '--end-of-options',
    tip,
  ];
  const output = await runGit(args, { ...placeOf(repository), timeout: 600_000 });
  const words = output.toString('utf8').split('\0');
  const found = new Map<string, FileState>();
  for (const [index, word] of words.entries()) {
    // `:<mode> <mode> <object id> <object id> <letter>` NUL `<path>`
    const oid = /^\n?:\d+ \d+ [0-9a-f]+ ([0-9a-f]+) [A-Z]$/.exec(word)?.[1] ?? '';
    const path = words[index + 1] ?? '';
    if (isObjectId(oid) && !/^0+$/.test(oid) && isTreePath(path)) found.set(`${oid} ${path}`, { path, oid });
  }
  return [...found.values()];
}
