import { asArray, asObject, asText } from '../../core/json.ts';
import type { ToolCall } from '../../core/session.ts';
import { attachment } from '../attachment.ts';
import { Conversation, mark } from './conversation.ts';
import { contentParts, contentText, messagePrompt, shellCommandOf } from './prompt-parts.ts';
import type { Fields, Rollout } from './rollout-record.ts';
import { callPart, resolvePath, toolCall } from './tool-call.ts';
import { toolOutput } from './tool-output.ts';

/** What to do with a record of one type. */
export type Handler = (payload: Fields, at: unknown) => void;

/** The id of the message with which a review's findings are told again. */
const reviewMessage = 'review_rollout_assistant';

/** What the items of the model's log mean. */
export abstract class RolloutItems extends Conversation {
  private readonly items = new Map<string, Handler>([
    ['message', (payload, at) => this.message(payload, at)],
    ['agent_message', (payload, at) => this.fromAgent(payload, at)],
    ['reasoning', (payload, at) => this.think(thoughtsOf(payload), at, asText(payload.id))],
    ...['function_call', 'custom_tool_call', 'local_shell_call'].map((type): [string, Handler] => [
      type,
      (payload, at) => this.call(toolCall(type, payload, this.toPath), at),
    ]),
    ...['function_call_output', 'custom_tool_call_output'].map((type): [string, Handler] => [
      type,
      (payload, at) => this.output(asText(payload.call_id), toolOutput(payload.output), at),
    ]),
    ['web_search_call', (payload, at) => void this.search('item', payload.action, asText(payload.id), at)],
    ['tool_search_call', (payload, at) => this.call(toolSearch(payload), at)],
    ['tool_search_output', (payload, at) => this.toolsFound(payload, at)],
    ['image_generation_call', (payload, at) => this.image(payload, at)],
  ]);

  protected item({ type, payload, at }: Rollout): void {
    const handle = this.items.get(type);
    if (handle) handle(payload, at);
    else if (!ignored.has(type)) this.countUnknown(`response_item/${type}`);
  }

  /** A stored path from one of a call. */
  protected readonly toPath = (path: string, workdir?: string): string => {
    const cwd = this.state.cwd ?? this.main.meta.cwd;
    return this.path(resolvePath(workdir === undefined ? cwd : resolvePath(cwd, workdir), path));
  };

  private message(payload: Fields, at: unknown): void {
    if (typeof payload.model === 'string') this.set({ model: payload.model });
    if (payload.role === 'user') this.userMessage(payload.content, at);
    else if (payload.role === 'assistant') this.answer(payload, at);
  }

  private answer(payload: Fields, at: unknown): void {
    const isReview = payload.id === reviewMessage && this.state.told === 'review';
    if (isReview) this.set({ told: null });
    else if (!this.wasTold(contentText(payload.content))) {
      this.say(contentParts(payload.content), at, asText(payload.id));
    }
  }

  private userMessage(content: unknown, at: unknown): void {
    const shell = shellCommandOf(content);
    if (shell === undefined) {
      if (this.main.meta.cwd === undefined) this.main.know({ cwd: environmentFolder(contentText(content)) });
      const parts = messagePrompt(content);
      if (parts.length > 0) this.hold({ parts, at });
      return;
    }
    this.command(`!${shell.command}`, at);
    const { text, ok } = toolOutput(shell.output);
    this.main.addResult({ text, ok, at });
  }

  /** A message from another agent: the task of a sub-agent, or a report to its parent. */
  private fromAgent(payload: Fields, at: unknown): void {
    const text = contentText(payload.content);
    if (text === '') return;
    const asked = this.main.meta.parent !== undefined && (this.state.turn === null || this.state.prompts === 0);
    if (asked) this.prompt({ parts: contentParts(payload.content), at }, 'item');
    else this.note('info', `from ${asText(payload.author) ?? 'another agent'}: ${text}`, at);
  }

  protected search(log: 'event' | 'item', action: unknown, id: string | undefined, at: unknown): string | undefined {
    const { type, query, queries, url, pattern } = asObject(action);
    const kind = asText(type)?.replace('_', '').toLowerCase();
    const [sought = query] = asArray(queries);
    const key = mark([kind, sought, url, pattern].map((part) => asText(part)).join('\n'));
    return this.searched(log, key, callPart('web_search', id, action), at);
  }

  private toolsFound(payload: Fields, at: unknown): void {
    const names = asArray(payload.tools).flatMap((tool) => asText(asObject(tool).name) ?? []);
    this.output(asText(payload.call_id), { text: names.join('\n'), ok: true, attachments: [] }, at);
  }

  private image(payload: Fields, at: unknown): void {
    const { revised_prompt, saved_path } = payload;
    const path = asText(saved_path);
    this.call(
      callPart('image_generation', asText(payload.id), { revised_prompt, ...(path ? { saved_path } : {}) }),
      at,
    );
    this.say([attachment({ name: path?.split(/[\\/]/).at(-1), content: asText(payload.result) })], at);
  }
}

const ignored = new Set([
  'ghost_snapshot',
  'compaction',
  'compaction_summary',
  'compaction_trigger',
  'context_compaction',
  'additional_tools',
  'other',
]);

function toolSearch(payload: Fields): ToolCall {
  return callPart('tool_search', asText(payload.call_id), payload.arguments);
}

/** The readable texts of a reasoning item: its summary, or what an open model thought. */
function thoughtsOf({ summary, content }: Fields): string[] {
  const texts = (list: unknown) => asArray(list).flatMap((part) => asText(asObject(part).text) ?? []);
  const summaries = texts(summary);
  return summaries.length > 0 ? summaries : texts(content);
}

/** The folder in an environment context, in either of its forms. */
function environmentFolder(text: string): string | undefined {
  if (!text.includes('<environment_context>')) return undefined;
  return (/<cwd>([^<]+)<\/cwd>/.exec(text) ?? /Current working directory: (.+)/.exec(text))?.[1]?.trim();
}
