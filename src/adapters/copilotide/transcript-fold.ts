import * as z from 'zod';
import { sessionId } from '../../core/ids.ts';
import { asArray, asObject, asText, parseJson } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { storable } from '../../core/text.ts';
import type { ParserContext } from '../adapter.ts';
import { attachment } from '../attachment.ts';
import { clip, toolInput } from '../content.ts';
import { Fold } from '../fold.ts';
import type { About } from '../thread.ts';
import { toolType } from '../tool-types.ts';
import { proposedEdits } from './edits.ts';

type Fields = { readonly [key: string]: unknown };

/** Events that say nothing of the conversation. */
const silent = new Set<unknown>([
  'assistant.turn_start',
  'assistant.turn_end',
  'session.end',
  'session.shutdown',
  'hook.start',
  'hook.end',
]);

/**
 * Reads the event stream that the extension keeps for hooks (`GitHub.copilot-chat/transcripts`): prompts, answers
 * and calls, with whether they succeeded and without what they gave.
 */
export class TranscriptFold extends Fold<null> {
  constructor(context: ParserContext, saved?: unknown) {
    super(context.source.agent, context, sessionId(context.source.key), { fresh: null, schema: z.null() }, saved);
  }

  protected read({ type, data, id, timestamp }: Fields): void {
    const body = asObject(data);
    if (type === 'session.start') this.session(body);
    else if (type === 'user.message') this.prompt(body, asText(id), timestamp);
    else if (type === 'assistant.message') this.answer(body, timestamp);
    else if (type === 'tool.execution_start')
      this.call(body.toolCallId, body.toolName, body.arguments, { at: timestamp });
    else if (type === 'tool.execution_complete') this.result(body, timestamp);
    else if (type === 'abort') this.main.add('agent', [{ kind: 'note', label: 'interrupted', text: 'Canceled' }], {});
    else if (!silent.has(type)) this.countUnknown(asText(type) ?? '(none)');
  }

  private session({ sessionId: name, copilotVersion, startTime }: Fields): void {
    const id = asText(name);
    this.main.know({ id: id === undefined ? undefined : sessionId(id), agentVersion: asText(copilotVersion) });
    this.main.touch(startTime);
  }

  private prompt({ content, attachments }: Fields, id: string | undefined, at: unknown): void {
    this.openExchange({ message: id, at });
    const names = asArray(attachments).map(
      (value) => asText(asObject(value).path) ?? asText(asObject(value).displayName),
    );
    const files = names.flatMap((name) => (name === undefined ? [] : [attachment({ name })]));
    const text = asText(content);
    if (text !== undefined) this.main.add('user', [{ kind: 'text', ...clip(text) }], { id, at });
    if (files.length > 0) this.main.add('user', files, { id, at });
  }

  private answer({ messageId, content, reasoningText, toolRequests }: Fields, at: unknown): void {
    const about = { id: asText(messageId), at };
    const thought = asText(reasoningText);
    if (thought !== undefined) this.main.add('agent', [{ kind: 'thinking', ...clip(thought) }], about);
    const text = asText(content);
    if (text !== undefined) this.main.add('agent', [{ kind: 'text', ...clip(text) }], about);
    for (const request of asArray(toolRequests).map(asObject)) {
      this.call(request.toolCallId, request.name, request.arguments, about);
    }
  }

  /** A call comes twice: as the model asked for it, and when it starts. */
  private call(callId: unknown, tool: unknown, given: unknown, about: About): void {
    const id = asText(storable(asText(callId) ?? ''));
    if (id !== undefined && this.main.call(id)) return;
    const name = storable(asText(tool) ?? 'unknown');
    const input = toolInput(typeof given === 'string' ? (parseJson(given) ?? given) : given);
    const edits = proposedEdits(name, input, (path) => this.path(path));
    const part: Part = { kind: 'tool_call', name, type: toolType(name), input };
    if (id !== undefined) part.id = id;
    if (edits.length > 0) part.edits = edits;
    this.main.add('agent', [part], about);
  }

  private result({ toolCallId, success, result, error }: Fields, at: unknown): void {
    const { content, detailedContent } = asObject(result);
    const text = asText(content) ?? asText(detailedContent) ?? asText(asObject(error).message) ?? '';
    this.main.addResult({ call: asText(storable(asText(toolCallId) ?? '')), ok: success !== false, text, at });
  }
}
