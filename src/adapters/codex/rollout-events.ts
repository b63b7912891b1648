import { sessionId } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { clip } from '../content.ts';
import { changeEdits, rejected } from './file-changes.ts';
import { contentText, eventPrompt, itemPrompt } from './prompt-parts.ts';
import { reviewRequest, reviewText } from './review-text.ts';
import { type Handler, RolloutItems } from './rollout-items.ts';
import type { Fields, Rollout } from './rollout-record.ts';
import { turnFacts } from './session-facts.ts';
import { callPart } from './tool-call.ts';
import { mcpOutcome, searchResults } from './tool-output.ts';

/** What the events of the interface's log mean. */
export abstract class RolloutEvents extends RolloutItems {
  private readonly events = new Map<string, Handler>([
    ['user_message', (payload, at) => this.asked(eventPrompt(payload), payload, at, 'event')],
    ['agent_message', (payload, at) => this.told(asText(payload.message), at)],
    ['agent_reasoning', (payload) => this.mused([payload.text])],
    ['agent_reasoning_raw_content', (payload) => this.mused([payload.text])],
    ['token_count', (payload) => this.spend(payload.info)],
    ['task_started', (payload) => this.startTurn(turnFacts(payload).turn_id)],
    ['turn_started', (payload) => this.startTurn(turnFacts(payload).turn_id)],
    ['task_complete', (payload, at) => this.turnDone(payload, at)],
    ['turn_complete', (payload, at) => this.turnDone(payload, at)],
    ['turn_aborted', (payload, at) => this.turnAborted(payload, at)],
    ['thread_rolled_back', (payload) => this.rollBack(asNumber(payload.num_turns) ?? 1)],
    ['thread_name_updated', (payload) => this.named(asText(payload.thread_name))],
    ['context_compacted', (_, at) => this.compaction('', at, false)],
    ['error', (payload, at) => this.failure(payload.error ?? payload.message, at)],
    ['entered_review_mode', (payload, at) => this.command(reviewRequest(payload), at)],
    ['exited_review_mode', (payload, at) => this.reviewed(reviewText(payload.review_output), at)],
    ['undo_completed', (payload, at) => this.note('info', asText(payload.message) ?? 'undone', at)],
    ['patch_apply_end', (payload, at) => this.patched(asText(payload.call_id), payload, at)],
    ['mcp_tool_call_end', (payload, at) => this.mcpEnded(asText(payload.call_id), payload, at)],
    ['exec_command_end', (payload, at) => this.executed(asText(payload.call_id), payload, at)],
    ['web_search_end', (payload, at) => this.searchEnded(asText(payload.call_id), payload, at)],
    ['collab_agent_spawn_end', (payload) => this.spawned(asText(payload.call_id), payload.new_thread_id)],
    ['sub_agent_activity', (payload) => this.started(payload, payload.event_id)],
    ['item_completed', (payload, at) => this.completed(asObject(payload.item), at)],
  ]);

  /** The items of the paginated log, which stand for the events of the older one. */
  private readonly completions = new Map<string, Handler>([
    ['UserMessage', (item, at) => this.asked(itemPrompt(item), item, at, 'item')],
    ['AgentMessage', (item, at) => this.told(contentText(item.content), at)],
    ['Reasoning', (item) => this.mused([...asArray(item.summary_text), ...asArray(item.raw_content)])],
    ['FileChange', (item, at) => this.patched(asText(item.id), item, at)],
    ['McpToolCall', (item, at) => this.mcpEnded(asText(item.id), { ...item, invocation: item }, at)],
    ['CommandExecution', (item, at) => this.executed(asText(item.id), item, at)],
    ['WebSearch', (item, at) => this.searchEnded(asText(item.id), item, at)],
    ['Extension', (item, at) => this.searchEnded(asText(item.id), item, at)],
    ['CollabAgentToolCall', (item) => this.collaborated(item)],
    ['SubAgentActivity', (item) => this.started(item, item.id)],
    ['ContextCompaction', (_, at) => this.compaction('', at, false)],
  ]);

  protected event({ type, payload, at }: Rollout): void {
    const handle = this.events.get(type);
    if (handle) handle(payload, at);
    else if (!ignored.has(type)) this.countUnknown(`event_msg/${type}`);
  }

  private completed(item: Fields, at: unknown): void {
    const type = asText(item.type) ?? '';
    const handle = this.completions.get(type);
    if (handle) handle(item, at);
    else if (!ignoredItems.has(type)) this.countUnknown(`item_completed/${type}`);
  }

  private asked(parts: Part[], { client_id }: Fields, at: unknown, log: 'event' | 'item'): void {
    this.prompt({ parts, at, client: asText(client_id) }, log);
  }

  private turnDone(payload: Fields, at: unknown): void {
    this.failure(payload.error, at);
    this.endTurn(asText(payload.turn_id));
  }

