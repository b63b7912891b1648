import { sessionId } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText, isObject, parseJson } from '../../core/json.ts';
import type { Edit, Part, Usage } from '../../core/session.ts';
import { instant, storable } from '../../core/text.ts';
import { attachment } from '../attachment.ts';
import { clip, toolInput } from '../content.ts';
import { editsOfCall, type PathForm, refused, targetOf } from '../cursor-edits.ts';
import { fromHunks, fromUnified, type Hunk } from '../edits.ts';
import type { Result } from '../thread.ts';
import { toolType } from '../tool-types.ts';

export type Fields = { readonly [key: string]: unknown };

/** Kinds of message by `capabilityType`. */
const capability = { summary: 22, thinking: 30 } as const;

/** Whether a message was typed by the person; `undefined` when it is of neither side. */
export function isPrompt({ type }: Fields): boolean | undefined {
  if (type === 1 || type === 'user') return true;
  return type === 2 || type === 'ai' ? false : undefined;
}

/** The text of a message: `text`, or else what the editor's rich text holds. */
export function textOf(bubble: Fields): string {
  const rich = asText(bubble.text) === undefined ? parseJson(asText(bubble.richText) ?? '') : undefined;
  return asText(bubble.text) ?? (rich === undefined ? '' : lexical(asObject(rich).root, 0).trim());
}

/** When a message was written, by the fields that can be trusted: clocks that do not count from 1970 are not. */
export function timeOf(bubble: Fields): string | undefined {
  const timing = asObject(bubble.timingInfo);
  const times = [
    bubble.createdAt,
    bubble.timestamp,
    timing.clientRpcSendTime,
    timing.clientStartTime,
    timing.clientEndTime,
  ];
  return times.map((time) => (typeof time === 'number' && time < 1e12 ? undefined : instant(time))).find(Boolean);
}

/** Images of a prompt: where they lie, not what they show. */
export function imagesOf(bubble: Fields): Part[] {
  const lists = [bubble.images, bubble.selectedImages, asObject(bubble.context).selectedImages];
  const [images = []] = lists.map(asArray).filter((list) => list.length > 0);
  return images
    .filter(isObject)
    .map((image) => attachment({ name: fileName(asText(image.path)), mime: asText(image.mimeType) }));
}

/** Tokens, where Cursor counted them: most messages say 0. */
export function usageOf(bubble: Fields): Usage | undefined {
  const { inputTokens, outputTokens } = asObject(bubble.tokenCount);
  const [input, output] = [inputTokens, outputTokens].map((value) => Math.max(0, Math.round(asNumber(value) ?? 0)));
  return input || output ? { input: input ?? 0, output: output ?? 0 } : undefined;
}

/** Thinking, text and errors of an answer. */
export function answerParts(bubble: Fields): Part[] {
  const thoughts = [asObject(bubble.thinking), ...asArray(bubble.allThinkingBlocks).map(asObject)];
  const thought = thoughts.map(({ text, thinking }) => asText(text) ?? asText(thinking)).find(Boolean);
  const error = errorOf(bubble.errorDetails);
  const text = textOf(bubble);
  const hidden = thought === undefined && bubble.capabilityType === capability.thinking;
  const summary = bubble.capabilityType === capability.summary;
  const parts: Part[] = [];
  if (thought !== undefined || hidden) parts.push({ kind: 'thinking', ...clip(thought ?? '') });
  if (summary) parts.push({ kind: 'note', label: 'compaction', ...clip(text) });
  else if (text.trim() !== '') parts.push({ kind: 'text', ...clip(text) });
  if (error !== undefined) parts.push({ kind: 'note', label: 'error', ...clip(error) });
  return parts;
}

/** What a message does besides talking. */
interface ToolUse {
  readonly call: Part;
  readonly result: Result | undefined;
}

/** What the fold knows around a message. */
interface Around {
  /** The id that stands in for one of the call. */
  readonly bubble: string;
  readonly form: PathForm;
  /** The diff of the contents that the result refers to. */
  readonly diff: string | undefined;
  /** The sub-agents of the conversation. */
  readonly children: readonly string[];
}

/** The tool call of a message and its result; `undefined` when it calls no tool. */
export function toolUse(bubble: Fields, around: Around): ToolUse | undefined {
  const former = asObject(bubble.toolFormerData);
  const number = asNumber(former.tool);
  const name = asText(former.name) ?? (number === undefined ? undefined : `tool ${number}`);
  if (name === undefined) return undefined;
  const id = storable(asText(former.toolCallId) ?? around.bubble);
  const input = toolInput([former.rawArgs, former.params].map(objectIn).find((args) => Object.keys(args).length > 0));
  const state = outcome(former);
  const asked = editsOf(name, { ...objectIn(former.params), ...input }, former, around);
  const edits = state === 'failed' ? refused(asked) : asked;
  const call: Part = {
    kind: 'tool_call',
    id,
    name: storable(name),
    type: toolType(name),
    input,
    ...(edits.length > 0 ? { edits } : {}),
  };
  return {
    call,
    result: state === 'open' ? undefined : { call: id, ok: state === 'done', ...resultOf(former, around) },
  };
}

