import { asObject, asText, isObject, parseJson } from '../../core/json.ts';
import type { Edit, ToolCall } from '../../core/session.ts';
import { storable } from '../../core/text.ts';
import { patchEdits } from '../apply-patch.ts';
import { toolInput } from '../content.ts';
import { toolType } from '../tool-types.ts';
import type { Fields } from './rollout-record.ts';

/** A stored path from a path of a call and the folder the call ran in (undefined: the turn's). */
type ToPath = (path: string, workdir: string | undefined) => string;

/** The tool call in a `function_call`, `custom_tool_call` or `local_shell_call`, with the edits its patch text shows. */
export function toolCall(type: string, item: Fields, toPath: ToPath): ToolCall {
  const args = argumentsOf(type, item);
  const edits = editsOf(args, toPath);
  return {
    ...callPart(nameOf(type, item), asText(item.call_id) ?? asText(item.id), isObject(args) ? args : { input: args }),
    ...(edits.length > 0 ? { edits } : {}),
  };
}

/** A call of a tool by name. */
export function callPart(name: string, id: string | undefined, input: unknown): ToolCall {
  const stored = storable(name) || 'unknown';
  const known = id === undefined ? {} : { id: storable(id) };
  return { kind: 'tool_call', ...known, name: stored, type: toolType(stored), input: toolInput(input) };
}

function nameOf(type: string, item: Fields): string {
  const name = asText(item.name) ?? type;
  const space = asText(item.namespace);
  if (space === undefined || space === 'functions' || name.startsWith('mcp__')) return name;
  return space.startsWith('mcp__') ? `${space}__${name.replace(/^_+/, '')}` : `${space}.${name}`;
}

function argumentsOf(type: string, item: Fields): unknown {
  if (type === 'local_shell_call') return asObject(item.action);
  const raw = item.arguments ?? item.input;
  if (typeof raw !== 'string') return raw ?? {};
  const parsed = raw.trimStart().startsWith('{') ? parseJson(raw) : undefined;
  return isObject(parsed) ? parsed : raw === '' ? {} : raw;
}

/** The edits of a patch anywhere in the arguments: as such, in a shell command, or in a script. */
function editsOf(args: unknown, toPath: ToPath): Edit[] {
  const { workdir, working_directory: folder } = asObject(args);
  const text = patchText(args);
  if (text === undefined) return [];
  return patchEdits(text, (path) => toPath(path, asText(workdir) ?? asText(folder)));
}

function patchText(args: unknown): string | undefined {
  if (typeof args === 'string') return args.includes('*** Begin Patch') ? unescaped(args) : undefined;
  const { input, patch, cmd, command } = asObject(args);
  const text = [input, patch, cmd, ...(Array.isArray(command) ? command : [command])];
  return text.find((part): part is string => typeof part === 'string' && part.includes('*** Begin Patch'));
}

/** A patch inside a script may be a string with escapes instead of lines. */
function unescaped(text: string): string {
  if (!/\*\*\* Begin Patch\\n/.test(text)) return text;
  return text.replace(/\\([nt"'`\\])/g, (_, sign: string) => (sign === 'n' ? '\n' : sign === 't' ? '\t' : sign));
}

/** A path against the folder it is relative to, with `.` and `..` resolved. Either flavour. */
export function resolvePath(folder: string | undefined, path: string): string {
  if (!folder || /^(?:[\\/]|[A-Za-z]:[\\/]|~)/.test(path)) return path;
  const parts = folder.replace(/[\\/]+$/, '').split(/[\\/]/);
  for (const part of path.split(/[\\/]/)) {
    if (part === '..' && parts.length > 1) parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}
