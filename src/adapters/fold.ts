import * as z from 'zod';
import type { AgentId, SessionId } from '../core/ids.ts';
import { isObject } from '../core/json.ts';
import { relativePath } from '../core/paths.ts';
import type { SessionMeta } from '../core/session.ts';
import { storable } from '../core/text.ts';
import type { Checkpoint, NativeRecord, Parsed, Parser, ParserContext } from './adapter.ts';
import { type Opening, Thread, type ThreadState, threadStateSchema } from './thread.ts';

/** What a fold remembers between records. `own` is the agent's part; nothing in it is ever changed in place. */
interface FoldState<Own> {
  readonly own: Own;
  readonly main: ThreadState;
  readonly side: readonly ThreadState[];
  readonly unknown: Readonly<Record<string, number>>;
  readonly unreadable: number;
}

const savedSchema = z.strictObject({
  own: z.unknown(),
  main: threadStateSchema,
  side: z.array(threadStateSchema),
  unknown: z.record(z.string(), z.number()),
  unreadable: z.number(),
});

/** The agent's own part of the state: how it looks before the first record, and how a saved one is checked. */
export interface OwnState<Own> {
  readonly fresh: Own;
  readonly schema: z.ZodType<Own>;
}

/**
 * The frame of every parser. An agent's fold says what one record means (`read`); this class keeps the sessions,
 * counts what is not understood, and takes the snapshot from which reading can go on.
 *
 * Rule for subclasses: `state` is replaced, never changed in place, and is JSON. That makes the
 * snapshot before each record free, and "checkpoint, then the rest" equal to "everything at once".
 */
export abstract class Fold<Own> implements Parser {
  protected state: Own;
  protected readonly main: Thread;
  protected readonly agent: AgentId;
  protected readonly context: ParserContext;
  private readonly side = new Map<SessionId, Thread>();
  private unknown: Readonly<Record<string, number>> = {};
  private unreadable = 0;
  /** The state before the record being read. */
  private before: FoldState<Own>;
  private start = 0;
  private opened = false;
  private mark: Checkpoint | undefined;

  /** `id` is the session the source is known to hold. Throws when `saved` is not a state of this fold. */
  constructor(agent: AgentId, context: ParserContext, id: SessionId, own: OwnState<Own>, saved?: unknown) {
    this.agent = agent;
    this.context = context;
    const from = saved === undefined ? undefined : savedSchema.parse(saved);
    this.state = from === undefined ? own.fresh : own.schema.parse(from.own);
    this.main = new Thread(agent, from?.main ?? { meta: { id, agent }, ordinal: 0, last: null });
    for (const state of from?.side ?? []) this.side.set(state.meta.id, new Thread(agent, state));
    this.unknown = from?.unknown ?? {};
    this.unreadable = from?.unreadable ?? 0;
    this.before = this.snapshot();
  }

  /** What one record means. Must not throw; what it does not know it reports with `countUnknown`. */
  protected abstract read(record: { readonly [key: string]: unknown }, native: NativeRecord): void;

  push(native: NativeRecord): void {
    if (native.value === undefined && native.text.trim() === '') return;
    this.before = this.snapshot();
    this.start = native.start;
    this.opened = false;
    if (!isObject(native.value)) {
      this.unreadable++;
      return;
    }
    const open = this.main.isOpen;
    this.read(native.value, native);
    if (!open && this.main.isOpen) this.markHere(this.before);
  }

  /** Opens the next exchange of the main session; everything open is closed first, side sessions included. */
  protected openExchange(opening: Opening): void {
    this.main.close();
    for (const thread of this.side.values()) thread.close();
    this.markHere({ ...this.before, main: this.main.state, side: this.sideStates() });
    this.main.openExchange(opening);
  }

  /** Reading may start again at this record with `state`. The first opening in a record counts. */
  private markHere(state: FoldState<Own>): void {
    if (!this.opened) this.mark = { offset: this.start, state };
    this.opened = true;
  }

  /** The session of a sub-agent whose records are inline in this source. */
  protected sideThread(id: SessionId): Thread {
    const known = this.side.get(id);
    if (known) return known;
    const thread = new Thread(this.agent, {
      meta: { id, agent: this.agent, parent: this.main.meta.id },
      ordinal: 0,
      last: null,
    });
    this.side.set(id, thread);
    return thread;
  }

  /** Counts a record (or a part of one) of a type that is not known; it stays in the raw history. */
  protected countUnknown(type: string): void {
    const name = storable(type).slice(0, 100) || '(none)';
    this.unknown = { ...this.unknown, [name]: (Object.hasOwn(this.unknown, name) ? (this.unknown[name] ?? 0) : 0) + 1 };
  }

  /** A path of the agent as it is stored: relative to the worktree it lies in, or to the session's folder. */
  protected path(path: string): string {
    const cwd = this.main.meta.cwd;
    const roots = this.context.roots.length > 0 || cwd === undefined ? this.context.roots : [cwd];
    return storable(relativePath(path, roots)) || '.';
  }

  take(): Parsed[] {
    return [this.main, ...this.side.values()].flatMap((thread) => thread.take());
  }

  open(): Parsed[] {
    return [this.main, ...this.side.values()].flatMap((thread) => thread.open());
  }

  checkpoint(): Checkpoint | undefined {
    return this.mark;
  }

  sessions(): SessionMeta[] {
    const counts = {
      ...(Object.keys(this.unknown).length > 0 ? { unknown: { ...this.unknown } } : {}),
      ...(this.unreadable > 0 ? { unreadable: this.unreadable } : {}),
    };
    return [{ ...this.main.meta, ...counts }, ...[...this.side.values()].map((thread) => thread.meta)];
  }

  private snapshot(): FoldState<Own> {
    return {
      own: this.state,
      main: this.main.state,
      side: this.sideStates(),
      unknown: this.unknown,
      unreadable: this.unreadable,
    };
  }

  private sideStates(): ThreadState[] {
    return [...this.side.values()].map((thread) => thread.state);
  }
}
