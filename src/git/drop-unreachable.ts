import { releasePacks, rewriteList } from './packs.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit } from './run.ts';

/** What is there once is looked at once: no time goes into making it smaller. */
const config = ['core.fsync=all', 'pack.window=0', 'pack.writeBitmaps=false', 'repack.writeBitmaps=false'];
const hour = 3_600_000;

/**
 * Drops every object that no ref reaches, for good, from the repository of a server. What is reached is in one new pack, and on the disk, before the old ones
 * go. The caller has the repository to itself.
 */
export async function dropUnreachable(repository: Repository): Promise<void> {
  releasePacks(repository);
  const place = { ...placeOf(repository), config, timeout: hour };
  await runGit(['repack', '-a', '-d', '-q'], place);
  await runGit(['prune', '--expire=now'], place);
  await rewriteList(repository);
}
