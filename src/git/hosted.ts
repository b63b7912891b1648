import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { syncFolder } from '../platform/atomic-file.ts';
import { writeError } from '../platform/file-error.ts';
import type { Repository } from './repository.ts';

/** The bare repository that a server keeps in `gitDir`. Nothing is looked at. */
export function hostedRepository(gitDir: string): Repository {
  return { root: gitDir, gitDir, commonDir: gitDir, roots: [], objectFormat: 'sha1', hosted: true };
}

/**
 * The bare repository in `gitDir`, made when there is none. It appears whole or not at all, also when two make it at once; a crash leaves a
 * folder `new-…` beside it. Throws `denied` or `unavailable`.
 */
export function makeHostedRepository(gitDir: string): Repository {
  if (existsSync(gitDir)) return hostedRepository(gitDir);
  const parent = path.dirname(gitDir);
  try {
    mkdirSync(parent, { recursive: true, mode: 0o700 });
    const folder = mkdtempSync(path.join(parent, unfinished));
    fill(folder);
    appear(folder, gitDir);
    syncFolder(parent);
    return hostedRepository(gitDir);
  } catch (thrown) {
    throw writeError(gitDir, thrown);
  }
}

/** How the name of a repository begins that is being made. */
export const unfinished = 'new-';

function fill(folder: string): void {
  for (const name of ['objects/pack', 'objects/info', 'refs', 'specstory']) {
    mkdirSync(path.join(folder, name), { recursive: true });
  }
  // A branch that never is: git wants a HEAD.
  writeFileSync(path.join(folder, 'HEAD'), 'ref: refs/heads/none\n');
  writeFileSync(path.join(folder, 'config'), '[core]\n\trepositoryformatversion = 0\n\tbare = true\n');
}

/** A folder that is not empty is never replaced: the first of two that make the same wins. */
function appear(folder: string, gitDir: string): void {
  try {
    renameSync(folder, gitDir);
  } catch (thrown) {
    rmSync(folder, { recursive: true, force: true });
    if (!existsSync(gitDir)) throw thrown;
  }
}