  private turnAborted(payload: Fields, at: unknown): void {
    this.note('interrupted', asText(payload.reason) ?? '', at);
    this.endTurn(asText(payload.turn_id));
  }

  /** The index beside the store, where there is one, is never older. */
  private named(title: string | undefined): void {
    if (this.context.source.title === undefined) this.main.know({ title });
  }

  /** A compaction is told by a record and again by an event; what the model then starts from is not the conversation. */
  protected compaction(text: string, at: unknown, isRecord: boolean): void {
    if (isRecord || !this.state.compacted) this.note('compaction', text, at);
    this.set({ compacted: isRecord });
  }

  private failure(error: unknown, at: unknown): void {
    const text = asText(error) ?? asText(asObject(error).message);
    if (text !== undefined) this.note('error', text, at);
  }

  private told(text: string | undefined, at: unknown): void {
    if (text) this.tell(text, { kind: 'text', ...clip(text) }, at);
  }

  private mused(texts: readonly unknown[]): void {
    for (const text of texts) if (typeof text === 'string' && text !== '') this.muse(text);
  }

  private reviewed(text: string, at: unknown): void {
    if (text === '') return;
    this.say([{ kind: 'text', ...clip(text) }], at);
    this.set({ told: 'review' });
  }

  /** The hunks of a patch as they were applied. */
  private patched(call: string | undefined, payload: Fields, at: unknown): void {
    const ok = payload.success !== false && payload.status !== 'failed' && payload.status !== 'declined';
    const changed = changeEdits(payload.changes, (path) => this.toPath(path));
    const edits = ok ? changed : rejected(changed);
    const made = call === undefined ? undefined : this.main.call(call);
    if (!ok && call !== undefined) this.fail(call);
    if (edits.length === 0) return;
    if (made !== undefined) made.edits = edits;
    else this.main.addResult({ call, ok, text: asText(payload.stdout) ?? asText(payload.stderr) ?? '', edits, at });
  }

  /** Calls that the model made from a script are told by their end only. */
  private mcpEnded(call: string | undefined, payload: Fields, at: unknown): void {
    const outcome = mcpOutcome(payload);
    if (call !== undefined && this.isKnown(call)) {
      if (!outcome.ok) this.fail(call);
      return;
    }
    const { server, tool, arguments: input } = asObject(payload.invocation);
    const name = ['mcp', asText(server), asText(tool)].filter(Boolean).join('__');
    this.call(callPart(name, call, input), at);
    this.output(call, outcome, at);
  }

  private executed(call: string | undefined, payload: Fields, at: unknown): void {
    if (/^user_?shell$/i.test(String(payload.source)) || (call !== undefined && this.isKnown(call))) return;
    const cmd = asArray(payload.command)
      .flatMap((word) => asText(word) ?? [])
      .join(' ');
    this.call(callPart('exec_command', call, { cmd }), at);
    const text = asText(payload.aggregated_output) ?? asText(payload.stdout) ?? asText(payload.stderr) ?? '';
    this.output(call, { text, ok: (asNumber(payload.exit_code) ?? 0) === 0, attachments: [] }, at);
  }

  private searchEnded(id: string | undefined, payload: Fields, at: unknown): void {
    if (payload.action === undefined && payload.query === undefined) return;
    const call = this.search('event', payload.action ?? { query: payload.query }, id, at);
    const text = searchResults(payload.results);
    if (text !== '') this.output(call, { text, ok: true, attachments: [] }, at);
  }

  private collaborated({ id, tool, receiver_thread_ids: threads, receiverThreadIds }: Fields): void {
    if (tool === 'spawnAgent') this.spawned(asText(id), asArray(threads ?? receiverThreadIds)[0]);
  }

  private started(activity: Fields, call: unknown): void {
    if (activity.kind === 'started') this.spawned(asText(call), activity.agent_thread_id ?? activity.agentThreadId);
  }

  private spawned(call: string | undefined, thread: unknown): void {
    const id = asText(thread);
    if (call !== undefined && id !== undefined) this.spawn(call, sessionId(id));
  }
}

const ignored = new Set([
  'background_event',
  'collab_agent_interaction_end',
  'collab_close_end',
  'collab_resume_end',
  'collab_waiting_end',
  'deprecation_notice',
  'dynamic_tool_call_request',
  'dynamic_tool_call_response',
  'guardian_assessment',
  'guardian_warning',
  'image_generation_end',
  'item_started',
  'model_reroute',
  'plan_update',
  'session_configured',
  'shutdown_complete',
  'stream_error',
  'thread_goal_updated',
  'thread_settings_applied',
  'turn_diff',
  'view_image_tool_call',
  'warning',
]);

/** Items that are in the model's log as well, or that tell nothing of the conversation. */
const ignoredItems = new Set(['DynamicToolCall', 'HookPrompt', 'ImageGeneration', 'ImageView', 'Plan', 'Sleep']);
