import type { Edit } from '../core/session.ts';
import { type Fence, fence } from './fence.ts';

/** What a marker says of an edit; its diff stands in a fence. */
export function editAbout({ path, change, to, elided, exact, rejected, userModified }: Edit): object {
  return { path, change, to, elided, exact, rejected, userModified };
}

/** A diff as `git diff` shows it, file names included. */
export function renderEdit({ path, change, to, diff }: Edit): string {
  const before = change === 'add' ? '/dev/null' : fileName('a/', path);
  const after = change === 'delete' ? '/dev/null' : fileName('b/', to ?? path);
  return fence('diff', `--- ${before}\n+++ ${after}\n${diff}`);
}

/** The diff in a fence of `renderEdit`: what follows the two lines of file names. */
export function readDiff({ text }: Fence): string | undefined {
  const second = text.indexOf('\n', text.indexOf('\n') + 1);
  return text.startsWith('--- ') && second > 0 ? text.slice(second + 1) : undefined;
}

/** Lines added and removed. */
export function countChanges(edits: readonly Edit[]): { added: number; removed: number } {
  const count = { added: 0, removed: 0 };
  for (const { diff } of edits) {
    for (let at = 0; at >= 0 && at < diff.length; at = nextLine(diff, at)) {
      if (diff[at] === '+') count.added++;
      else if (diff[at] === '-') count.removed++;
    }
  }
  return count;
}

function nextLine(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end < 0 ? -1 : end + 1;
}

/** Quoted as git quotes it where a name could break the line. */
function fileName(side: string, path: string): string {
  const name = path.startsWith('/') || /^[A-Za-z]:/.test(path) ? path : `${side}${path}`;
  return /[\p{Cc}\u2028\u2029"\\]/u.test(name)
    ? JSON.stringify(name).replace(/[\u007f-\u009f\u2028\u2029]/g, '?')
    : name;
}
