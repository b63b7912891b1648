import { asObject, asText, isObject } from '../../core/json.ts';
import type { Edit } from '../../core/session.ts';
import { addition, deletion, fromUnified } from '../edits.ts';
import type { Fields } from './rollout-record.ts';

/** The edits in the `changes` of a `patch_apply_end`: by path, with the hunks as they were applied. */
export function changeEdits(changes: unknown, toPath: (path: string) => string): Edit[] {
  return Object.entries(asObject(changes)).flatMap(([path, change]) => {
    const edit = isObject(change) && path !== '' ? changeEdit(path, untagged(change), toPath) : undefined;
    return edit ?? [];
  });
}

/** The variant is a `type` among the fields, or the one key around them. */
function untagged(change: Fields): Fields {
  if (typeof change.type === 'string') return change;
  const [entry] = Object.entries(change);
  return entry && isObject(entry[1]) ? { ...entry[1], type: entry[0] } : change;
}

function changeEdit(path: string, change: Fields, toPath: (path: string) => string): Edit | undefined {
  const stored = toPath(path);
  const content = asText(change.content) ?? '';
  if (change.type === 'add') return addition(stored, content);
  if (change.type === 'delete') return deletion(stored, content);
  if (change.type !== 'update') return undefined;
  const diff = asText(change.unified_diff) ?? '';
  const target = asText(change.move_path);
  return target === undefined
    ? fromUnified(stored, diff)
    : { ...fromUnified(stored, diff, 'move'), to: toPath(target) };
}

/** The same edits as evidence of intent only. */
export function rejected(edits: readonly Edit[]): Edit[] {
  return edits.map((edit) => ({ ...edit, rejected: true }));
}
