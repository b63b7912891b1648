import { asArray, asObject, asText } from '../core/json.ts';
import type { Edit } from '../core/session.ts';
import { addition, deletion, fromUnified, replacement } from './edits.ts';
import { toolType } from './tool-types.ts';

type Fields = { readonly [key: string]: unknown };

/** Gives a path of the agent its stored form. */
export type PathForm = (path: string) => string;

const pathNames = ['target_file', 'relativeWorkspacePath', 'file_path', 'path', 'targetFile', 'target_notebook'];
const contentNames = ['contents', 'content', 'file_text', 'code_edit', 'streamingContent'];

/** The file a tool works on, as Cursor's tools name it in their arguments. */
export function targetOf(input: Fields): string | undefined {
  return firstText(input, pathNames);
}

/**
 * The edits that the arguments of a tool ask for, by names of the command line and of the database. Whether a file
 * that is written whole was there before is not in the arguments, so such an edit is all added lines, without numbers.
 */
export function editsOfCall(name: string, input: Fields, form: PathForm): Edit[] {
  if (toolType(name) !== 'write') return [];
  const patch = firstText(input, ['patch', 'input', 'value']);
  if (patch?.includes('*** Begin Patch')) return editsOfPatch(patch, form);
  const target = targetOf(input);
  if (target === undefined) return [];
  const path = form(target);
  if (/^delete/i.test(name)) return [deletion(path)];
  const several = asArray(input.edits).map(asObject);
  return (several.length > 0 ? several : [input]).flatMap((one) => editOf(path, one));
}

/** The same edits, as ones that did not come about. */
export function refused(edits: readonly Edit[]): Edit[] {
  return edits.map((edit) => ({ ...edit, rejected: true }));
}

function editOf(path: string, input: Fields): Edit[] {
  const before = [input.old_string, input.oldString, input.old_str].find((value) => typeof value === 'string');
  const after = [input.new_string, input.newString, input.new_str].find((value) => typeof value === 'string');
  if (typeof before === 'string' && typeof after === 'string')
    return before === '' ? [addition(path, after)] : [replacement(path, before, after)];
  const content = firstText(input, contentNames);
  return content === undefined ? [] : [replacement(path, '', content)];
}

/** The sections of a patch in the `*** Begin Patch` form, one edit each. */
function editsOfPatch(patch: string, form: PathForm): Edit[] {
  const sections = patch.split(/^(?=\*\*\* (?:Add|Update|Delete) File: )/m).slice(1);
  return sections.map((section) => {
    const [head = '', ...lines] = section.split('\n');
    const [, verb, name = ''] = /^\*\*\* (Add|Update|Delete) File: (.*)$/.exec(head.trimEnd()) ?? [];
    const path = form(name.trim());
    const body = lines.filter((line) => !line.startsWith('*** '));
    if (verb === 'Delete') return deletion(path);
    if (verb === 'Add')
      return addition(
        path,
        body
          .filter((line) => line.startsWith('+'))
          .map((line) => line.slice(1))
          .join('\n'),
      );
    const to = /^\*\*\* Move to: (.*)$/m.exec(section)?.[1]?.trim();
    const hunks = body.some((line) => line.startsWith('@@')) ? body : ['@@', ...body];
    const edit = fromUnified(path, hunks.join('\n'), to === undefined ? 'update' : 'move');
    return to === undefined ? edit : { ...edit, to: form(to) };
  });
}

function firstText(input: Fields, names: readonly string[]): string | undefined {
  return names.map((name) => asText(input[name])).find((text) => text !== undefined);
}
