import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, openSync } from 'node:fs';
import { open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import nodePath from 'node:path';
import { reason, SpecstoryError } from '../core/errors.ts';
import { writeError } from './file-error.ts';
import { kindOf } from './host.ts';

/** Whether a file name is one that `replaceFile` uses until the content is complete; a crash can leave such a file behind. */
export function isTemporary(name: string): boolean {
  return /\.[0-9a-f]{12}\.tmp$/.test(name);
}

/**
 * Puts new content in the place of a file, whole or not at all, and on the disk. A link stays a link: its target is replaced.
 * The mode is that of the file before, unless given. Throws `denied`, `not-found` (no folder) or `unavailable` (no space …);
 * the old file is untouched then.
 */
export async function replaceFile(
  path: string,
  content: string | Uint8Array,
  options: { mode?: number } = {},
): Promise<void> {
  await writing(path, async () => {
    const target = await realpath(path).catch(() => path);
    const mode = options.mode ?? (await modeOf(target));
    const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
    try {
      await writeNew(temporary, content, mode);
      await rename(temporary, target);
    } catch (thrown) {
      await rm(temporary, { force: true });
      throw thrown;
    }
    syncFolder(nodePath.dirname(target));
  });
}

/**
 * Adds a line to a file, which is made when it is missing, and sees it to the disk. A last line that a crash left without its
 * end is ended first, so that it spoils itself only.
 */
export async function appendLine(path: string, line: string): Promise<void> {
  await writing(path, async () => {
    const file = await open(path, 'a+');
    try {
      const { size } = await file.stat();
      const last = Buffer.alloc(1);
      if (size > 0) await file.read(last, 0, 1, size - 1);
      await file.appendFile(size > 0 && last[0] !== 10 ? `\n${line}\n` : `${line}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
  });
}

/** The text of a file; nothing when there is none. Throws `denied` or `unavailable` when it is there and cannot be read. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    if (kindOf(cause) === 'not-found') return undefined;
    throw new SpecstoryError(kindOf(cause), `cannot read ${path}: ${reason(cause)}`, { cause });
  }
}

/** Sees the names in a folder to the disk, where the system can do that for folders. Throws `unavailable` when the disk fails. */
export function syncFolder(path: string): void {
  try {
    const folder = openSync(path, 'r');
    try {
      fsyncSync(folder);
    } finally {
      closeSync(folder);
    }
  } catch (thrown) {
    const code = thrown instanceof Error && 'code' in thrown ? thrown.code : undefined;
    if (code === 'EIO' || code === 'ENOSPC') throw writeError(path, thrown);
  }
}

async function writeNew(path: string, content: string | Uint8Array, mode: number | undefined): Promise<void> {
  const file = await open(path, 'wx', mode ?? 0o666);
  try {
    await file.writeFile(content);
    if (mode !== undefined) await file.chmod(mode);
    await file.sync();
  } finally {
    await file.close();
  }
}

async function modeOf(path: string): Promise<number | undefined> {
  const found = await stat(path).catch(() => undefined);
  return found && found.mode & 0o7777;
}

async function writing(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    throw writeError(path, cause);
  }
}
