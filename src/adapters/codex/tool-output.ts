import { asArray, asNumber, asObject, asText, isObject, parseJson } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { toolInput } from '../content.ts';
import { contentParts, contentText } from './prompt-parts.ts';
import type { Fields } from './rollout-record.ts';

/** What came back from a tool. */
export interface ToolOutput {
  readonly text: string;
  readonly ok: boolean;
  /** Images the tool gave. */
  readonly attachments: Part[];
}

/** Texts with which Codex itself says that it did not do what was asked. */
const refusals =
  /^(?:aborted by user|apply_patch verification failed|unsupported (?:call|custom tool call)|failed to parse|exec_command failed|write_stdin failed|execution error|patch rejected|rejected by|exec command rejected)/i;

/** The output of a call: text (often with a header that holds the exit code), an object, or a list of texts and images. */
export function toolOutput(output: unknown): ToolOutput {
  if (typeof output === 'string') return { ...textOutput(output), attachments: [] };
  if (Array.isArray(output)) return listOutput(output);
  if (!isObject(output)) return { text: '', ok: true, attachments: [] };
  const { content, success, text } = output;
  if (typeof text === 'string') return { ...textOutput(text), attachments: [] };
  const known = typeof content === 'string' || Array.isArray(content);
  const inner = known ? toolOutput(content) : { ...structured(output), attachments: [] };
  return { ...inner, ok: inner.ok && success !== false };
}

function listOutput(output: readonly unknown[]): ToolOutput {
  const attachments = contentParts(output).filter((part) => part.kind === 'attachment');
  return { ...textOutput(contentText(output)), attachments };
}

function textOutput(text: string): Omit<ToolOutput, 'attachments'> {
  const value = text.startsWith('{"output":') ? parseJson(text) : undefined;
  if (isObject(value) && typeof value.output === 'string') return structured(value);
  return withoutHeader(text);
}

/** The form `{output, metadata: {exit_code}}`, or `{stdout, stderr, exitCode}` of other tools. */
function structured(value: Fields): Omit<ToolOutput, 'attachments'> {
  const code = asNumber(asObject(value.metadata).exit_code) ?? asNumber(value.exit_code) ?? asNumber(value.exitCode);
  const streams = [value.output, value.stdout, value.stderr].flatMap((text) => asText(text) ?? []);
  const text = streams.length > 0 || code !== undefined ? streams.join('\n') : jsonText(value);
  return { text: withStatus(text, code), ok: (code ?? 0) === 0 && !refusals.test(text) };
}

const header =
  /^(?:Chunk ID: .*\n)?(?:Exit code: .*\n)?(?:(?:Wall time|Duration): .*\n)(?:.*\n){0,4}?(?:Total output lines: .*\n)?Output:\n?/;

function withoutHeader(text: string): Omit<ToolOutput, 'attachments'> {
  const head = header.exec(text)?.[0];
  if (head === undefined) return { text, ok: !refusals.test(text) };
  const code = /^(?:Process exited with code|Exit code:) (-?\d+)/m.exec(head)?.[1];
  const running = /^Process running with session ID .*$/m.exec(head)?.[0];
  const body = text.slice(head.length);
  const shown = running === undefined ? body : `${running}\n${body}`;
  return { text: withStatus(shown, code === undefined ? undefined : Number(code)), ok: (Number(code) || 0) === 0 };
}

function withStatus(text: string, code: number | undefined): string {
  return code === undefined || code === 0 ? text : `exit code ${code}\n${text}`;
}

/** The outcome of an `mcp_tool_call_end`: `{Ok: {content, isError}}`, `{Err}`, or the result itself. */
export function mcpOutcome(payload: Fields): ToolOutput {
  const result = asObject(payload.result);
  const error = asText(result.Err) ?? asText(asObject(payload.error).message);
  if (error !== undefined) return { text: error, ok: false, attachments: [] };
  const { content, isError, structuredContent } = isObject(result.Ok) ? result.Ok : result;
  const text = contentText(content) || (structuredContent === undefined ? '' : jsonText(structuredContent));
  return { text, ok: isError !== true, attachments: [] };
}

/** The results of a web search, one per line. */
export function searchResults(results: unknown): string {
  const lines = asArray(results).map((each) => {
    const { title, url, snippet } = asObject(each);
    return [title, url, snippet].flatMap((text) => asText(text) ?? []).join(' — ');
  });
  return lines.filter(Boolean).join('\n');
}

/** A value as JSON, with its depth bounded. */
function jsonText(value: unknown): string {
  return JSON.stringify(toolInput(value));
}
