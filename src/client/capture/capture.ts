import type { Source } from '../../adapters/adapter.ts';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { AgentId } from '../../core/ids.ts';
import { isAncestor } from '../../git/history.ts';
import type { Tips } from '../../git/read.ts';
import { recover } from '../../git/recover.ts';
import { withLock } from '../../platform/lock.ts';
import type { Context } from '../context.ts';
import type { Mended } from '../history/mend-copy.ts';
import { settleHistory } from '../history/settle-history.ts';
import { type Captured, captureSource, type SourceResult } from './capture-source.ts';
import { atDesks, type Desk, WrittenAlready } from './desk.ts';
import { type Failure, type Found, failure, findSources } from './find-sources.ts';
import { type IgnoreRule, ignoreRule } from './ignored.ts';
import { mirror } from './mirror.ts';
import { openLook } from './open-look.ts';
import { CaptureState } from './state.ts';
import { leaveTrace } from './trace.ts';

export interface CaptureOptions {
  /** Only these agents; all when empty. */
  readonly agents?: readonly AgentId[];
  /** Only these sessions, by id; all when empty. */
  readonly sessions?: readonly string[];
  /** Hears of every source that was dealt with. */
  readonly progress?: (done: number, total: number) => void;
  /** Milliseconds to wait while another capture is at work; a minute unless told. */
  readonly wait?: number;
  /** Sources that never rest (see `Look`); 200 unless told. */
  readonly awake?: number;
}

export interface CaptureReport {
  readonly captured: readonly Captured[];
  /** Number of sources in which nothing was new. */
  readonly unchanged: number;
  readonly failed: readonly Failure[];
  /** Places replaced by the redactor, by rule, in what was captured now. */
  readonly redacted: Readonly<Record<string, number>>;
  /** Passages kept back because the redactor could not vouch for them. */
  readonly withheld: number;
  /** Set when this repository turned out to be a copy of another clone, and was made a writer of its own. */
  readonly mended?: Mended;
}

/**
 * Captures what is new for a repository: finds the sources, reads those that changed since the last time, and writes their
 * sessions in one import. A source that cannot be read is reported and never stops the others.
 * Throws `conflict` when another capture is at work for longer than `wait`.
 */
export async function capture(context: Context, options: CaptureOptions = {}): Promise<CaptureReport> {
  return exclusively(context, 'capture', options.wait, () => new Capture(context, options).run());
}

/** Does what writes the history, one process at a time over all worktrees; what a crash left is mended first. */
export function exclusively<T>(context: Context, purpose: string, wait = 60_000, work: () => Promise<T>): Promise<T> {
  return withLock(context.place('lock'), { wait, purpose }, async ({ recovered }) => {
    if (recovered) await recover(context.repository);
    return work();
  });
}

class Capture {
  private readonly context: Context;
  private readonly options: CaptureOptions;
  private readonly sessions: ReadonlySet<string>;
  private readonly captured: Captured[] = [];
  private readonly failed: Failure[] = [];

  constructor(context: Context, options: CaptureOptions) {
    this.context = context;
    this.options = options;
    this.sessions = new Set(options.sessions);
  }

  async run(): Promise<CaptureReport> {
    const started = Date.now();
    const { mended, now } = await settleHistory(this.context);
    const state = await this.openState(now);
    const { agents, awake } = this.options;
    const look = openLook(this.context.place('state'), started, awake);
    const { found, failed } = findSources(this.context, state, { agents, look });
    this.failed.push(...failed);
    const changed = found.filter(({ source }) => this.isWanted(state, source));
    if (changed.length > 0) await this.write(state, changed);
    await mirror(this.context, this.captured);
    const sources = found.map(({ source }) => source);
    if (this.isComplete) {
      await remembering(async () => {
        await look.settle(state, sources);
        await leaveTrace(this.context, sources, started);
      });
    }
    const { captured, failed: problems } = this;
    const { counts, withheld } = this.context.redactor.tally();
    const unchanged = found.length - changed.length + look.leftOut(sources);
    const report = { captured, unchanged, failed: problems, redacted: counts, withheld };
    return mended ? { ...report, mended } : report;
  }

  /** Whether nothing was left out on request, so that the hooks may rely on what was seen. */
  private get isComplete(): boolean {
    return this.sessions.size === 0 && (this.options.agents ?? []).length === 0;
  }

  /** The state, unless the history it belongs to was replaced. A history that only moved on is the mark of a crash: what is read twice is written once. */
  private async openState({ history }: Tips): Promise<CaptureState> {
    const state = CaptureState.open(this.context.place('state'));
    const known = state.tip;
    if (known === (history ?? '') || known === '') return state;
    const moved = history !== undefined && (await isAncestor(this.context.repository, known, history));
    if (!moved) state.reset();
    return state;
  }

  private isWanted(state: CaptureState, source: Source): boolean {
    const known = state.get(source);
    if (this.sessions.size > 0 && known && !known.sessions.some((id) => this.sessions.has(id))) return false;
    return known?.version !== source.version;
  }

  private async write(state: CaptureState, changed: readonly Found[]): Promise<void> {
    let done = 0;
    const begin = (desk: Desk) => {
      const rule = this.ignoreRule(desk);
      return async (found: Found): Promise<SourceResult | undefined> => {
        const result = await this.captureOne(desk, state, found, rule);
        this.options.progress?.(++done, changed.length);
        return result;
      };
    };
    await atDesks(this.context, changed, begin, (results, tips) => {
      return remembering(async () => {
        for (const [{ source }, result] of results) {
          if (result) await state.remember(source, result.sessions, result.bookmark);
        }
        await state.save(tips.history);
      });
    });
  }

  private async captureOne(
    desk: Desk,
    state: CaptureState,
    found: Found,
    ignored: IgnoreRule,
  ): Promise<SourceResult | undefined> {
    const { adapter, source } = found;
    const { host, project, config } = this.context;
    try {
      const options = { adapter, host, roots: project.roots, keepRaw: config.capture.raw, ignored };
      const result = await captureSource(desk, source, state.bookmark(source), options);
      this.captured.push(...result.captured);
      // What was left out only because other sessions were asked for must be read the next time.
      return this.sessions.size > 0 && result.captured.length === 0 ? undefined : result;
    } catch (thrown) {
      if (thrown instanceof WrittenAlready) throw thrown;
      this.failed.push(failure(source.agent, source.path, thrown));
      return undefined;
    }
  }

  private ignoreRule({ tombstones: { sessions: deleted } }: Desk): IgnoreRule {
    const ignored = ignoreRule(this.context);
    const rule: IgnoreRule = (meta, source) =>
      deleted.has(meta.id) || (meta.parent !== undefined && deleted.has(meta.parent)) || ignored(meta, source);
    if (this.sessions.size === 0) return rule;
    return (subject, source) => !this.sessions.has(subject.id) || rule(subject, source);
  }
}

/** What is written after the history is a shortcut for the next capture. Without it nothing is lost, but the person should know. */
async function remembering(work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (cause) {
    const hint = 'check that the disk is neither full nor read-only; the next capture reads everything again';
    throw new SpecstoryError('unavailable', `captured, but cannot remember it: ${reason(cause)}`, { hint, cause });
  }
}
