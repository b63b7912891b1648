import { isObjectId } from '../core/ids.ts';
import { gitError } from './errors.ts';
import type { Repository } from './repository.ts';
import { placeOf, tryGit } from './run.ts';

/** Whether one commit is another or lies behind it. `false` as well for what is no commit here. Throws `unavailable` when git cannot tell. */
export async function isAncestor(repository: Repository, older: string, newer: string): Promise<boolean> {
  if (!isObjectId(older) || !isObjectId(newer)) return false;
  const args = ['merge-base', '--is-ancestor', '--end-of-options', older, newer];
  const outcome = await tryGit(args, placeOf(repository));
  if (outcome.code === 0 || outcome.code === 1) return outcome.code === 0;
  if (/Not a valid (?:commit|object) name|could not parse|bad object/i.test(outcome.stderr)) return false;
  throw gitError(args, repository.root, outcome);
}
