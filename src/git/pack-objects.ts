import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { runGit } from './run.ts';
import type { Scratch } from './scratch.ts';

const config = ['pack.compression=1', 'pack.packSizeLimit=0', 'core.fsync=all'];

/**
 * Makes one pack in a scratch folder, from revisions, from the names of packs or from object ids, without looking for deltas; gives the
 * folder it lies in.
 */
export async function packObjects(
  scratch: Scratch,
  from: '--revs' | '--stdin-packs' | 'ids',
  input: string,
): Promise<string> {
  const folder = path.join(scratch.place.gitDir, 'packed');
  mkdirSync(folder);
  const args = ['pack-objects', ...(from === 'ids' ? [] : [from]), '--quiet', '--window=0', path.join(folder, 'pack')];
  await runGit(args, { ...scratch.place, config, input, timeout: 600_000 });
  return folder;
}
