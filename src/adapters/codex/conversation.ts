import { digest, type ExchangeId, exchangeId, type SessionId, sessionId } from '../../core/ids.ts';
import type { Part, ToolCall, Usage } from '../../core/session.ts';
import type { Parsed, ParserContext } from '../adapter.ts';
import { clip } from '../content.ts';
import { Fold } from '../fold.ts';
import { type Opening, Thread } from '../thread.ts';
import { codexId } from './codex-id.ts';
import { rejected } from './file-changes.ts';
import { freshState, type OwnState, ownStateSchema } from './own-state.ts';
import { spent, sum } from './token-usage.ts';
import type { ToolOutput } from './tool-output.ts';

/** Exchanges and calls that are remembered: more than anybody rolls back, or runs side by side. */
const remembered = { branch: 500, calls: 64, few: 32 };

/** A prompt as one of the two logs tells it. */
interface Prompt {
  readonly parts: Part[];
  readonly at: unknown;
  /** The id a client gave it. */
  readonly client?: string | undefined;
}

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * The conversation of a rollout: who said what, whichever of the two logs said it. Prompts come as events and again as
 * items; an item counts only when no event comes before the agent answers, which is why it is held.
 */
export abstract class Conversation extends Fold<OwnState> {
  constructor(context: ParserContext, id: SessionId, saved?: unknown) {
    super(codexId, context, id, { fresh: freshState, schema: ownStateSchema }, saved);
  }

  protected set(patch: Partial<OwnState>): void {
    this.state = { ...this.state, ...patch };
  }

  /** The prompt of an event, `log` being the kind of event; some versions write both kinds for one prompt. */
  protected prompt(prompt: Prompt, log: 'event' | 'item'): void {
    if (prompt.parts.length === 0) return;
    const { heard } = this.state;
    this.set({ events: true, held: [] });
    if (heard !== null && heard !== log) return;
    this.openAt(prompt);
    this.set({ heard: log });
  }

  /** The prompt of an item: it opens an exchange only when no event has said so or will. */
  protected hold({ parts, at }: Prompt): void {
    if (this.state.heard === null) this.set({ held: [...this.state.held, { parts, at }] });
  }

  private settle(): void {
    const { held } = this.state;
    if (held.length === 0) return;
    this.set({ held: [] });
    if (!this.awaitsEvent()) for (const { parts, at } of held) this.openAt({ parts, at });
  }

  /** In a file with turns and prompt events, every prompt has its event. */
  private awaitsEvent(): boolean {
    return this.state.events && this.state.turn !== null;
  }

  /** What a person did without a prompt: `!command`, `/review`. */
  protected command(text: string, at: unknown): void {
    const note: Part = { kind: 'note', label: 'command', ...clip(text) };
    const midTurn = this.main.isOpen && this.state.turn !== null && this.state.prompts > 0;
    if (midTurn) this.main.add('user', [note], { at });
    else this.openAt({ parts: [note], at });
  }

  private openAt(prompt: Prompt): void {
    this.openExchange(this.opening(prompt, 0));
    const { branch, rolledBack, prompts } = this.state;
    this.set({
      branch: rolledBack ? branch : this.branchNow(),
      from: null,
      rolledBack: false,
      prompts: prompts + 1,
      answer: null,
      thoughts: [],
      mused: [],
      search: null,
    });
    this.main.add('user', prompt.parts, { at: prompt.at });
  }

  private opening(prompt: Prompt, ahead: number): Opening {
    const { cwd, from, prompts } = this.state;
    const message = this.promptId(prompts + ahead, prompt.client);
    return { message, at: prompt.at, cwd: cwd ?? undefined, parent: ahead === 0 ? (from ?? undefined) : undefined };
  }

  /** Turn ids stay the same in a fork's copy; a turn may take more than one prompt. */
  private promptId(index: number, client?: string): string | undefined {
    const { turn } = this.state;
    if (turn !== null && uuid.test(turn)) return index === 0 ? turn : `${turn}#${index}`;
    return client !== undefined && uuid.test(client) ? client : undefined;
  }

  /** The id of the latest prompt's exchange, where it follows from its turn. */
  protected get latestPrompt(): ExchangeId | null {
    const message = this.state.prompts > 0 ? this.promptId(this.state.prompts - 1) : undefined;
    return message === undefined ? null : exchangeId(this.agent, { message });
  }

  private branchNow(): ExchangeId[] {
    const { branch } = this.state;
    const last = this.main.previous;
    return last === null || last === branch.at(-1) ? [...branch] : [...branch, last].slice(-remembered.branch);
  }

  /** Takes back the latest `turns` prompts: what follows continues the exchange before them. */
  protected rollBack(turns: number): void {
    this.main.close();
    const branch = this.state.rolledBack ? [...this.state.branch] : this.branchNow();
    const kept = branch.slice(0, Math.max(0, branch.length - Math.max(0, turns)));
    this.set({ branch: kept, from: kept.at(-1) ?? null, rolledBack: true, held: [], heard: null, answer: null });
  }

  protected startTurn(turn: string | undefined): void {
    const { turn: running, ended } = this.state;
    if (turn === undefined || turn === running) return;
    this.set({ turn, prompts: turn === ended?.turn ? ended.prompts : 0 });
  }

  protected endTurn(turn: string | undefined): void {
    const { turn: running, prompts, ended } = this.state;
    if (turn !== undefined && turn !== running) return;
    this.set({ turn: null, prompts: 0, heard: null, ended: running === null ? ended : { turn: running, prompts } });
  }

