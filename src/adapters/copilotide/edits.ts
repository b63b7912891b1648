import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import type { Edit } from '../../core/session.ts';
import { patchEdits } from '../apply-patch.ts';
import { clip } from '../content.ts';
import { addition, deletion, replacement } from '../edits.ts';
import { toolKey } from './tool-names.ts';
import { placeOf } from './tool-result.ts';

type Fields = { readonly [key: string]: unknown };

/** Turns a path of the agent into its stored form. */
export type PathForm = (path: string) => string;

/** The edits that the arguments of a tool ask for. What `insert_edit_into_file` changes is in a text edit group only. */
export function editsOfCall(name: string, input: Fields, form: PathForm): Edit[] {
  const path = targetOf(input);
  switch (toolKey(name)) {
    case 'applypatch':
      return patchEdits(asText(input.input) ?? '', form);
    case 'replacestringinfile':
    case 'multireplacestringinfile':
      return [input, ...asArray(input.replacements).map(asObject)].flatMap((one) => replaced(one, path, form));
    case 'createfile':
      return path !== undefined && typeof input.content === 'string' ? [addition(form(path), input.content)] : [];
    case 'editnotebookfile':
      return path === undefined ? [] : newCode(form(path), input.newCode);
    case 'deletefile':
      return path === undefined ? [] : [deletion(form(path))];
    default:
      return [];
  }
}

/** The same, and what `insert_edit_into_file` was to put in, for where no text edit group tells. */
export function proposedEdits(name: string, input: Fields, form: PathForm): Edit[] {
  const [path, code] = [targetOf(input), asText(input.code)];
  const isInsertion = toolKey(name) === 'inserteditintofile' && path !== undefined && code !== undefined;
  return isInsertion ? [replacement(form(path), '', code)] : editsOfCall(name, input, form);
}

/** The file that a tool works on. */
export function targetOf(input: Fields): string | undefined {
  return asText(input.filePath) ?? asText(input.path);
}

function replaced(input: Fields, file: string | undefined, form: PathForm): Edit[] {
  const { oldString: before, newString: after } = input;
  const path = targetOf(input) ?? file;
  if (path === undefined || typeof before !== 'string' || typeof after !== 'string') return [];
  return [replacement(form(path), before, after)];
}

function newCode(path: string, code: unknown): Edit[] {
  const text =
    typeof code === 'string'
      ? code
      : asArray(code)
          .filter((line) => typeof line === 'string')
          .join('\n');
  return text === '' ? [] : [replacement(path, '', text)];
}

/** The files that a workspace edit made, moved or deleted; what they held is not recorded. */
export function fileEdits(part: Fields, form: PathForm): Edit[] {
  return asArray(part.edits).flatMap((one): Edit[] => {
    const [from, to] = [placeOf(asObject(one).oldResource), placeOf(asObject(one).newResource)];
    if (from !== '' && to !== '') return [{ path: form(from), change: 'move', to: form(to), diff: '', exact: false }];
    if (from !== '') return [deletion(form(from))];
    return to === '' ? [] : [{ path: form(to), change: 'add', diff: '', exact: false }];
  });
}

/**
 * The edit in a text or notebook edit group: what was put into the file as it was then. What it took the place of is not
 * recorded, so there are added lines only, a hunk for each run of neighbouring lines, and none where lines were only taken out.
 */
export function editOfGroup(group: Fields, path: string): Edit | undefined {
  const edits = asArray(group.edits)
    .flatMap((step) => (Array.isArray(step) ? asArray(step) : [step]))
    .map(asObject);
  const hunks: string[] = [];
  let next = 0;
  for (const edit of edits) {
    const { startLineNumber, endLineNumber } = asObject(edit.range);
    const start = asNumber(startLineNumber) ?? 0;
    const text = putIn(edit);
    if (text === '') continue;
    if (hunks.length === 0 || start > next || edit.range === undefined) hunks.push('@@');
    const lines = text.replace(/\n$/, '').split('\n');
    hunks.push(...lines.map((line) => `+${line}`));
    next = (asNumber(endLineNumber) ?? start) + 1;
  }
  if (edits.length === 0) return undefined;
  const { text, ...cut } = clip(hunks.join('\n'));
  return { path, change: 'update', diff: text, ...cut, exact: false };
}

/** The text of an edit, or of the cells that it puts into a notebook. */
function putIn({ text, cells }: Fields): string {
  if (typeof text === 'string') return text;
  return asArray(cells)
    .flatMap((cell) => asText(asObject(cell).source) ?? [])
    .join('\n');
}
