import { asArray, asObject, asText, isObject } from '../core/json.ts';
import type { Edit, Part } from '../core/session.ts';
import { storable } from '../core/text.ts';
import { attachment } from './attachment.ts';
import { clip, toolInput } from './content.ts';
import { editsOfCall, type PathForm } from './cursor-edits.ts';
import { fromUnified, rewrite } from './edits.ts';
import { toolType } from './tool-types.ts';

type Fields = { readonly [key: string]: unknown };

/** The parts of a message: `content` is a text, or a list of parts in the words of the transcript or of the database. */
export function contentOf(message: Fields): Fields[] {
  const { content } = message;
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return asArray(content).filter(isObject);
}

/** All text of a message. */
export function textIn(message: Fields): string {
  return contentOf(message)
    .flatMap((part) => (part.type === 'text' ? (asText(part.text) ?? []) : []))
    .join('\n');
}

/** The images and files of a message. */
export function attachmentsIn(message: Fields): Part[] {
  return contentOf(message).flatMap((part) => {
    if (part.type !== 'image' && part.type !== 'file') return [];
    const content = [part.image, part.data].find((value) => typeof value === 'string' || value instanceof Uint8Array);
    const data = typeof content === 'string' && !/^https?:/.test(content) ? content : undefined;
    return [
      attachment({ name: asText(part.filename), mime: asText(part.mimeType) ?? asText(part.mediaType), content: data }),
    ];
  });
}

/** What one part of an answer is; `undefined` for a type that is not known. */
export function answerPart(part: Fields, form: PathForm): Part[] | undefined {
  switch (part.type) {
    case 'text':
      return visible(asText(part.text) ?? '');
    case 'thinking':
    case 'reasoning':
      return [{ kind: 'thinking', ...clip(asText(part.thinking) ?? asText(part.text) ?? '') }];
    case 'redacted-reasoning':
      return [{ kind: 'thinking', text: '' }];
    case 'tool_use':
    case 'tool-call':
    case 'tool_call':
      return [call(part, form)];
    default:
      return undefined;
  }
}

const hidden = '[REDACTED]';

/** Text of a transcript; `[REDACTED]` at its end stands for thinking that is not shown. */
function visible(text: string): Part[] {
  const thought = text.trimEnd().endsWith(hidden);
  const shown = thought ? text.slice(0, text.lastIndexOf(hidden)).trimEnd() : text;
  return [
    ...(shown.trim() === '' ? [] : [{ kind: 'text' as const, ...clip(shown) }]),
    ...(thought ? [{ kind: 'thinking' as const, text: '' }] : []),
  ];
}

function call(part: Fields, form: PathForm): Part {
  const name = asText(part.toolName) ?? asText(part.name) ?? 'unknown';
  const id = asText(part.toolCallId) ?? asText(part.id);
  const input = toolInput(part.args ?? part.input);
  const edits = editsOfCall(name, input, form);
  return {
    kind: 'tool_call',
    ...(id ? { id: storable(id) } : {}),
    name: storable(name),
    type: toolType(name),
    input,
    ...(edits.length > 0 ? { edits } : {}),
  };
}

/** The outcome of a tool call, from the part of the result and what Cursor noted beside it. */
export interface Outcome {
  readonly call: string | undefined;
  readonly ok: boolean;
  readonly text: string;
  /** `output.success` of the tool: what it says depends on the tool. */
  readonly success: Fields;
}

const failures = ['failure', 'error', 'rejected', 'permissionDenied', 'timeout', 'spawnError', 'fileNotFound'];

/** The results in a message: of role `tool` in the database, of role `user` in transcripts. */
export function outcomesIn(message: Fields): Outcome[] {
  const noted = asObject(asObject(asObject(message.providerOptions).cursor).highLevelToolCallResult);
  const output = asObject(noted.output);
  const failed = noted.isError === true || failures.some((name) => isObject(output[name]));
  return contentOf(message)
    .filter(({ type }) => type === 'tool-result' || type === 'tool_result')
    .map((part) => ({
      call: asText(part.toolCallId) ?? asText(part.tool_use_id),
      ok: !failed && part.is_error !== true && part.isError !== true,
      text: resultText(part),
      success: asObject(output.success),
    }));
}

/** The edits that the outcome proves: the file before and after, or else a diff of Cursor's own. */
export function provenEdits(path: string, { success, ok }: Outcome): Edit[] {
  const { beforeFullFileContent: before, afterFullFileContent: after, diffString: diff } = success;
  if (!ok) return [];
  if (typeof before === 'string' && typeof after === 'string') return [rewrite(path, before, after)];
  return typeof diff === 'string' && /^@@/m.test(diff) ? [fromUnified(path, diff)] : [];
}

function resultText(part: Fields): string {
  const { result, content, experimental_content: experimental } = part;
  if (typeof result === 'string') return result;
  const listed = textIn({ content: content ?? experimental });
  return listed === '' && result !== undefined && result !== null ? JSON.stringify(toolInput(result)) : listed;
}
