import { mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { replaceFile } from '../../platform/atomic-file.ts';
import type { Context } from '../context.ts';
import type { Found } from './find-sources.ts';
import { readText } from './read-text.ts';

/** Sources touched within this time may be touched again; older ones are found by the next full look. */
const hot = { days: 14, sources: 200 };

/**
 * Leaves what the git hooks need to see in the shell, without starting a program, that nothing is new: the places to look at,
 * one per line, and a stamp to compare them with. The stamp is set a second or two back, because some shells compare whole seconds only.
 */
export async function leaveTrace(context: Context, found: readonly Found[], started: number): Promise<void> {
  const recent = found
    .map(({ source }) => source)
    .filter((source) => source.modified > started - hot.days * 86_400_000)
    .sort((a, b) => b.modified - a.modified)
    .slice(0, hot.sources);
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
