import { readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { isTemporary } from '../platform/atomic-file.ts';
import { ownFolder } from './own-folder.ts';
import { removeStaleLocks } from './ref-moves.ts';
import type { Repository } from './repository.ts';
import { removeScratches } from './scratch.ts';

/**
 * Mends what a crash left, when the lock was recovered from an owner that died: unfinished imports, half-written files of
 * ours, and lock files on our refs. The caller holds the lock. Packs that no ref reaches stay kept until
 * the next import has moved the refs, because it may use objects in them.
 */
export async function recover(repository: Repository): Promise<void> {
  removeScratches(repository);
  const folder = ownFolder(repository);
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    if (isTemporary(name)) rmSync(path.join(folder, name), { force: true });
  }
  await removeStaleLocks(repository);
}
