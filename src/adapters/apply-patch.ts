import type { Edit } from '../core/session.ts';
import { addition, deletion, fromUnified } from './edits.ts';

/** One file of a patch while its lines are gathered. */
interface Section {
  readonly change: 'add' | 'delete' | 'update';
  readonly path: string;
  to?: string;
  readonly lines: string[];
}

const sections = {
  'Add File': 'add',
  'Delete File': 'delete',
  'Update File': 'update',
} as const;

/**
 * The edits of a text in the `apply_patch` grammar (`*** Begin Patch` … `*** End Patch`), which several agents share.
 * The text may be a whole shell command: only what is between the markers counts, and without any marker the whole
 * text does. The grammar has no line numbers, so only new files come out exact. `toPath` turns a path of the patch
 * into the stored one. Never throws: what does not fit the grammar is passed over.
 */
export function patchEdits(text: string, toPath: (path: string) => string): Edit[] {
  const found: Section[] = [];
  for (const line of patchLines(text.split(/\r?\n/))) {
    const opened = opening(line);
    const current = found.at(-1);
    if (opened) found.push(opened);
    else if (current) take(current, line);
  }
  return found.map((section) => toEdit(section, toPath));
}

function* patchLines(lines: readonly string[]): Generator<string> {
  const marked = lines.some(isBegin);
  let inside = !marked;
  for (const line of lines) {
    if (isBegin(line)) inside = true;
    else if (/^\s*\*\*\* End Patch\s*$/.test(line)) inside = !marked;
    else if (inside) yield line;
  }
}

function isBegin(line: string): boolean {
  return /^\s*(?:apply_patch\s+["']?)?\*\*\* Begin Patch\s*$/.test(line);
}

function opening(line: string): Section | undefined {
  const match = /^\*\*\* (Add File|Delete File|Update File): *(.*?)\s*$/.exec(line);
  const [, kind, path] = match ?? [];
  if (!path || !(kind === 'Add File' || kind === 'Delete File' || kind === 'Update File')) return undefined;
  return { change: sections[kind], path, lines: [] };
}

function take(section: Section, line: string): void {
  const target = /^\*\*\* Move to: *(.*?)\s*$/.exec(line)?.[1];
  if (target) section.to = target;
  else if (!line.startsWith('*** ')) section.lines.push(line);
}

function toEdit({ change, path, to, lines }: Section, toPath: (path: string) => string): Edit {
  const stored = toPath(path);
  if (change === 'delete') return deletion(stored);
  if (change === 'add')
    return addition(
      stored,
      trimmed(lines)
        .map((line) => `${line.replace(/^\+/, '')}\n`)
        .join(''),
    );
  const diff = hunks(lines).join('\n');
  if (to === undefined) return fromUnified(stored, diff);
  return { ...fromUnified(stored, diff, 'move'), to: toPath(to) };
}

/** Hunks with a bare `@@` before each: what the patch writes behind `@@` names a place, not a line. */
function hunks(lines: readonly string[]): string[] {
  const out: string[] = [];
  for (const line of trimmed(lines)) {
    if (line.startsWith('@@')) {
      if (out.at(-1) !== '@@') out.push('@@');
      continue;
    }
    if (out.length === 0) out.push('@@');
    out.push(/^[ +-]/.test(line) ? line : ` ${line}`);
  }
  return out.at(-1) === '@@' ? out.slice(0, -1) : out;
}

/** Without the empty lines at the end, which are the writer's and not the file's. */
function trimmed(lines: readonly string[]): readonly string[] {
  const last = lines.findLastIndex((line) => line !== '');
  return lines.slice(0, last + 1);
}
