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

type Place = Pick<Context, 'folder' | 'place' | 'repository'>;

/**
 * The writer of this clone, minted on first use: random, so that it says nothing of person or machine. A history that is there
 * already (after `uninit`) keeps its writer. Throws `config` when the file was damaged.
 */
export async function writerOf(context: Place): Promise<WriterId> {
  const written = await writtenWriter(context);
  if (written !== undefined) return written;
  await saveWriter(context, (await writerOfHistory(context.repository)) ?? mintWriter());
  return writerOf(context);
}

/** As `writerOf`, and nothing where there is none yet. */
export async function knownWriter(context: Place): Promise<WriterId | undefined> {
  return (await writtenWriter(context)) ?? writerOfHistory(context.repository);
}

async function writtenWriter(context: Pick<Context, 'place'>): Promise<WriterId | undefined> {
  const path = context.place('writer');
  const id = (await readIfThere(path))?.trim();
  if (id === undefined || isWriterId(id)) return id;
  throw new SpecstoryError('config', `${path} does not hold a writer id`, {
    hint: 'remove the file and run: specstory init',
  });
}

/** A new writer id. */
export function mintWriter(): WriterId {
  const id = randomBytes(8).toString('hex');
  return isWriterId(id) ? id : mintWriter();
}

/** Makes this clone the writer. */
export async function saveWriter(context: Pick<Context, 'folder' | 'place'>, id: WriterId): Promise<void> {
  mkdirSync(context.folder, { recursive: true });
  await replaceFile(context.place('writer'), `${id}\n`);
}

/** The writer that the history here names. */
export async function writerOfHistory(repository: Repository): Promise<WriterId | undefined> {
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
