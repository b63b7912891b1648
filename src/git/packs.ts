import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { appendLine, replaceFile, syncFolder } from '../platform/atomic-file.ts';
import { writeError } from '../platform/file-error.ts';
import { ownFolder } from './own-folder.ts';
import type { Repository } from './repository.ts';

/** Content of a `.keep` file of ours: git leaves a kept pack alone, and by this text we know it again. */
const keepMark = 'specstory\n';
const packName = /^pack-[0-9a-f]{40,64}$/;

/** Where a repository keeps its packs. */
export function packFolder(repository: Pick<Repository, 'commonDir'>): string {
  return path.join(repository.commonDir, 'objects', 'pack');
}

/** The list of the packs we added. A pack that git has taken up into another one stays listed until the list is rewritten. */
function listPath(repository: Repository): string {
  return path.join(ownFolder(repository), 'packs');
}

/**
 * Moves finished packs from `folder` into the repository, each under a `.keep`, so that no `git gc` drops it before a ref
 * reaches its objects. The folder is on disk when this returns, and the names are given. Throws `denied` or `unavailable`.
 */
export async function adoptPacks(repository: Repository, folder: string): Promise<string[]> {
  const into = packFolder(repository);
  try {
    mkdirSync(into, { recursive: true });
    const names = packsIn(folder);
    for (const name of names) await adopt(repository, folder, name);
    syncFolder(into);
    return names;
  } catch (thrown) {
    throw writeError(into, thrown);
  }
}

/** The index comes last: with it git sees the pack. Every file appears whole, so that a crash leaves nothing that is not known for ours. */
async function adopt(repository: Repository, folder: string, name: string): Promise<void> {
  const into = packFolder(repository);
  if (existsSync(path.join(into, `${name}.idx`))) return;
  await appendLine(listPath(repository), name);
  writeFileSync(path.join(folder, `${name}.keep`), keepMark);
  // As git does with core.sharedRepository: who may enter the folder may read the packs.
  const mode = statSync(into).mode & 0o444;
  try {
    for (const extension of ['.keep', '.pack', '.rev', '.idx']) {
      const from = path.join(folder, name + extension);
      if (!existsSync(from)) continue;
      chmodSync(from, mode);
      renameSync(from, path.join(into, name + extension));
    }
  } catch (thrown) {
    removePack(repository, name);
    throw thrown;
  }
}

/** Lets git have its way with our packs again, once the refs reach everything in them. What a crash left of a pack is removed. */
export function releasePacks(repository: Repository): void {
  const folder = packFolder(repository);
  for (const name of keptPacks(repository)) {
    if (existsSync(path.join(folder, `${name}.idx`))) rmSync(path.join(folder, `${name}.keep`), { force: true });
    else removePack(repository, name);
  }
}

/** Removes a pack, the index first, so that nobody looks for objects in it. */
export function removePack(repository: Repository, name: string): void {
  for (const extension of ['.idx', '.rev', '.pack', '.keep']) {
    rmSync(path.join(packFolder(repository), name + extension), { force: true });
  }
}

export interface Pack {
  readonly name: string;
  /** Bytes. */
  readonly size: number;
}

/** The packs we added that are still there, the smallest first. One that somebody keeps or that git has given more files is no longer ours alone. */
export function ownPacks(repository: Repository): Pack[] {
  const folder = packFolder(repository);
  const lines = existsSync(listPath(repository)) ? readFileSync(listPath(repository), 'utf8').split('\n') : [];
  const names = new Set(lines.filter((line) => packName.test(line)));
  const extensions = new Map<string, string[]>();
  for (const { name, ext } of readdirSync(folder).map((file) => path.parse(file))) {
    if (names.has(name)) extensions.set(name, [...(extensions.get(name) ?? []), ext]);
  }
  return [...extensions]
    .filter(([, found]) => found.includes('.idx') && found.every((ext) => ['.pack', '.idx', '.rev'].includes(ext)))
    .map(([name]) => ({
      name,
      size: statSync(path.join(folder, `${name}.pack`), { throwIfNoEntry: false })?.size ?? 0,
    }))
    .sort((a, b) => a.size - b.size);
}

/** Shortens the list when it has become long: git's own gc takes up our packs and knows nothing of the list. */
export async function tendList(repository: Repository): Promise<void> {
  if ((statSync(listPath(repository), { throwIfNoEntry: false })?.size ?? 0) > 32 << 10) await rewriteList(repository);
}

/** Shortens the list to the packs that are still there and ours alone. */
export async function rewriteList(repository: Repository): Promise<void> {
  const names = ownPacks(repository).map(({ name }) => name);
  await replaceFile(listPath(repository), names.map((name) => `${name}\n`).join(''));
}

/** The names of the packs in a folder. */
function packsIn(folder: string): string[] {
  const files = readdirSync(folder).map((file) => path.parse(file));
  return files.filter(({ name, ext }) => ext === '.pack' && packName.test(name)).map(({ name }) => name);
}

/** Packs under a `.keep` of ours. */
function keptPacks(repository: Repository): string[] {
  const folder = packFolder(repository);
  const files = existsSync(folder) ? readdirSync(folder).map((file) => path.parse(file)) : [];
  return files
    .filter(({ name, ext, base }) => ext === '.keep' && packName.test(name) && isOurs(path.join(folder, base)))
    .map(({ name }) => name);
}

function isOurs(keep: string): boolean {
  try {
    return readFileSync(keep, 'utf8') === keepMark;
  } catch {
    return false;
  }
}
