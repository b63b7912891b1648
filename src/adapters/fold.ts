import * as z from 'zod';
import { SpecstoryError } from '../core/errors.ts';
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
  /** Whether this fold goes on from a checkpoint, so that records before it were never seen. */
  protected readonly resumed: boolean;
  private readonly side = new Map<SessionId, Thread>();
  /** The side threads that may have something to take, and the states of all while none of them changes: there may be thousands. */
  private readonly touched = new Set<Thread>();
  private sideStates: readonly ThreadState[] | undefined;
  private unknown: Readonly<Record<string, number>> = {};
  private unreadable = 0;
  /** The state before the record being read. */
  private before: FoldState<Own>;
  private start = 0;
  private opened = false;
  private mark: Checkpoint | undefined;
  /** See `Parser`; a subclass sets it, and only when `resumed`. */
  restart = false;

  /** `id` is the session the source is known to hold. Throws when `saved` is not a state of this fold, or its source is read whole. */
  constructor(agent: AgentId, context: ParserContext, id: SessionId, own: OwnState<Own>, saved?: unknown) {
    // A source that was one growing file may have been compressed since, or have become several.
    if (saved !== undefined && !context.source.appendOnly)
      throw new SpecstoryError('unsupported', `${context.source.path} has no checkpoint to go on from`);
    this.agent = agent;
    this.context = context;
    this.resumed = saved !== undefined;
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

  /**
   * Opens the next exchange of the main session; everything open is closed first, side sessions included.
   * `own` is the agent's part of the checkpoint made here: the state before this record, and what it takes to read it again.
   */
  protected openExchange(opening: Opening, own: Own = this.before.own): void {
    this.main.close();
    for (const thread of this.side.values()) this.closeSide(thread);
    this.markHere({ ...this.before, own, main: this.main.state, side: this.allSideStates() });
    this.main.openExchange(opening);
  }

  /** Reading may start again at this record with `state`. The first opening in a record counts. */
  private markHere(state: FoldState<Own>): void {
    if (!this.opened) this.mark = { offset: this.start, state };
    this.opened = true;
  }

  /** The session of a sub-agent whose records are inline in this source. Ask anew for each record: what is asked for may change. */
  protected sideThread(id: SessionId): Thread {
    const meta = { id, agent: this.agent, parent: this.main.meta.id };
    const thread = this.side.get(id) ?? new Thread(this.agent, { meta, ordinal: 0, last: null });
    this.side.set(id, thread);
    this.touched.add(thread);
    this.sideStates = undefined;
    return thread;
  }

  private closeSide(thread: Thread): void {
    if (!thread.isOpen) return;
    thread.close();
    this.touched.add(thread);
    this.sideStates = undefined;
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
    const taken = [this.main, ...this.touched].flatMap((thread) => thread.take());
    this.touched.clear();
    return taken;
  }

  open(): Parsed[] {
    return [this.main, ...this.side.values()].flatMap((thread) => thread.open());
  }

  checkpoint(): Checkpoint | undefined {
    return this.mark;
  }

  get subject(): SessionMeta {
    return this.main.meta;
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
      side: this.allSideStates(),
      unknown: this.unknown,
      unreadable: this.unreadable,
    };
  }

  private allSideStates(): readonly ThreadState[] {
    this.sideStates ??= [...this.side.values()].map((thread) => thread.state);
    return this.sideStates;
  }
}
