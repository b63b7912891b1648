import { asNumber, asObject, asText } from '../../core/json.ts';
import type { Part, Usage } from '../../core/session.ts';
import { storable } from '../../core/text.ts';
import { clip, toolInput } from '../content.ts';
import { toolType } from '../tool-types.ts';
import type { Fields } from './fields.ts';
import { attachmentOf } from './said.ts';
import { callEdits, type Path } from './tool-edits.ts';

/** One block of an answer; `undefined` for a type that is not known, none for one that says nothing. */
export function answerParts(block: Fields, path: Path): Part[] | undefined {
  switch (block.type) {
    case 'text':
      return textParts(asText(block.text) ?? '');
    case 'thinking':
      return [{ kind: 'thinking', ...clip(asText(block.thinking) ?? '') }];
    case 'redacted_thinking':
      return [{ kind: 'thinking', text: '' }];
    case 'tool_use':
    case 'server_tool_use':
    case 'mcp_tool_use':
      return [toolCall(block, path)];
    case 'image':
    case 'document':
      return [attachmentOf(block)];
    case 'fallback':
      return [];
    default:
      return undefined;
  }
}

/** Answers often begin with a block of line ends only. */
function textParts(text: string): Part[] {
  return text.trim() === '' ? [] : [{ kind: 'text', ...clip(text) }];
}

/** A tool call with the edits its arguments ask for. */
export function toolCall(block: Fields, path: Path): Part {
  const name = storable(asText(block.name) ?? 'unknown');
  const id = asText(block.id);
  const edits = callEdits(name, block.input, path);
  return {
    kind: 'tool_call',
    ...(id === undefined ? {} : { id: storable(id) }),
    name,
    type: toolType(name),
    input: toolInput(block.input),
    ...(edits.length > 0 ? { edits } : {}),
  };
}

/** Tokens of an answer. `input_tokens` excludes the cache already; `thinking_tokens` are part of `output_tokens`. */
export function usageOf(value: unknown): Usage | undefined {
  const usage = asObject(value);
  const counts = {
    input: usage.input_tokens,
    output: usage.output_tokens,
    cacheRead: usage.cache_read_input_tokens,
    cacheWrite: usage.cache_creation_input_tokens,
    reasoning: asObject(usage.output_tokens_details).thinking_tokens,
  };
  const known = Object.entries(counts).filter(
    ([, count]) => Number.isSafeInteger(count) && (asNumber(count) ?? -1) >= 0,
  );
  return known.length === 0 ? undefined : Object.fromEntries(known);
}
