import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import { addBlock, type BlockPlace, hasBlock, removeBlock } from '../../core/marked-block.ts';
import { type Change, lookAt, readBytes } from './plan.ts';

/** How a file is written that was not there before. */
interface FileStyle {
  readonly place: BlockPlace;
  /** What a new file starts with. */
  readonly head: string;
  readonly mode?: number;
}

/** Who runs a hook: git by its shebang and permissions, or a manager's shell, whatever these are. */
type Runner = 'git' | 'shell';

const shebang = '#!/bin/sh\n';

/** The changes that make a hook call us before it does its own work. None when it does already. */
export function addToHook(file: string, lines: string, runner: Runner, what: string): Change[] {
  const style: FileStyle =
    runner === 'git' ? { place: 'top', head: shebang, mode: 0o755 } : { place: 'top', head: '', mode: 0o644 };
  const found = lookAt(file);
  if (found?.isDirectory())
    throw new SpecstoryError('unsupported', `there is a folder where the hook ${file} would be`);
  if (found && runner === 'git' && !isOurShell(file, found)) return chain(file, lines);
  return addToFile(file, lines, style, what);
}

/** The change that puts our block into a text file. None when it is there already. */
export function addToFile(file: string, lines: string, { place, head, mode }: FileStyle, what: string): Change[] {
  const before = readBytes(file);
  const text = before?.toString('latin1') ?? head;
  const after = Buffer.from(addBlock(text, Buffer.from(lines).toString('latin1'), place), 'latin1');
  if (before?.equals(after)) return [];
  return [{ kind: 'write', file, what, before, after, ...(mode !== undefined && { mode }) }];
}

/** The changes that take our block out again; `created` says that the file was not there before it. */
export function removeFromFile(file: string, created: boolean): Change[] {
  const before = readBytes(file);
  const text = before?.toString('latin1') ?? '';
  if (!before || !hasBlock(text)) return [];
  const rest = removeBlock(text);
  const original = originalOf(file);
  const what = 'takes our block out';
  if (rest === chained(file) && lookAt(original)) {
    return [
      { kind: 'remove', file, what: 'removes the hook that called us and then the original', before },
      { kind: 'move', file: original, to: file, what: 'puts the original hook back' },
    ];
  }
  if (created && (rest === '' || rest === shebang))
    return [{ kind: 'remove', file, what: 'removes what we made', before }];
  return [{ kind: 'write', file, what, before, after: Buffer.from(rest, 'latin1') }];
}

/** A hook that we must not write into is put aside, as it is, and called by ours: a program, another language, a link, one that is switched off. */
function chain(file: string, lines: string): Change[] {
  const text = Buffer.from(addBlock(chained(file), lines, 'top'), 'latin1');
  const kept = readBytes(file)?.toString('latin1') ?? '';
  if (/overcommit/i.test(kept.slice(0, 4096))) {
    const hint =
      'Overcommit looks at the name of its hook: add specstory to .overcommit.yml, or run: specstory capture';
    throw new SpecstoryError('unsupported', `the hook ${file} belongs to Overcommit`, { hint });
  }
  return [
    { kind: 'move', file, to: originalOf(file), what: 'puts the hook aside: it is not a shell script that git runs' },
    {
      kind: 'write',
      file,
      what: 'calls us, then the hook that was put aside',
      before: undefined,
      after: text,
      mode: 0o755,
    },
  ];
}

function originalOf(file: string): string {
  return `${file}.specstory-original`;
}

/** The hook that stands for one put aside, without our block. It honours that git runs no hook that may not be executed. */
function chained(file: string): string {
  const original = Buffer.from(path.basename(originalOf(file))).toString('latin1');
  return `${shebang}original=\${0%/*}/${original}\n[ ! -x "$original" ] || exec "$original" "$@"\n`;
}

function isOurShell(file: string, found: { isFile(): boolean; mode: number }): boolean {
  const isRun = process.platform === 'win32' || (found.mode & 0o111) !== 0;
  return found.isFile() && isRun && isShell(readBytes(file)?.toString('latin1') ?? '');
}

/** Whether git would give a hook to a shell that knows POSIX: by its shebang, or because it has none. */
export function isShell(text: string): boolean {
  if (text.includes('\0')) return false;
  if (!text.startsWith('#!')) return true;
  const [line = ''] = text.split('\n', 1);
  const words = line.slice(2).trim().split(/\s+/);
  const program = words.map((word) => word.replace(/^.*\//, '')).find((word) => !/^env$|^-|=|^busybox$/.test(word));
  return /^(?:ba|da|a|z|k|mk|pdk)?sh(?:\.exe)?$/.test(program ?? '');
}
