import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { isObjectId, type ObjectId } from '../core/ids.ts';
import { refs } from '../core/layout.ts';
import { writeError } from '../platform/file-error.ts';
import { ownFolder } from './own-folder.ts';
import type { OurRef } from './ref-moves.ts';
import type { Repository } from './repository.ts';
import { type OpenPlace, placeOf } from './run.ts';

const prefix = 'import-';

/**
 * A small git directory of its own below ours, which borrows the objects of the repository. What is made here is seen by nobody until
 * it is moved: neither a ref nor a half-written pack lies where a `git gc` at the same moment would find it, and a
 * crash leaves one folder to remove. The repository's own configuration is not read.
 */
export interface Scratch {
  readonly place: OpenPlace;
  /** Where finished packs appear. */
  readonly packs: string;
  /** Where a ref stands here. */
  tip(ref: OurRef): ObjectId | undefined;
  remove(): void;
}

/** Makes one in `folder`, our own unless told. Throws `denied` or `unavailable` when nothing can be written; nothing is left then. */
export function openScratch(repository: Repository, folder = ownFolder(repository)): Scratch {
  let gitDir: string | undefined;
  try {
    mkdirSync(folder, { recursive: true });
    gitDir = mkdtempSync(path.join(folder, prefix));
    return makeScratch(repository, gitDir);
  } catch (thrown) {
    if (gitDir) rmSync(gitDir, { recursive: true, force: true });
    throw writeError(folder, thrown);
  }
}

function makeScratch(repository: Repository, gitDir: string): Scratch {
  const packs = path.join(gitDir, 'objects', 'pack');
  mkdirSync(packs, { recursive: true });
  mkdirSync(path.join(gitDir, 'objects', 'info'));
  mkdirSync(path.join(gitDir, 'refs'));
  writeFileSync(path.join(gitDir, 'objects', 'info', 'alternates'), `${repository.commonDir}/objects\n`);
  writeFileSync(path.join(gitDir, 'HEAD'), `ref: ${refs.history}\n`);
  writeFileSync(path.join(gitDir, 'config'), configFor(repository));
  return {
    place: placeOf({ ...repository, root: gitDir, gitDir }),
    packs,
    tip: (ref) => readRef(path.join(gitDir, ref)),
    remove: () => rmSync(gitDir, { recursive: true, force: true }),
  };
}

/** Removes what crashed imports left. The caller holds the lock, so that none of them is alive. */
export function removeScratches(repository: Repository): void {
  const folder = ownFolder(repository);
  for (const name of readdirSync(folder)) {
    if (name.startsWith(prefix)) rmSync(path.join(folder, name), { recursive: true, force: true });
  }
}

function configFor({ objectFormat }: Repository): string {
  if (objectFormat === 'sha1') return '[core]\n\trepositoryformatversion = 0\n\tbare = true\n';
  return `[core]\n\trepositoryformatversion = 1\n\tbare = true\n[extensions]\n\tobjectformat = ${objectFormat}\n`;
}

function readRef(file: string): ObjectId | undefined {
  try {
    const text = readFileSync(file, 'utf8').trim();
    return isObjectId(text) ? text : undefined;
  } catch {
    return undefined;
  }
}
