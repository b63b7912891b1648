import { isAbsolute, relative } from 'node:path';
import type { Plan } from '../../client/install/install.ts';
import type { Output } from '../output.ts';

/** What a plan changes, file by file, with the lines that come and go. */
export function showPlan(output: Output, plan: Plan, root: string): void {
  if (plan.changes.length === 0) output.line('no file has to change');
  for (const change of plan.changes) {
    const path = relative(root, change.file);
    const name = path.startsWith('..') || isAbsolute(path) ? change.file : path;
    const verb =
      change.kind === 'move'
        ? 'move'
        : change.kind === 'remove'
          ? 'remove'
          : change.before === undefined
            ? 'create'
            : 'change';
    output.line(`${output.style('bold', verb)} ${name} ${output.style('dim', change.what)}`);
    if (change.kind === 'write' && change.before !== undefined) showLines(output, change.before, change.after);
  }
  for (const note of plan.notes) output.note(note);
}

function showLines(output: Output, before: Buffer, after: Buffer): void {
  const [old, now] = [lines(before), lines(after)];
  for (const line of old.filter((text) => !now.includes(text))) output.line(output.style('red', `  - ${line}`));
  for (const line of now.filter((text) => !old.includes(text))) output.line(output.style('green', `  + ${line}`));
}

function lines(bytes: Buffer): string[] {
  return bytes.toString('utf8').split('\n').filter(Boolean);
}
