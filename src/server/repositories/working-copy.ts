import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { makeHostedRepository } from '../../git/hosted.ts';
import { setRefs } from '../../git/packed-refs.ts';
import { adoptPacks, packFolder, releasePacks } from '../../git/packs.ts';
import type { Repository } from '../../git/repository.ts';
import { openScratch } from '../../git/scratch.ts';
import type { WriterTip } from '../../git/writer-ref.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Session } from '../store/postgres/database.ts';
import type { SharedState } from '../store/postgres/git-tables.ts';
import { downloadPack } from './pack-transfer.ts';

/** The names of the packs that a repository has, whole. */
export function wholePacks(repository: Repository): Set<string> {
  const files = new Set(existsSync(packFolder(repository)) ? readdirSync(packFolder(repository)) : []);
  const names = [...files].flatMap((file) => /^(pack-[0-9a-f]{40})\.idx$/.exec(file)?.[1] ?? []);
  return new Set(names.filter((name) => files.has(`${name}.pack`)));
}

/** Fetches the packs of a state that a repository lacks. Throws `not-found` when one is not in the database any more. */
export async function fetchPacks(
  session: Session,
  project: string,
  repository: Repository,
  state: SharedState,
): Promise<void> {
  const here = wholePacks(repository);
  const missing = [...state.packs].filter((pack) => !here.has(pack));
  if (missing.length === 0) return;
  const scratch = openScratch(repository);
  try {
    for (const pack of missing) {
      await downloadPack(session, { project, pack, folder: scratch.packs });
      await adoptPacks(repository, scratch.packs);
    }
    releasePacks(repository);
  } finally {
    scratch.remove();
  }
}

/** The packs that are not of a state: what a failed push left, or what was made one with others or purged elsewhere. */
export function otherPacks(repository: Repository, state: SharedState): string[] {
  return [...wholePacks(repository)].filter((pack) => !state.packs.has(pack));
}

/**
 * Shows a repository in another one that has refs of its own and borrows all objects: what is done in the first is not seen before it is
 * shown again.
 */
export async function show(repository: Repository, gitDir: string, tips: readonly WriterTip[]): Promise<void> {
  const shown = makeHostedRepository(gitDir);
  await replaceFile(path.join(gitDir, 'objects', 'info', 'alternates'), `${path.dirname(packFolder(repository))}\n`);
  await setRefs(shown, tips);
}
