import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { SpecstoryError } from '../../core/errors.ts';
import { isWriterId, type WriterId } from '../../core/ids.ts';
import { asObject, parseJson } from '../../core/json.ts';
import { markerPath } from '../../core/layout.ts';
import { openBlobs, tips } from '../../git/read.ts';
import type { Repository } from '../../git/repository.ts';
import { readIfThere, replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';

/**
 * The writer of this clone, minted on first use: random, so that it says nothing of person or machine. A history that is there
 * already (after `uninit`) keeps its writer. Throws `config` when the file was damaged.
 */
export async function writerOf(context: Pick<Context, 'folder' | 'place' | 'repository'>): Promise<WriterId> {
  const path = context.place('writer');
  const written = (await readIfThere(path))?.trim();
  if (written !== undefined) {
    if (isWriterId(written)) return written;
    throw new SpecstoryError('config', `${path} does not hold a writer id`, {
      hint: 'remove the file and run: specstory init',
    });
  }
  const id = (await writerOfHistory(context.repository)) ?? randomBytes(8).toString('hex');
  mkdirSync(context.folder, { recursive: true });
  await replaceFile(path, `${id}\n`);
  return writerOf(context);
}

async function writerOfHistory(repository: Repository): Promise<WriterId | undefined> {
  const { history } = await tips(repository);
  if (history === undefined) return undefined;
  const blobs = openBlobs(repository);
  try {
    const text = await blobs.read(`${history}:${markerPath}`);
    const { writer } = asObject(parseJson(text?.toString('utf8') ?? ''));
    return typeof writer === 'string' && isWriterId(writer) ? writer : undefined;
  } finally {
    await blobs.close();
  }
}
