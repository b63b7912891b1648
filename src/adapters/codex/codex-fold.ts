import { sessionId } from '../../core/ids.ts';
import { asObject, asText } from '../../core/json.ts';
import type { ParserContext } from '../adapter.ts';
import { type Copy, copyAfter, copyOf } from './copied-history.ts';
import { eventPrompt, itemPrompt } from './prompt-parts.ts';
import { RolloutEvents } from './rollout-events.ts';
import { threadOf } from './rollout-name.ts';
import { type Fields, type Rollout, rolloutRecord } from './rollout-record.ts';
import { lineage, originOf, type SessionFacts, sessionFacts, turnFacts } from './session-facts.ts';
import { spent } from './token-usage.ts';

/** Reads a rollout of any generation: whose session it is, which records are its own, and what each of them is. */
export class CodexFold extends RolloutEvents {
  private readonly nameIsId: boolean;

  /** Throws when `saved` is not a state of this fold. */
  constructor(context: ParserContext, saved?: unknown) {
    const thread = threadOf(context.source.path);
    super(context, sessionId(thread ?? context.source.key), saved);
    this.nameIsId = thread !== undefined;
    this.main.know({ title: context.source.title });
  }

  protected override read(fields: Fields): void {
    const record = rolloutRecord(fields);
    if (record.kind === 'meta') this.meta(record);
    else if (!this.isCopied(record)) this.own(record);
  }

  private own(record: Rollout): void {
    this.main.touch(record.at);
    if (record.kind === 'item') this.item(record);
    else if (record.kind === 'event') this.event(record);
    else if (record.kind === 'context') this.turnContext(record);
    else if (record.kind === 'compacted') this.compaction(asText(record.payload.message) ?? '', record.at, true);
    else if (record.kind === 'unknown') this.countUnknown(record.type);
  }

  /** The header is written again at each resume; a fork's file may hold its parent's as well. */
  private meta({ payload, at }: Rollout): void {
    const facts = sessionFacts(payload);
    if (!this.state.introduced) this.introduce(facts, at);
    else if (facts.id === undefined || sessionId(facts.id) === this.main.meta.id) {
      this.main.know({ branch: facts.git?.branch });
    } else this.parentMeta(facts.id);
  }

  private introduce(facts: SessionFacts, at: unknown): void {
    if (!this.nameIsId && facts.id !== undefined) this.main.know({ id: sessionId(facts.id) });
    const { parent, forkedFrom } = lineage(facts);
    this.main.know({
      agentVersion: facts.cli_version,
      cwd: facts.cwd,
      branch: facts.git?.branch,
      origin: originOf(facts),
      parent: parent === undefined ? undefined : sessionId(parent),
      forkedFrom: forkedFrom === undefined ? undefined : sessionId(forkedFrom),
    });
    this.main.touch(facts.timestamp ?? at);
    // A file that refers to its parent's history has nothing of it.
    const forked = facts.history_base === undefined ? facts.forked_from_id : undefined;
    const isCopy = (forked ?? facts.subagent_history_start_ordinal) !== undefined;
    const copy = isCopy ? copyOf({ id: this.main.meta.id, facts, at }) : undefined;
    const from = facts.history_base?.exchange ?? null;
    this.set({ introduced: true, cwd: facts.cwd ?? null, copy: copy ?? null, from });
  }

  /** A foreign header before the first prompt: what follows is a copy, even if the file does not say it is a fork. */
  private parentMeta(id: string): void {
    if (this.state.copy !== null || this.main.isOpen || this.main.state.ordinal > 0) return;
    const { meta } = this.main;
    if (meta.parent === undefined) this.main.know({ forkedFrom: sessionId(id) });
    this.set({ copy: copyOf({ id: meta.id, facts: {}, at: meta.createdAt }) ?? null });
  }

  private isCopied(record: Rollout): boolean {
    const { copy } = this.state;
    if (copy === null) return false;
    const after = copyAfter(copy, record);
    if (after === undefined) {
      this.set({ copy: null, from: this.latestPrompt ?? this.state.from, turn: null, prompts: 0 });
      return false;
    }
    this.follow(record, after);
    return true;
  }

  /** Of copied records only what the fork goes on from: the last prompt and the token totals. */
  private follow({ kind, type, payload }: Rollout, copy: Copy): void {
    this.set({ copy });
    if (kind === 'context' || type === 'task_started') this.startTurn(turnFacts(payload).turn_id);
    const item = type === 'item_completed' ? asObject(payload.item) : {};
    const parts = kind === 'event' && type === 'user_message' ? eventPrompt(payload) : itemPrompt(item);
    if (parts.length > 0) this.set({ prompts: this.state.prompts + 1 });
    if (type === 'token_count') this.set({ total: spent(payload.info, this.state.total).total });
  }

  private turnContext({ payload }: Rollout): void {
    const { turn_id, cwd, model } = turnFacts(payload);
    this.startTurn(turn_id);
    this.set({ cwd: cwd ?? this.state.cwd, model: model ?? this.state.model });
    if (this.main.meta.cwd === undefined) this.main.know({ cwd });
  }
}
