import { closeSync, lstatSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, type Stats } from 'node:fs';
import path from 'node:path';
import { reason, SpecstoryError } from '../../core/errors.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { kindOf } from '../../platform/host.ts';

/** One step of a plan. Contents are bytes, because files of others may hold anything. */
export type Change =
  | {
      readonly kind: 'write';
      readonly file: string;
      /** What it does, in words for people. */
      readonly what: string;
      readonly before: Buffer | undefined;
      readonly after: Buffer;
      /** Permissions of a new file. */
      readonly mode?: number;
      /** A file that is made for the time of the change, as git does for its own files. */
      readonly lock?: string;
    }
  | { readonly kind: 'remove'; readonly file: string; readonly what: string; readonly before: Buffer }
  | { readonly kind: 'move'; readonly file: string; readonly what: string; readonly to: string };

/**
 * Makes the changes in order, all or none: when one fails, those before it are taken back. Throws `conflict` when a file is not
 * as the plan saw it, and `denied` or `unavailable` when it cannot be written.
 */
export async function applyChanges(changes: readonly Change[]): Promise<void> {
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const change of changes) undo.unshift(await applyChange(change));
  } catch (thrown) {
    for (const step of undo) await step().catch(() => {});
    throw thrown;
  }
}

/** The bytes of a file; nothing when there is none. Throws `denied` or `unavailable`. */
export function readBytes(file: string): Buffer | undefined {
  try {
    return readFileSync(file);
  } catch (cause) {
    if (kindOf(cause) === 'not-found') return undefined;
    throw new SpecstoryError(kindOf(cause), `cannot read ${file}: ${reason(cause)}`, { cause });
  }
}

/** The change that gives a file new content; none when it has it. */
export function replacement(file: string, after: Buffer, what: string): Change[] {
  const before = readBytes(file);
  return before?.equals(after) ? [] : [{ kind: 'write', file, what, before, after }];
}

/** The change that removes a file; none when it is not there. */
export function removal(file: string, what: string): Change[] {
  const before = readBytes(file);
  return before ? [{ kind: 'remove', file, what, before }] : [];
}

/** The folders above `file` that are not there, the innermost first. */
export function missingFolders(file: string): string[] {
  const missing: string[] = [];
  for (
    let folder = path.dirname(file);
    !lookAt(folder) && folder !== path.dirname(folder);
    folder = path.dirname(folder)
  ) {
    missing.push(folder);
  }
  return missing;
}

/** What is at a path, a link as such; nothing when there is none. Throws `denied` or `unavailable`. */
export function lookAt(file: string): Stats | undefined {
  try {
    return lstatSync(file);
  } catch (cause) {
    if (kindOf(cause) === 'not-found') return undefined;
    throw new SpecstoryError(kindOf(cause), `cannot see ${file}: ${reason(cause)}`, { cause });
  }
}

/** Does it and gives what takes it back. */
async function applyChange(change: Change): Promise<() => Promise<void>> {
  if (change.kind === 'move') return move(change.file, change.to);
  const mode = lookAt(change.file)?.mode;
  const permissions = mode === undefined ? {} : { mode: mode & 0o7777 };
  const { file, before } = change;
  const now = readBytes(file);
  if (before === undefined ? now !== undefined : now === undefined || !before.equals(now)) throw changedMeanwhile(file);
  if (change.kind === 'write') await write(change);
  else writing(file, () => rmSync(file));
  return async () => (before === undefined ? rmSync(file, { force: true }) : replaceFile(file, before, permissions));
}

async function write({ file, after, before, mode, lock }: Extract<Change, { kind: 'write' }>): Promise<void> {
  writing(file, () => mkdirSync(path.dirname(file), { recursive: true }));
  if (lock !== undefined) writing(lock, () => closeSync(openSync(lock, 'wx')));
  try {
    await replaceFile(file, after, before === undefined && mode !== undefined ? { mode } : {});
  } finally {
    if (lock !== undefined) rmSync(lock, { force: true });
  }
}

function move(file: string, to: string): () => Promise<void> {
  if (lookAt(to)) throw changedMeanwhile(to);
  writing(file, () => renameSync(file, to));
  return async () => renameSync(to, file);
}

function changedMeanwhile(file: string): SpecstoryError {
  return new SpecstoryError('conflict', `${file} was changed by somebody else`, { hint: 'run the command again' });
}

function writing(file: string, work: () => void): void {
  try {
    work();
  } catch (cause) {
    const hint = 'check who owns it and its folder';
    throw new SpecstoryError(kindOf(cause), `cannot write ${file}: ${reason(cause)}`, { hint, cause });
  }
}
