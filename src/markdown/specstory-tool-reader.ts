import { isObject, type JsonObject, jsonObjectSchema, parseJson } from '../core/json.ts';
import { type Edit, type Part, type ToolType, toolTypes } from '../core/session.ts';
import { storable } from '../core/text.ts';
import { fenceEnd } from './specstory-lines.ts';

/** What was found in a tool block so far. */
interface Found {
  readonly input: JsonObject;
  readonly edits: Edit[];
  readonly loose: string[];
  result: string | undefined;
  ok: boolean;
  /** The file that was named last. */
  path: string | undefined;
}

/**
 * A tool call and its result from the lines of a tool block. Every version and agent lays these out its own way; what
 * is not understood stays as `text` of the input.
 */
export function readTool(typeName: string, name: string, lines: readonly string[]): Part[] {
  const type = toolTypes.find((known) => known === typeName) ?? guessedType(name);
  const found: Found = { input: {}, edits: [], loose: [], result: undefined, ok: true, path: undefined };
  const [summary, body] = splitSummary(lines);
  readSummary(summary, type, found);
  for (let at = 0; at < body.length; ) at = readLine(body, at, type, found);
  const text = found.loose.join('\n').trim();
  if (text !== '') found.input.text = storable(text);
  const call: Part = {
    kind: 'tool_call',
    name: storable(decoded(name)) || 'unknown',
    type,
    input: found.input,
    ...(found.edits.length > 0 ? { edits: found.edits } : {}),
  };
  if (found.result === undefined) return [call];
  const ok = found.ok && !/^Exit code [1-9]/.test(found.result);
  return [call, { kind: 'tool_result', ok, text: storable(found.result) }];
}

/** Documents of 2025 do not say what kind of tool it was. */
function guessedType(name: string): ToolType {
  const types: readonly (readonly [RegExp, ToolType])[] = [
    [/^(?:bash|shell)/i, 'shell'],
    [/^(?:read|ls|webfetch)/i, 'read'],
    [/^(?:write|edit|multiedit)/i, 'write'],
    [/^(?:grep|glob|websearch)/i, 'search'],
    [/^(?:todo|task|agent)/i, 'task'],
  ];
  return types.find(([pattern]) => pattern.test(name))?.[1] ?? 'unknown';
}

/** The summary, which may run over several lines, and the lines after it without the tags of the fold. */
function splitSummary(lines: readonly string[]): [string, string[]] {
  const end = lines.findIndex((line) => line.includes('</summary>'));
  const start = lines.findIndex((line) => line.includes('<summary>'));
  const body = lines
    .slice(end + 1)
    .filter((line, index, all) => !(line.trim() === '</details>' && index >= all.length - 3));
  if (start < 0 || end < start) return ['', lines.filter((line) => !/^<\/?details>$/.test(line.trim()))];
  const head = lines.slice(start, end + 1).join('\n');
  return [/<summary>([\s\S]*?)<\/summary>/.exec(head)?.[1] ?? '', body];
}

function readSummary(summary: string, type: ToolType, found: Found): void {
  const words = summary
    .replace(/^\s*Tool use: \*\*.*?\*\*/, '')
    .replace(/^\s*•/, '')
    .trim();
  const [, code] = /^`+([^`]+)`+$/.exec(words) ?? [];
  if (code !== undefined) named(code.trim(), type, found);
  else if (words !== '') found.input.summary = storable(decoded(words));
  const [, path] = /file: (\S+)$/.exec(words) ?? [];
  found.path ??= path;
}

/** A text in backticks: the command, or what the tool was used on. */
function named(text: string, type: ToolType, found: Found): void {
  const key = type === 'shell' ? 'command' : type === 'search' ? 'pattern' : isFileWork(type) ? 'path' : 'text';
  if (found.input[key] === text) return;
  if (Object.hasOwn(found.input, key)) found.loose.push(`\`${text}\``);
  else found.input[key] = storable(text);
  if (key === 'path' || key === 'text') found.path = text;
}

function isFileWork(type: ToolType): boolean {
  return type === 'read' || type === 'write';
}

/** Takes what starts at a line; gives the line after it. */
function readLine(lines: readonly string[], at: number, type: ToolType, found: Found): number {
  const line = lines[at] ?? '';
  const [, before, run, info] = /^( {0,3}|Input[^`]*: )(`{3,})([^`]*)$/.exec(line) ?? [];
  if (run !== undefined) {
    const isInput = before?.startsWith('Input') ?? false;
    return readFence(lines, at, { run, info: info?.trim() ?? '', isInput }, found);
  }
  const [, key, value] = line.length > 10_000 ? [] : (/^- ([\w.-]{1,100}): `+ ?(.*?) ?`+$/.exec(line) ?? []);
  const [, code] = /^\s*`([^`]+)`\s*$/.exec(line) ?? [];
  const [, file] = /^\*\*(?:Add|Modify|Update|Delete): `(.+)`\*\*$/.exec(line) ?? [];
  if (/^\*\*Error:\*\*/.test(line)) found.ok = false;
  else if (file !== undefined) found.path = file;
  else if (key !== undefined && value !== undefined && key !== '__proto__') found.input[key] = storable(value);
  else if (code !== undefined) named(code, type, found);
  else if (!/^(?:\*\*(?:Input|Result):\*\*|Result:|Parameters:)$/.test(line.trim())) found.loose.push(line);
  return at + 1;
}

function readFence(
  lines: readonly string[],
  at: number,
  fence: { run: string; info: string; isInput: boolean },
  found: Found,
): number {
  const { run, info, isInput } = fence;
  const isResult = !isInput && /^(?:text)?$/.test(info);
  // A result runs to the last fence of the block, because the backticks inside it may be as long as its own.
  const close =
    isResult && run === '```' ? lines.findLastIndex((line) => line.trim() === run) : fenceEnd(lines, at + 1, run);
  const end = close > at ? close : lines.length;
  const text = lines.slice(at + 1, end).join('\n');
  if (isResult) found.result = found.result === undefined ? text : `${found.result}\n${text}`;
  else if (isInput) found.input.text = storable(text);
  else if (/^(?:bash|sh|shell)$/.test(info)) found.input.command = storable(text);
  else if (info === 'diff') addEdit(text, found);
  else if (info === 'json' && isObject(parseJson(decoded(text))))
    Object.assign(found.input, jsonObjectSchema.catch({}).parse(parseJson(decoded(text))));
  else found.input.content = storable(text);
  return end + 1;
}

function addEdit(text: string, found: Found): void {
  const [header, old, now] = /^--- (\S.*)\n\+\+\+ (\S.*)(?:\n|$)/.exec(text) ?? [];
  const isMade = old === '/dev/null';
  const isGone = now === '/dev/null';
  const path = (isGone ? old : now)?.replace(/^[ab]\//, '') ?? found.path;
  const diff = storable(header === undefined ? text : text.slice(header.length));
  if (path === undefined || path === '') found.input.diff = diff;
  else {
    const change = isMade ? 'add' : isGone ? 'delete' : 'update';
    found.edits.push({ path: storable(path), change, diff, exact: /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/m.test(diff) });
  }
}

const entities: Readonly<Record<string, string>> = {
  '&amp;': '&',
  '&lt;': '<',
  '&gt;': '>',
  '&quot;': '"',
  '&#96;': '`',
  '&#39;': "'",
};

function decoded(text: string): string {
  return text.replace(/&(?:amp|lt|gt|quot|#96|#39);/g, (entity) => entities[entity] ?? entity);
}
