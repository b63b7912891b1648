import { isObjectId, type ObjectId } from '../core/ids.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';

/** The commits that lie behind none of the others, by one `git merge-base`. All must be commits. Throws `unavailable` when git cannot tell. */
export async function independent(repository: Repository, commits: readonly ObjectId[]): Promise<ObjectId[]> {
  const distinct = [...new Set(commits)];
  if (distinct.length < 2) return distinct;
  const args = ['merge-base', '--independent', '--end-of-options', ...distinct];
  const output = await runGit(args, placeOf(repository));
  return output.toString('utf8').split('\n').filter(isObjectId);
}
