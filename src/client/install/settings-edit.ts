import type { FileEdit } from '../../adapters/adapter.ts';
import { SpecstoryError } from '../../core/errors.ts';
import { type Change, readBytes, removal, replacement } from './plan.ts';

/** The change that an edit of an agent's settings means now; none when it was made before. Throws `config` for a file that cannot be edited without harm. */
export function addEdit(edit: FileEdit): Change[] {
  return replacement(edit.path, Buffer.from(edit.add(readText(edit.path))), 'the agent calls us after a turn');
}

/** The change that takes an edit back; none when there is nothing of it. */
export function removeEdit(edit: FileEdit): Change[] {
  const before = readText(edit.path);
  if (before === undefined) return [];
  const after = edit.remove(before);
  const what = 'the agent no longer calls us';
  return after === undefined ? removal(edit.path, what) : replacement(edit.path, Buffer.from(after), what);
}

function readText(file: string): string | undefined {
  const bytes = readBytes(file);
  const text = bytes?.toString('utf8');
  if (!bytes || text === undefined || Buffer.from(text).equals(bytes)) return text;
  throw new SpecstoryError('config', `${file} is not UTF-8`, { hint: 'save it as UTF-8, then try again' });
}
