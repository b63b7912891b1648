import { existsSync } from 'node:fs';
import path from 'node:path';
import { hasAllObjects } from './pack-index.ts';
import { packObjects } from './pack-objects.ts';
import {
  adoptPacks,
  ownPacks,
  type Pack,
  packFolder,
  releasePacks,
  removePack,
  rewriteList,
  tendList,
} from './packs.ts';
import type { Repository } from './repository.ts';
import { openScratch } from './scratch.ts';

const most = 20;

/**
 * Makes one pack of our small ones when there are twenty, so that a capture per commit neither slows git down nor
 * sets off its own `gc --auto` (at 50 packs). Packs of others are never touched, nor is anything done while git is at it.
 * It is upkeep: when it fails (another process took a pack away, the disk is full), everything stays as it is until the next time.
 */
export async function consolidate(repository: Repository): Promise<void> {
  await removePacks(repository, await mergePacks(repository));
}

/**
 * The same, but leaves the packs where they are of which there is one now, and gives their names: somebody may be reading them. Those in `leaving` were given
 * before. Never throws.
 */
export async function mergePacks(
  repository: Repository,
  leaving: ReadonlySet<string> = new Set(),
): Promise<readonly string[]> {
  try {
    const packs = stayingPacks(repository, leaving);
    if (packs.length >= most && !isGitAtIt(repository)) return await merge(repository, smallest(packs));
    await tendList(repository);
  } catch {
    // The packs are where they were.
  }
  return [];
}

/** Removes packs whose objects are elsewhere as well. Never throws. */
export async function removePacks(repository: Repository, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  try {
    for (const name of names) removePack(repository, name);
    await rewriteList(repository);
  } catch {
    // What is left is merged once more.
  }
}

/** Whether there are so many packs of ours that it is time to. */
export function isScattered(repository: Repository, leaving: ReadonlySet<string>): boolean {
  return stayingPacks(repository, leaving).length >= most;
}

function stayingPacks(repository: Repository, leaving: ReadonlySet<string>): Pack[] {
  return ownPacks(repository).filter(({ name }) => !leaving.has(name));
}

/** A running gc rewrites the packs itself. A multi-pack index names packs, and git's own maintenance keeps both in order. */
function isGitAtIt(repository: Repository): boolean {
  const folder = packFolder(repository);
  return [
    path.join(repository.commonDir, 'gc.pid'),
    path.join(folder, 'multi-pack-index'),
    path.join(folder, 'multi-pack-index.d'),
  ].some(existsSync);
}

/** At least half of them, and then each that is not far larger than those before it together: every byte is rewritten a few times only. */
function smallest(packs: readonly Pack[]): string[] {
  const chosen: string[] = [];
  let sum = 0;
  for (const { name, size } of packs) {
    if (chosen.length >= packs.length / 2 && size > 2 * sum) break;
    chosen.push(name);
    sum += size;
  }
  return chosen;
}

/** Gives the packs whose objects are all in a new one, which is in place. */
async function merge(repository: Repository, names: readonly string[]): Promise<string[]> {
  const scratch = openScratch(repository);
  try {
    const folder = await packObjects(scratch, '--stdin-packs', names.map((name) => `${name}.pack\n`).join(''));
    const [made = '', ...more] = await adoptPacks(repository, folder);
    const index = (name: string): string => path.join(packFolder(repository), `${name}.idx`);
    const width = repository.objectFormat === 'sha256' ? 32 : 20;
    // Nothing is taken away on the word of a process.
    if (more.length > 0 || !hasAllObjects(index(made), names.map(index), width)) return [];
    releasePacks(repository);
    return names.filter((name) => name !== made);
  } finally {
    scratch.remove();
  }
}
