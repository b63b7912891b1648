import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { sessionFolder } from '../../core/ids.ts';
import { specstoryFileName } from '../../markdown/specstory.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';
import { type Form, printSession } from './convert.ts';
import { withHistory } from './open-history.ts';
import { findSession, readWhole } from './query.ts';

export interface Exported {
  readonly session: string;
  readonly path: string;
}

export interface ExportOptions {
  readonly form: Form;
  readonly folder: string;
  /** With what is hidden. A session that is named is written in any case. */
  readonly all?: boolean | undefined;
  readonly progress?: (done: number, total: number) => void;
}

/** Writes sessions of the history as files into a folder: those named, or all. File names come from dates and ids, `specstory` ones are SpecStory's own. */
export async function exportSessions(
  context: Context,
  names: readonly string[],
  { form, folder, all = false, progress }: ExportOptions,
): Promise<Exported[]> {
  return withHistory(context, async (history) => {
    const visible = history.sessions.filter(({ hidden }) => all || !hidden);
    const chosen = names.length === 0 ? visible : names.map((name) => findSession(history, name));
    mkdirSync(folder, { recursive: true });
    const exported: Exported[] = [];
    for (const [index, listed] of chosen.entries()) {
      const { shown } = await readWhole(history, listed);
      const exchanges = shown.filter(({ hidden }) => all || !hidden).map(({ exchange }) => exchange);
      const session = context.redactor.value({ meta: listed.meta, exchanges });
      const extension = form === 'session' ? 'json' : 'md';
      const name = form === 'specstory' ? specstoryFileName(session) : `${sessionFolder(listed.meta.id)}.${extension}`;
      const path = join(folder, name);
      await replaceFile(path, printSession(session, form));
      exported.push({ session: listed.meta.id, path });
      progress?.(index + 1, chosen.length);
    }
    return exported;
  });
}
