import { chmodSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { SpecstoryError } from '../core/errors.ts';
import { readIfThere, replaceFile } from '../platform/atomic-file.ts';
import { writeError } from '../platform/file-error.ts';
import { withLock } from '../platform/lock.ts';

/** Version of how the data directory is laid out. */
const layout = 1;

/** What may lie in a folder that is to become a data directory. */
const harmless = new Set(['server.toml', 'lost+found', 'lock']);

/**
 * Makes a data directory ready, readable by its owner only, or with `create: false` only looks at it. Throws `not-found`, `usage` for a folder that holds something else, `unsupported` for one that
 * a newer version wrote.
 */
export async function openDataFolder(folder: string, { create }: { create: boolean }): Promise<void> {
  if (create) makeFolder(folder);
  const file = path.join(folder, 'version');
  const text = await readIfThere(file);
  if (text === undefined && create) return begin(folder, file);
  if (text === undefined)
    throw new SpecstoryError('not-found', `${folder} is no data directory of a server`, {
      hint: 'name it with --data DIR; specstory serve makes it at its first start',
    });
  const version = /^(\d{1,9})\n?$/.exec(text)?.[1];
  if (version === undefined)
    throw new SpecstoryError('config', `${file} is damaged`, { hint: `it has one line: ${layout}` });
  if (Number(version) > layout)
    throw new SpecstoryError('unsupported', `${folder} has layout ${version}, this program knows ${layout}`, {
      hint: 'it was written by a newer specstory: install that version or a later one',
    });
}

/** Does `work` as the only server on a data directory, or in place of one. Throws `conflict` when there is another one. */
export async function asOnlyServer(
  folder: string,
  work: () => Promise<void>,
  purpose = 'specstory serve',
): Promise<void> {
  await withLock(path.join(folder, 'lock'), { wait: 0, purpose }, work);
}

async function begin(folder: string, file: string): Promise<void> {
  const other = readdirSync(folder).find((name) => !harmless.has(name));
  if (other !== undefined)
    throw new SpecstoryError('usage', `${folder} holds other things, such as ${other}`, {
      hint: 'name a folder that is empty or new: --data DIR',
    });
  try {
    chmodSync(folder, 0o700);
  } catch (cause) {
    throw writeError(folder, cause);
  }
  await replaceFile(file, `${layout}\n`, { mode: 0o600 });
}

function makeFolder(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw writeError(folder, cause);
  }
}
