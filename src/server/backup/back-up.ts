import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import { copyHosted } from '../../git/copy-hosted.ts';
import { syncFolder } from '../../platform/atomic-file.ts';
import { writeError } from '../../platform/file-error.ts';
import { sealFolder } from '../../platform/seal-folder.ts';
import { copyStoreDatabase } from '../../platform/sqlite-store.ts';
import { openDataFolder } from '../data-folder.ts';
import { LocalRepositories } from '../repositories/local-repositories.ts';
import { shardedPath } from '../repositories/sharded-path.ts';
import type { LoadedSettings } from '../settings/load.ts';

/** What a backup has. */
export interface Backup {
  /** Where it lies, absolute. */
  readonly folder: string;
  readonly repositories: number;
  /** Refs of writers in them. */
  readonly refs: number;
}

/** Hears how many of the repositories are copied. */
export type BackupProgress = (done: number, total: number) => void;

/**
 * Copies a data directory as one that a server can be started on, while a server runs on it. In this order: the index, so that the repositories have all
 * that it tells of; the repositories; the accounts, so that no repository is there whose project they do not know. It appears whole at `target` or not at all.
 * Throws `usage` when something is there, `unsupported` for data in PostgreSQL.
 */
export async function backUp(
  { data, settings }: LoadedSettings,
  target: string,
  progress: BackupProgress = () => {},
): Promise<Backup> {
  await openDataFolder(data, { create: false });
  if (settings.database_url !== undefined)
    throw new SpecstoryError('unsupported', `what ${data} serves lies in a PostgreSQL database`, {
      hint: 'back that up, it has everything: pg_dump --format=custom --file=specstory.dump DATABASE_URL',
    });
  checkTarget(data, target);
  const draft = draftBeside(target);
  try {
    copyDatabase(data, draft, 'index.sqlite');
    const copied = await copyRepositories(data, draft, progress);
    copyDatabase(data, draft, 'accounts.sqlite');
    for (const name of ['server.toml', 'version']) copyFile(data, draft, name);
    sealFolder(draft);
    appear(draft, target);
    return { folder: target, ...copied };
  } catch (thrown) {
    rmSync(draft, { recursive: true, force: true });
    throw thrown;
  }
}

function checkTarget(data: string, target: string): void {
  const inside = path.relative(data, target);
  if (inside === '' || !(inside.startsWith('..') || path.isAbsolute(inside)))
    throw new SpecstoryError('usage', `${target} lies in the data directory`, { hint: 'name a folder elsewhere' });
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new SpecstoryError('usage', `${target} holds something`, {
      hint: 'name a folder that is empty or new: specstory cloud backup DIR',
    });
}

function draftBeside(target: string): string {
  try {
    mkdirSync(path.dirname(target), { recursive: true });
    return mkdtempSync(`${target}.unfinished-`);
  } catch (cause) {
    throw writeError(target, cause);
  }
}

async function copyRepositories(data: string, draft: string, progress: BackupProgress) {
  const repositories = new LocalRepositories(data);
  const keys = await repositories.keys();
  let refs = 0;
  for (const [done, key] of keys.entries()) {
    progress(done, keys.length);
    const tips = await copyHosted(await repositories.open(key), path.join(draft, 'repositories', shardedPath(key)));
    refs += tips.length;
  }
  progress(keys.length, keys.length);
  return { repositories: keys.length, refs };
}

/** One that is not there is made by the first start on the copy. */
function copyDatabase(data: string, draft: string, name: string): void {
  if (existsSync(path.join(data, name))) copyStoreDatabase(path.join(data, name), path.join(draft, name));
}

function copyFile(data: string, draft: string, name: string): void {
  const from = path.join(data, name);
  try {
    if (existsSync(from)) copyFileSync(from, path.join(draft, name));
  } catch (cause) {
    throw writeError(path.join(draft, name), cause);
  }
}

/** A folder that is empty gives way; one that somebody filled meanwhile does not. */
function appear(draft: string, target: string): void {
  try {
    renameSync(draft, target);
    syncFolder(path.dirname(target));
  } catch (cause) {
    throw writeError(target, cause);
  }
}
