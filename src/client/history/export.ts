import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sessionFolder } from '../../core/ids.ts';
import { specstoryFileName } from '../../markdown/specstory.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';
import { type Form, printSession } from './convert.ts';
import { findSession, listSessions, readSession } from './query.ts';

export interface Exported {
  readonly session: string;
  readonly path: string;
}

/** Writes sessions of the history as files into a folder: those named, or all. File names come from dates and ids, `specstory` ones are SpecStory's own. */
export async function exportSessions(
  context: Context,
  names: readonly string[],
  options: { form: Form; folder: string; progress?: (done: number, total: number) => void },
): Promise<Exported[]> {
  const chosen =
    names.length === 0
      ? await listSessions(context)
      : await Promise.all(names.map((name) => findSession(context, name)));
  mkdirSync(options.folder, { recursive: true });
  const exported: Exported[] = [];
  for (const [index, { meta }] of chosen.entries()) {
    const { session } = await readSession(context, meta.id);
    const redacted = context.redactor.value(session);
    const extension = options.form === 'session' ? 'json' : 'md';
    const name = options.form === 'specstory' ? specstoryFileName(redacted) : `${sessionFolder(meta.id)}.${extension}`;
    const path = join(options.folder, name);
    await replaceFile(path, printSession(redacted, options.form));
    exported.push({ session: meta.id, path });
    options.progress?.(index + 1, chosen.length);
  }
  return exported;
}
