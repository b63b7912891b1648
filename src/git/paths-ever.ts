import type { ObjectId } from '../core/ids.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';
import { isTreePath } from './tree-path.ts';

/** Every path that any commit behind a tip has changed, without those that we would never write. One `git log`. */
export async function pathsEver(repository: Repository, tip: ObjectId): Promise<string[]> {
  const args = ['log', '--format=', '--name-only', '--no-renames', '--root', '-z', '--end-of-options', tip];
  const output = await runGit(args, { ...placeOf(repository), timeout: 600_000 });
  return [...new Set(output.toString('utf8').split('\0'))].filter(isTreePath);
}
