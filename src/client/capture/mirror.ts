import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { specstoryFileName } from '../../markdown/specstory.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';
import { printSession } from '../history/convert.ts';
import { readSession } from '../history/query.ts';
import type { Captured } from './capture-source.ts';
import { readText } from './read-text.ts';

/** Writes captured sessions as SpecStory Markdown into `.specstory/history` of the worktree, for those who switched it on. A file that is right already is not touched. */
export async function mirror(context: Context, captured: readonly Captured[]): Promise<void> {
  if (!context.config.capture.mirror || captured.length === 0) return;
  const folder = join(context.repository.root, '.specstory', 'history');
  mkdirSync(folder, { recursive: true });
  for (const { session: id } of captured) {
    const { session } = await readSession(context, id);
    const redacted = context.redactor.value(session);
    const path = join(folder, specstoryFileName(redacted));
    const text = printSession(redacted, 'specstory');
    if (readText(path) !== text) await replaceFile(path, text);
  }
}
