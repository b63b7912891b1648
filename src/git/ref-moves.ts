import { existsSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { ObjectId } from '../core/ids.ts';
import { type RefName, refs } from '../core/layout.ts';
import { syncFolder } from '../platform/atomic-file.ts';
import { gitError } from './errors.ts';
import type { Identity } from './identity.ts';
import type { KeptRef } from './kept.ts';
import type { Repository } from './repository.ts';
import { placeOf, tryGit } from './run.ts';
import type { WriterRef } from './writer-ref.ts';

/** A ref that we may move: our own, a writer's on a server, or one that keeps a tip. */
export type OurRef = RefName | WriterRef | KeptRef;

export interface RefMove {
  readonly ref: OurRef;
  /** Where the ref must be; absent when it must not exist. */
  readonly from: ObjectId | undefined;
  readonly to: ObjectId;
}

const args = ['update-ref', '--stdin'];

/**
 * Moves refs in one transaction and sees them to the disk. Throws `conflict` when one is not where it must be; none is moved then.
 * git writes the refs one after the other, in the order given, so that a crash in between leaves the first ones moved.
 */
export async function moveRefs(repository: Repository, moves: readonly RefMove[], who: Identity): Promise<void> {
  const updates = moves.map(
    ({ ref, from, to }) => `option no-deref\nupdate ${ref} ${to} ${from ?? '0'.repeat(to.length)}\n`,
  );
  await inTransaction(repository, updates, moves, who);
}

/** Deletes refs in one transaction and sees that to the disk. Throws as `moveRefs`. */
export async function deleteRefs(
  repository: Repository,
  tips: readonly { readonly ref: OurRef; readonly oid: ObjectId }[],
  who: Identity,
): Promise<void> {
  if (tips.length === 0) return;
  const deletes = tips.map(({ ref, oid }) => `option no-deref\ndelete ${ref} ${oid}\n`);
  await inTransaction(repository, deletes, tips, who);
}

async function inTransaction(
  repository: Repository,
  lines: readonly string[],
  moves: readonly { readonly ref: OurRef }[],
  who: Identity,
): Promise<void> {
  const outcome = await tryGit(args, {
    ...placeOf(repository),
    config: ['core.fsync=all'],
    // Asked for only where somebody has reflogs written for every ref.
    env: { GIT_COMMITTER_NAME: who.name, GIT_COMMITTER_EMAIL: who.email },
    input: `start\n${lines.join('')}prepare\ncommit\n`,
  });
  if (outcome.signal)
    await removeStaleLocks(
      repository,
      moves.map(({ ref }) => ref),
    );
  if (outcome.code !== 0) throw gitError(args, repository.root, outcome);
  const folder = path.join(repository.commonDir, 'refs', 'specstory');
  if (existsSync(folder)) syncFolder(folder);
}

/** Milliseconds. git holds a ref's lock for a moment only; one that stays as it is for so long has lost its owner. */
const moment = 2000;

/** Removes the lock files that a git which was killed left on our refs, or on those given. Only called when there was one. */
export async function removeStaleLocks(
  repository: Repository,
  names: readonly OurRef[] = Object.values(refs),
): Promise<void> {
  for (const name of [...names, 'packed-refs']) await removeStale(path.join(repository.commonDir, `${name}.lock`));
}

async function removeStale(file: string): Promise<void> {
  const before = statSync(file, { throwIfNoEntry: false });
  if (!before) return;
  // A clock that was set back dates a lock in the future.
  const since = Math.min(before.mtimeMs, Date.now());
  await pause(Math.max(0, moment - (Date.now() - since)));
  const after = statSync(file, { throwIfNoEntry: false });
  if (after?.ino === before.ino && after.mtimeMs === before.mtimeMs) rmSync(file, { force: true });
}
