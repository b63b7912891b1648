import { asArray, asObject, asText } from '../../core/json.ts';
import type { Edit } from '../../core/session.ts';
import { addition, replacement } from '../edits.ts';
import type { Fields } from './fields.ts';

/** How a path of the agent is stored. */
export type Path = (path: string) => string;

/** The edits that a call asks for, as far as its arguments tell; what was really done is in its result (`resultEdits`). */
export function callEdits(name: string, input: unknown, path: Path): Edit[] {
  const fields = asObject(input);
  const file = asText(fields.file_path) ?? asText(fields.notebook_path);
  const ask = asks.get(name.toLowerCase());
  return file === undefined || ask === undefined ? [] : ask(fields, path(file));
}

const asks = new Map<string, (input: Fields, path: string) => Edit[]>([
  ['write', ({ content }, path) => (typeof content === 'string' ? [addition(path, content)] : [])],
  ['edit', (input, path) => exchangeOf(input, path)],
  ['multiedit', ({ edits }, path) => asArray(edits).flatMap((edit) => exchangeOf(asObject(edit), path))],
  ['notebookedit', ({ new_source }, path) => [replacement(path, '', asText(new_source) ?? '')]],
]);

/** `Edit` with an empty old text makes a file. */
function exchangeOf({ old_string: before, new_string: after }: Fields, path: string): Edit[] {
  if (typeof before !== 'string' || typeof after !== 'string') return [];
  return before === '' ? [addition(path, after)] : [replacement(path, before, after)];
}