function outcome({ status, userDecision, error, result }: Fields): 'done' | 'failed' | 'open' {
  if (userDecision === 'rejected' || status === 'error' || status === 'cancelled' || status === 'rejected')
    return 'failed';
  if (asText(error) !== undefined || isObject(error)) return 'failed';
  return status === 'completed' || result !== undefined ? 'done' : 'open';
}

/** Best evidence first: hunks that Cursor recorded, the contents before and after, what the arguments say. */
function editsOf(name: string, input: Fields, former: Fields, { form, diff }: Around): Edit[] {
  const asked = editsOfCall(name, input, form);
  const target = targetOf(input);
  if (toolType(name) !== 'write' || target === undefined) return asked;
  const hunks = asArray(asObject(objectIn(former.result).diff).chunks)
    .map(asObject)
    .flatMap(hunkOf);
  const created = hunks.length === 1 && hunks[0]?.oldLines === 0 && hunks[0].oldStart <= 1;
  if (hunks.length > 0) return [fromHunks(form(target), hunks, created ? 'add' : 'update')];
  if (diff !== undefined) return [fromUnified(form(target), diff, diff.startsWith('@@ -0,0 ') ? 'add' : 'update')];
  return asked;
}

/** Lines of a chunk have a sign and a space before their text; the counts of the chunk are not always those of its lines. */
function hunkOf(chunk: Fields): Hunk[] {
  const text = asText(chunk.diffString);
  if (text === undefined) return [];
  const raw = text.replace(/\n$/, '').split('\n');
  const spaced = raw.every((line) => line === '' || /^[-+ ](?: |$)/.test(line));
  const lines = raw.map((line) => (line === '' ? ' ' : spaced ? line.charAt(0) + line.slice(2) : line));
  const count = (sign: string) => lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).length;
  const [oldStart, newStart] = [chunk.oldStart, chunk.newStart].map((value) =>
    Math.max(0, Math.round(asNumber(value) ?? 0)),
  );
  return [{ oldStart: oldStart ?? 0, oldLines: count('-'), newStart: newStart ?? 0, newLines: count('+'), lines }];
}

function resultOf(former: Fields, { children }: Around): Pick<Result, 'text' | 'session'> {
  const result = objectIn(former.result);
  const extra = asObject(former.additionalData);
  const wanted = `task-${asText(former.toolCallId)}`;
  const named = [result.agentId, result.subagentId, extra.subagentComposerId, extra.composerId].map(asText);
  const child = [...named, wanted].find((id) => id !== undefined && children.includes(id));
  return { text: resultText(former, result), ...(child === undefined ? {} : { session: sessionId(child) }) };
}

/** What a person would read of a result: its text where it has one; not a diff, which is an edit already. */
function resultText(former: Fields, result: Fields): string {
  const error = errorOf(typeof former.error === 'string' ? (parseJson(former.error) ?? former.error) : former.error);
  if (error !== undefined) return error;
  if (result.diff !== undefined || result.afterContentId !== undefined) return '';
  const text = ['output', 'contents', 'content', 'text', 'result'].map((name) => asText(result[name])).find(Boolean);
  if (text !== undefined) return text;
  return typeof former.result === 'string'
    ? former.result
    : Object.keys(result).length > 0
      ? JSON.stringify(toolInput(result))
      : '';
}

function errorOf(error: unknown): string | undefined {
  if (typeof error === 'string') return asText(error);
  const { clientVisibleErrorMessage, modelVisibleErrorMessage, message, error: inner, title } = asObject(error);
  const texts = [clientVisibleErrorMessage, message, modelVisibleErrorMessage, inner, title].map(asText);
  return texts.find((text) => text !== undefined);
}

/** An object that may come as its JSON. */
function objectIn(value: unknown): Fields {
  return asObject(typeof value === 'string' ? parseJson(value) : value);
}

/** The text of a node of rich text: paragraphs on lines of their own. */
function lexical(node: unknown, depth: number): string {
  const { text, children, type } = asObject(node);
  if (typeof text === 'string') return text;
  if (depth > 64) return '';
  const inner = asArray(children)
    .map((child) => lexical(child, depth + 1))
    .join('');
  return type === 'paragraph' ? `${inner}\n` : type === 'linebreak' ? '\n' : inner;
}

function fileName(path: string | undefined): string | undefined {
  return path?.split(/[\\/]/).at(-1);
}
