import * as z from 'zod';
import { SpecstoryError } from '../core/errors.ts';
import { type AgentId, type ExchangeId, exchangeId, type SessionId } from '../core/ids.ts';
import { limits } from '../core/limits.ts';
import {
  type Edit,
  type Exchange,
  exchangeIdSchema,
  type Message,
  type Part,
  promptOf,
  type SessionMeta,
  sessionMetaSchema,
  type ToolCall,
} from '../core/session.ts';
import { instant, storable } from '../core/text.ts';
import type { Parsed } from './adapter.ts';
import { clip } from './content.ts';

/** What opens an exchange. `message` is the agent's own id for the prompt; without one the id is made of time and text. */
export interface Opening {
  readonly message?: string | undefined;
  readonly at?: unknown;
  /** The exchange it continues, when not the one before. */
  readonly parent?: ExchangeId | undefined;
  readonly cwd?: string | undefined;
  readonly branch?: string | undefined;
}

/** What is known of a message besides its parts; a later, better value replaces an earlier one. */
export interface About {
  readonly id?: string | undefined;
  readonly at?: unknown;
  readonly model?: string | undefined;
  readonly usage?: Message['usage'] | undefined;
}

/** The part of a thread that a checkpoint carries over. */
export const threadStateSchema = z.strictObject({
  meta: sessionMetaSchema,
  ordinal: z.number().int().nonnegative(),
  last: exchangeIdSchema.nullable(),
});
export type ThreadState = Readonly<z.infer<typeof threadStateSchema>>;

/** The result of a tool call, as an adapter found it. */
export interface Result {
  readonly call?: string | undefined;
  readonly ok: boolean;
  readonly text: string;
  /** Characters that were cut from the end of the text already. */
  readonly elided?: number | undefined;
  /** With real line numbers, they replace the edits guessed from the call. */
  readonly edits?: Edit[] | undefined;
  readonly session?: SessionId | undefined;
  readonly at?: unknown;
}

interface OpenExchange {
  readonly opening: Opening;
  readonly messages: Message[];
  /** The message that holds each call, by the call's id. */
  readonly calls: Map<string, Message>;
  size: number;
  parts: number;
  dropped: number;
}

/** One session in the making: collects parts into messages and messages into exchanges, holding only the open one. */
export class Thread {
  private current: OpenExchange | undefined;
  private done: Parsed[] = [];
  private readonly agent: AgentId;
  private at: ThreadState;

  constructor(agent: AgentId, start: ThreadState) {
    this.agent = agent;
    this.at = start;
  }

  /** For checkpoints: never changes in place. */
  get state(): ThreadState {
    return this.at;
  }

  get meta(): SessionMeta {
    return this.at.meta;
  }

  /** The id of the exchange before the open one. */
  get previous(): ExchangeId | null {
    return this.at.last;
  }

  get isOpen(): boolean {
    return this.current !== undefined;
  }

  /** Adds what has been learnt of the session; absent and empty values change nothing. */
  know(patch: { [Key in keyof SessionMeta]?: SessionMeta[Key] | undefined }): void {
    const known = Object.entries(patch).filter(([, value]) => value !== undefined && value !== '');
    if (known.length === 0) return;
    const kept = known.map(([key, value]) => [key, typeof value === 'string' ? storable(value) : value]);
    this.at = { ...this.at, meta: { ...this.at.meta, ...Object.fromEntries(kept) } };
  }

  /** Notes that something happened at `at`: the session's first and last times follow from it. */
  touch(at: unknown): void {
    const time = instant(at);
    if (time === undefined) return;
    const { createdAt, updatedAt } = this.at.meta;
    if (createdAt === undefined || time < createdAt) this.know({ createdAt: time });
    if (updatedAt === undefined || time > updatedAt) this.know({ updatedAt: time });
  }

  /** Closes the open exchange and opens the next. */
  openExchange(opening: Opening): void {
    this.close();
    this.current = { opening, messages: [], calls: new Map(), size: 0, parts: 0, dropped: 0 };
    this.touch(opening.at);
  }

  /** Adds parts to the message with this id and role, or to a new message. Opens an exchange when none is open. */
  add(role: Message['role'], parts: readonly Part[], about: About = {}): void {
    const open = this.ensure(about);
    this.touch(about.at);
    const message = this.messageFor(role, about);
    for (const part of parts) {
      if (!this.room(part)) continue;
      message.parts.push(part);
      if (part.kind === 'tool_call' && part.id !== undefined) open.calls.set(part.id, message);
    }
  }

  /** Puts a result behind its call, whatever was said in between. */
  addResult(result: Result): void {
    const open = this.ensure({ at: result.at });
    this.touch(result.at);
    const message = result.call === undefined ? undefined : open.calls.get(result.call);
    const call = message?.parts.find((part): part is ToolCall => part.kind === 'tool_call' && part.id === result.call);
    if (call && result.edits?.length) call.edits = result.edits;
    const { text, elided = 0 } = clip(result.text);
    const cut = elided + (result.elided ?? 0);
    const part: Part = {
      kind: 'tool_result',
      ...(result.call ? { call: storable(result.call) } : {}),
      ok: result.ok,
      text,
      ...(cut > 0 ? { elided: cut } : {}),
      ...(!call && result.edits?.length ? { edits: result.edits } : {}),
      ...(result.session ? { session: result.session } : {}),
    };
    if (this.room(part)) (message ?? this.messageFor('agent', { at: result.at })).parts.push(part);
  }

