import path from 'node:path';
import type { Repository } from './repository.ts';

/** Our folder in the git directory that all working trees share. */
export function ownFolder(repository: Pick<Repository, 'commonDir'>): string {
  return path.join(repository.commonDir, 'specstory');
}