  /** Parts of the model answer being read; one answer goes up to the count of its tokens. */
  protected say(parts: readonly Part[], at: unknown, id?: string): void {
    if (parts.length === 0) return;
    this.settle();
    const { answer, owed, model, mused } = this.state;
    const goesOn = answer !== null && (!answer.closed || (answer.id === null && id === undefined));
    const usage = goesOn ? answer.usage : owed;
    const now = { id: goesOn ? answer.id : (id ?? null), usage, closed: false };
    const thoughts = answer?.closed === false ? this.state.thoughts : [];
    this.set({ answer: now, owed: goesOn ? owed : null, heard: null, thoughts, mused: [] });
    const about = { id: now.id ?? undefined, at, model: model ?? undefined, usage: usage ?? undefined };
    this.main.add('agent', [...mused.map(thought), ...parts], about);
  }

  /** Thoughts of an item: those its events told before are the same; one without any is shown as empty. */
  protected think(texts: readonly string[], at: unknown, id?: string): void {
    const { mused } = this.state;
    this.set({ mused: [] });
    const fresh = [...new Set([...texts, ...mused])];
    this.say(fresh.length > 0 ? fresh.map(thought) : [thought('')], at, id);
    this.set({ thoughts: [...this.state.thoughts, ...fresh.map(mark)].slice(-remembered.few) });
  }

  /** A thought of an event, kept until its item or another part comes, unless its item was there before. */
  protected muse(text: string): void {
    const { answer, thoughts, mused } = this.state;
    if (answer?.closed === false && thoughts.includes(mark(text))) return;
    if (!mused.includes(text)) this.set({ mused: [...mused, text].slice(-remembered.few) });
  }

  /** An answer's text told by an event: shown unless items tell answers, too. */
  protected tell(text: string, part: Part, at: unknown): void {
    if (this.state.answered) return;
    this.say([part], at);
    this.set({ told: mark(text) });
  }

  /** Whether the text of an answer's item was shown already, from its event. */
  protected wasTold(text: string): boolean {
    const told = this.state.told === mark(text);
    this.set({ answered: true, told: null });
    return told;
  }

  protected call(call: ToolCall, at: unknown): void {
    this.say([call], at, call.id);
    if (call.id !== undefined) this.set({ calls: [...this.state.calls, call.id].slice(-remembered.calls) });
  }

  /** Whether a call stands in the open exchange or did in one before. */
  protected isKnown(call: string): boolean {
    return this.main.call(call) !== undefined || this.state.calls.includes(call);
  }

  protected output(call: string | undefined, { text, ok, attachments }: ToolOutput, at: unknown): void {
    const { failed, spawned } = this.state;
    const fine = ok && !(call !== undefined && failed.includes(call));
    const made = call === undefined ? undefined : this.main.call(call);
    if (!fine && made?.edits) made.edits = rejected(made.edits);
    const session = spawned.find((each) => each.call === call)?.session ?? startedAgent(made?.name, text);
    this.main.addResult({ call, ok: fine, text, session, at });
    if (attachments.length > 0) this.say(attachments, at);
  }

  protected fail(call: string): void {
    this.set({ failed: [...this.state.failed, call].slice(-remembered.few) });
  }

  protected spawn(call: string, session: SessionId): void {
    this.set({ spawned: [...this.state.spawned, { call, session }].slice(-remembered.few) });
  }

  /** Counts tokens with the latest answer. */
  protected spend(info: unknown): void {
    const { total, used } = spent(info, this.state.total);
    this.set({ total });
    if (used !== undefined) this.count(used);
  }

  private count(used: Usage): void {
    const { answer, owed } = this.state;
    if (answer === null || !this.main.isOpen) {
      this.set({ owed: sum(owed, used) });
      return;
    }
    const usage = sum(answer.usage, used);
    this.set({ answer: { ...answer, usage, closed: true } });
    this.main.add('agent', [], { id: answer.id ?? undefined, usage });
  }

  /** A web search, which both logs tell, in either order; the call's id is that of the one that came first. */
  protected searched(log: 'event' | 'item', key: string, call: ToolCall, at: unknown): string | undefined {
    const { search } = this.state;
    if (search !== null && search.log !== log && search.key === key) {
      this.set({ search: null });
      return search.call ?? undefined;
    }
    this.call(call, at);
    this.set({ search: { log, key, call: call.id ?? null } });
    return call.id;
  }

  /** Something that happened, in the open exchange. */
  protected note(label: 'compaction' | 'error' | 'info' | 'interrupted', text: string, at: unknown): void {
    if (!this.main.isOpen) return;
    this.main.add('agent', [{ kind: 'note', label, ...clip(text) }], { at, id: this.state.answer?.id ?? undefined });
  }

  /** With the prompts that are still held at the end of a file without turns: nothing else will confirm them. */
  override open(): Parsed[] {
    const shown = super.open();
    const { held, turn } = this.state;
    if (held.length === 0 || turn !== null) return shown;
    const ordinal = this.main.state.ordinal + this.main.open().length;
    const ahead = new Thread(this.agent, { ...this.main.state, ordinal });
    for (const [index, prompt] of held.entries()) {
      ahead.openExchange(this.opening({ parts: prompt.parts, at: prompt.at }, index));
      ahead.add('user', prompt.parts, { at: prompt.at });
    }
    ahead.close();
    return [...shown, ...ahead.take().map((parsed) => ({ ...parsed, closed: false }))];
  }
}

/** The thread in the output of a call that started a sub-agent. */
function startedAgent(tool: string | undefined, output: string): SessionId | undefined {
  const id = tool === 'spawn_agent' ? /"(?:agent|thread)_id"\s*:\s*"([0-9a-f-]{36})"/.exec(output)?.[1] : undefined;
  return id === undefined ? undefined : sessionId(id);
}

function thought(text: string): Part {
  return { kind: 'thinking', ...clip(text) };
}

/** Enough of a text to know it again. */
export function mark(text: string): string {
  return digest(text.trim()).slice(0, 12);
}