  /** The call with this id in the open exchange, to be completed. */
  call(id: string): ToolCall | undefined {
    const parts = this.current?.calls.get(id)?.parts ?? [];
    return parts.find((part): part is ToolCall => part.kind === 'tool_call' && part.id === id);
  }

  /** Replaces every result of this call in the open exchange (for agents that write one again as it grows). */
  dropResult(id: string): void {
    const message = this.current?.calls.get(id);
    if (message) message.parts = message.parts.filter((part) => part.kind !== 'tool_result' || part.call !== id);
  }

  /** Forgets the open exchange (a rollback). */
  discard(): void {
    this.current = undefined;
  }

  /** Closes the open exchange, if any. One without content leaves no trace. */
  close(): void {
    const exchange = this.build();
    if (exchange) {
      this.done.push({ ...exchange, closed: true });
      this.at = { ...this.at, ordinal: exchange.ordinal, last: exchange.exchange.id };
    }
    this.current = undefined;
  }

  take(): Parsed[] {
    const done = this.done;
    if (done.length > 0) this.done = [];
    return done;
  }

  /** The open exchange as it is now. */
  open(): Parsed[] {
    const exchange = this.build();
    return exchange ? [{ ...exchange, closed: false }] : [];
  }

  private ensure(about: About): OpenExchange {
    if (this.current === undefined) this.openExchange({ message: about.id, at: about.at });
    return this.current ?? bug();
  }

  private messageFor(role: Message['role'], about: About): Message {
    const open = this.ensure(about);
    const last = open.messages.at(-1);
    const same =
      last?.role === role &&
      (about.id === undefined ? last.id === undefined && sameModel(last, about) : last.id === about.id);
    const message: Message = last && same ? last : { role, parts: [] };
    if (about.id !== undefined) message.id = storable(about.id);
    const at = message.at ?? instant(about.at);
    if (at !== undefined) message.at = at;
    if (about.model) message.model = storable(about.model);
    if (about.usage) message.usage = about.usage;
    if (!same) open.messages.push(message);
    return message;
  }

  /** Whether the exchange may still take this part; counts what it takes. */
  private room(part: Part): boolean {
    const open = this.ensure({});
    const size = partSize(part);
    const fits = open.size + size <= limits.exchange && open.parts < limits.parts;
    if (fits) {
      open.size += size;
      open.parts++;
    } else open.dropped++;
    return fits;
  }

  private build(): Omit<Parsed, 'closed'> | undefined {
    if (this.current === undefined) return undefined;
    const { opening, dropped } = this.current;
    const messages = this.current.messages
      .filter((message) => message.parts.length > 0)
      .map((message) => ({ ...message, parts: [...message.parts] }));
    if (messages.length === 0) return undefined;
    if (dropped > 0) {
      messages.push({
        role: 'agent',
        parts: [{ kind: 'note', label: 'elided', text: `${dropped} more parts are in the raw history only` }],
      });
    }
    const times = [instant(opening.at), ...messages.map((message) => message.at)]
      .filter((time) => time !== undefined)
      .sort();
    const exchange: Exchange = {
      id: this.exchangeId(opening, messages),
      ...(opening.parent && opening.parent !== this.at.last ? { parent: opening.parent } : {}),
      ...spanOf(instant(opening.at), times),
      ...(opening.cwd ? { cwd: storable(opening.cwd) } : {}),
      ...(opening.branch ? { branch: storable(opening.branch) } : {}),
      messages,
    };
    return { session: this.at.meta.id, ordinal: this.at.ordinal + 1, exchange };
  }

  private exchangeId(opening: Opening, messages: readonly Message[]): ExchangeId {
    if (opening.message) return exchangeId(this.agent, { message: opening.message });
    const first = messages[0]?.id;
    const prompt = promptOf(messages);
    if (prompt === '' && first !== undefined) return exchangeId(this.agent, { message: first });
    const at = instant(opening.at) ?? `${this.at.meta.id}#${this.at.ordinal + 1}`;
    return exchangeId(this.agent, { at, prompt });
  }
}

function bug(): never {
  throw new SpecstoryError('bug', 'an exchange was opened and is not there');
}

function spanOf(opened: string | undefined, times: readonly string[]): Pick<Exchange, 'startedAt' | 'endedAt'> {
  const [startedAt, endedAt] = [opened ?? times[0], times.at(-1)];
  return startedAt !== undefined && endedAt !== undefined ? { startedAt, endedAt } : {};
}

function sameModel(last: Message, about: About): boolean {
  return about.model === undefined || last.model === undefined || last.model === about.model;
}

function partSize(part: Part): number {
  if (part.kind === 'tool_call')
    return JSON.stringify(part.input).length + (part.edits ?? []).reduce((sum, edit) => sum + edit.diff.length, 0);
  return 'text' in part ? part.text.length : 0;
}
