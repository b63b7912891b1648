import { structuredPatch } from 'diff';
import type { Edit } from '../core/session.ts';
import { clip } from './content.ts';

/** Edits longer than this apart are shown as everything old, then everything new: a minimal diff would cost seconds. */
const maxEditLength = 2000;

/** A new file: every line added. `exact`, because a new file's lines start at 1. */
export function addition(path: string, content: string): Edit {
  const added = lines(content);
  const header = `@@ -0,0 +1,${added.length} @@`;
  return { path, change: 'add', ...body([header, ...added.map((line) => `+${line}`)]), exact: true };
}

/** A deleted file, with what it held when that is known. */
export function deletion(path: string, content = ''): Edit {
  const gone = content === '' ? [] : lines(content);
  const hunk = gone.length === 0 ? [] : [`@@ -1,${gone.length} +0,0 @@`, ...gone.map((line) => `-${line}`)];
  return { path, change: 'delete', ...body(hunk), exact: gone.length > 0 };
}

/** One text replaced by another somewhere in a file: a diff of the two, without line numbers. */
export function replacement(path: string, before: string, after: string): Edit {
  return { path, change: 'update', ...body(difference(before, after, false)), exact: false };
}

/** A whole file before and after: a diff with the file's line numbers. */
export function rewrite(path: string, before: string, after: string): Edit {
  return { path, change: 'update', ...body(difference(before, after, true)), exact: true };
}

/** Hunks that the agent recorded itself. */
export interface Hunk {
  readonly oldStart: number;
  readonly oldLines: number;
  readonly newStart: number;
  readonly newLines: number;
  /** Each starts with a space, `-`, `+` or `\`. */
  readonly lines: readonly string[];
}

/** An edit from recorded hunks with line numbers. */
export function fromHunks(path: string, hunks: readonly Hunk[], change: Edit['change'] = 'update'): Edit {
  return { path, change, ...body(hunks.flatMap((hunk) => [hunkHeader(hunk), ...hunk.lines])), exact: true };
}

/** An edit from the text of a unified diff; file headers are dropped. */
export function fromUnified(path: string, unified: string, change: Edit['change'] = 'update'): Edit {
  const all = unified.replace(/\n$/, '').split('\n');
  const first = all.findIndex((line) => line.startsWith('@@'));
  const hunks = first < 0 ? [] : all.slice(first).filter((line) => !/^(?:diff --git |index [0-9a-f]+\.\.)/.test(line));
  const exact = hunks.some((line) => /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/.test(line));
  return { path, change, ...body(hunks), exact };
}

function difference(before: string, after: string, numbered: boolean): string[] {
  const patch = structuredPatch('', '', before, after, '', '', { context: 3, maxEditLength });
  // Two pieces out of a file say nothing of the file's end.
  const kept = (line: string) => numbered || !line.startsWith('\\');
  if (patch) return patch.hunks.flatMap((hunk) => [numbered ? hunkHeader(hunk) : '@@', ...hunk.lines.filter(kept)]);
  const [old, now] = [lines(before), lines(after)];
  const header = numbered ? `@@ -1,${old.length} +1,${now.length} @@` : '@@';
  return [header, ...old.map((line) => `-${line}`), ...now.map((line) => `+${line}`)];
}

function hunkHeader(hunk: Hunk | Omit<Hunk, 'lines'>): string {
  return `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@`;
}

function lines(text: string): string[] {
  return text === '' ? [] : text.replace(/\n$/, '').split('\n');
}

function body(hunks: readonly string[]): Pick<Edit, 'diff'> & { elided?: number } {
  const { text, ...cut } = clip(hunks.join('\n'));
  return { diff: text, ...cut };
}
