import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import type { Source } from '../../adapters/adapter.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';
import { readText } from './read-text.ts';
import { recentOf } from './recent.ts';

/**
 * Leaves what the git hooks need to see in the shell, without starting a program, that nothing is new: the places to look at,
 * one per line, and a stamp to compare them with. The stamp is set a second or two back, because some shells compare whole seconds only.
 */
export async function leaveTrace(context: Context, found: readonly Source[], started: number): Promise<void> {
  const recent = recentOf(found, started);
  const folders = context.adapters.flatMap((adapter) => adapter.places(context.host, context.project));
  const places = [...new Set([...folders, ...recent.map((source) => source.path)])].filter(
    (path) => !path.includes('\n'),
  );
  const text = `${places.join('\n')}\n`;
  mkdirSync(context.folder, { recursive: true });
  if (readText(context.place('places')) !== text) await replaceFile(context.place('places'), text);
  if (context.config.capture.foreground) writeFileSync(context.place('foreground'), '');
  else rmSync(context.place('foreground'), { force: true });
  writeFileSync(context.place('stamp'), '');
  const time = Math.floor(started / 1000) - 1;
  utimesSync(context.place('stamp'), time, time);
}
