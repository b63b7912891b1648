import { mkdirSync } from 'node:fs';
import * as z from 'zod';
import { statementsIn } from '../../core/fold.ts';
import { parseJson } from '../../core/json.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import type { Tombstones } from '../../core/statements.ts';
import { openObjects } from '../../git/objects.ts';
import type { Blobs, Tips } from '../../git/read.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { readText } from '../capture/read-text.ts';
import type { Context } from '../context.ts';
import { writerTips } from '../history/writer-tips.ts';
import { readWriterTree } from '../history/writer-tree.ts';

const cacheSchema = z.strictObject({
  /** Object ids of the folders of annotations that it was made from. */
  from: z.array(z.string()),
  sessions: z.array(sessionIdSchema),
  exchanges: z.array(exchangeIdSchema),
  content: z.array(z.string()),
  parts: z.array(sessionIdSchema),
});

/**
 * What was deleted for ever, here or by anybody whose history was fetched. Remembered below the git directory for as long as no folder of annotations
 * changes, so that a capture does not read them all; without that memory they are read again.
 */
export async function tombstones(context: Context, now: Tips, blobs: Blobs): Promise<Tombstones> {
  const from = await annotationFolders(now, blobs);
  if (from.length === 0) return asSets({ sessions: [], exchanges: [], content: [], parts: [] });
  const path = context.place('tombstones');
  const cache = cacheSchema.safeParse(parseJson(readText(path))).data;
  if (cache && cache.from.join() === from.join()) return asSets(cache);
  const found = await readTombstones(context);
  const { sessions, exchanges, content, parts } = found;
  const lists = { sessions: [...sessions], exchanges: [...exchanges], content: [...content], parts: [...parts] };
  mkdirSync(context.folder, { recursive: true });
  await replaceFile(path, JSON.stringify({ from, ...lists }));
  return found;
}

function asSets({ sessions, exchanges, content, parts }: Omit<z.infer<typeof cacheSchema>, 'from'>): Tombstones {
  return {
    sessions: new Set(sessions),
    exchanges: new Set(exchanges),
    content: new Set(content),
    parts: new Set(parts),
  };
}

/** Which folders of annotations there are, with whose they are. */
async function annotationFolders({ history, tracked }: Tips, blobs: Blobs): Promise<string[]> {
  const tips = tracked
    .filter(({ kind }) => kind === 'history')
    .map(({ writer, oid }) => ({ writer: `${writer}`, oid }));
  if (history) tips.push({ writer: 'own', oid: history });
  const folders = await Promise.all(
    tips.map(async ({ writer, oid }) => {
      const folder = await blobs.id(`${oid}:annotations`);
      return folder === undefined ? [] : [`${writer} ${folder}`];
    }),
  );
  return [...new Set(folders.flat())].sort();
}

/** As `tombstones`, from the annotations themselves. */
export async function readTombstones(context: Context): Promise<Tombstones> {
  const objects = openObjects(context.repository);
  try {
    const { tips } = await writerTips(context, objects);
    const reading = { objects, heads: new Map() };
    const trees = await Promise.all(tips.map((tip) => readWriterTree(reading, tip, { sessions: [] })));
    return statementsIn(trees).tombstones;
  } finally {
    await objects.close();
  }
}
