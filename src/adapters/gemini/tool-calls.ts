import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import type { Edit } from '../../core/session.ts';
import { addition, fromUnified, replacement } from '../edits.ts';

type Fields = { readonly [key: string]: unknown };

/** The edit a call asked for or made; `undefined` for tools that write no file. `path` turns a path into its stored form. */
export function editOf(call: Fields, path: (path: string) => string): Edit | undefined {
  const display = asObject(call.resultDisplay);
  const args = asObject(call.args);
  const file = asText(display.filePath) ?? asText(args.file_path);
  const edit = file === undefined ? undefined : (recorded(display, path(file)) ?? asked(call, args, path(file)));
  if (edit === undefined || (edit.diff === '' && edit.change === 'update')) return undefined;
  const { user_added_lines: added, user_removed_lines: removed } = asObject(display.diffStat);
  return {
    ...edit,
    ...(failed(call) ? { rejected: true } : {}),
    ...((asNumber(added) ?? 0) + (asNumber(removed) ?? 0) > 0 ? { userModified: true } : {}),
  };
}

/** The diff that was shown to the person: real hunks of the real file. */
function recorded({ fileDiff, isNewFile }: Fields, path: string): Edit | undefined {
  const diff = asText(fileDiff);
  return diff === undefined ? undefined : fromUnified(path, diff, isNewFile === true ? 'add' : 'update');
}

/** Older builds keep no diff: what the arguments say. */
function asked(call: Fields, args: Fields, path: string): Edit | undefined {
  const content = typeof args.content === 'string' ? args.content : undefined;
  if (call.name === 'write_file' && content !== undefined) {
    const created = /\bnew file\b/.test(resultText(call)?.slice(0, 200) ?? '');
    return created ? addition(path, content) : replacement(path, '', content);
  }
  const after = args.new_string;
  if (call.name !== 'replace' || typeof after !== 'string') return undefined;
  const before = asText(args.old_string) ?? '';
  return before === '' ? addition(path, after) : replacement(path, before, after);
}

/** What the tool answered, as the model got it, or else as the person saw it; `undefined` while there is no answer. */
export function resultText(call: Fields): string | undefined {
  const responses = asArray(call.result).map((part) => asObject(asObject(asObject(part).functionResponse).response));
  const answered = responses.map(responseText).filter((text) => text !== '');
  if (answered.length > 0) return answered.join('\n');
  if (typeof call.resultDisplay === 'string') return call.resultDisplay;
  return isFinal(call) ? '' : undefined;
}

function responseText(response: Fields): string {
  const said = [response.output, response.error].filter((text) => typeof text === 'string' && text !== '');
  if (said.length > 0) return said.join('\n');
  return Object.keys(response).length > 0 ? safeJson(response) : '';
}

function safeJson(value: Fields): string {
  try {
    return JSON.stringify(value);
  } catch {
    return '[nested too deeply]';
  }
}

/** Whether the tool did what it was asked to; a command that exits with another code than 0 did not. */
export function succeeded(call: Fields): boolean {
  if (failed(call)) return false;
  const code = /^Exit Code: (\d+)$/m.exec(call.name === 'run_shell_command' ? (resultText(call) ?? '') : '');
  return code === null || code[1] === '0';
}

function failed({ status }: Fields): boolean {
  return status === 'error' || status === 'cancelled';
}

function isFinal(call: Fields): boolean {
  return failed(call) || call.status === 'success';
}
