import type { Annotation } from './annotation.ts';
import { isLaterState } from './growth.ts';
import type { ExchangeId, SessionId, WriterId } from './ids.ts';
import { mergeOrder } from './merge-order.ts';
import { nested } from './nested.ts';
import type { Exchange, SessionMeta } from './session.ts';
import { type Labels, type Statements, statementsOf } from './statements.ts';
import { compareText } from './text.ts';

/** An exchange in one writer's tree. */
export interface Entry {
  readonly ordinal: number;
  readonly id: ExchangeId;
  /** Name of its bytes: the object id of the file. */
  readonly content: string;
}

/** A session in one writer's tree. */
export interface Copy {
  readonly writer: WriterId;
  readonly meta: SessionMeta;
  readonly entries: readonly Entry[];
}

/** What trees of writers tell. */
export interface Told {
  readonly copies: readonly Copy[];
  readonly annotations: readonly Annotation[];
  /** The logical times of all annotation files, also of those that say what we do not understand. */
  readonly clocks: readonly number[];
}

/** One content of an exchange, and who has it. */
export interface Version {
  readonly content: string;
  readonly writers: readonly WriterId[];
}

export interface FoldedExchange extends Labels {
  readonly id: ExchangeId;
  /** One, or several that contradict each other: a fork. None is the right one; they have a fixed order. */
  readonly versions: readonly Version[];
}

export interface FoldedSession extends Labels {
  readonly meta: SessionMeta;
  /** Who has something of it, sorted. */
  readonly writers: readonly WriterId[];
  /** In the order in which they are numbered, from 1. */
  readonly exchanges: readonly FoldedExchange[];
  /** Whether an exchange has several versions. */
  readonly forked: boolean;
}

/** What is known of the exchange with a content; nothing when it is not read. */
export type Contents = (content: string) => Exchange | undefined;

/**
 * Everybody's history in one: the union over all writers' trees by session and exchange, annotations applied. A pure function of what is told, in any
 * order, grouping and repetition. Oldest first; sub-agent sessions stand behind their parent. Contents that differ for one exchange are one
 * where one is a later state of the other, and otherwise all kept; those that `contents` does not know cannot be compared and count as different.
 */
export function fold(told: readonly Told[], contents: Contents = () => undefined): FoldedSession[] {
  return foldCopies(
    told.flatMap(({ copies }) => copies),
    statementsIn(told),
    contents,
  );
}

/** The annotations of trees, as they apply. */
export function statementsIn(told: readonly Told[]): Statements {
  return statementsOf(
    told.flatMap(({ annotations }) => annotations),
    told.flatMap(({ clocks }) => clocks),
  );
}

/** As `fold`, of some copies. */
export function foldCopies(copies: readonly Copy[], statements: Statements, contents: Contents): FoldedSession[] {
  const gathered = new Map<SessionId, Gathered>();
  for (const copy of copies) at(gathered, copy.meta.id, () => new Gathered(copy.meta)).add(copy);
  const sessions = [...gathered.values()].map((session) => session.fold(statements, contents));
  const left = sessions.filter((session) => session !== undefined);
  return nested(standing(left, statements));
}

/** All that is told of one session. */
class Gathered {
  private readonly first: SessionMeta;
  /** Metadata by its text, with the most exchanges that a copy with it has. */
  private readonly metas = new Map<string, { meta: SessionMeta; size: number }>();
  private readonly ordinals = new Map<WriterId, Map<ExchangeId, number>>();
  private readonly versions = new Map<ExchangeId, Map<string, Set<WriterId>>>();

  constructor(first: SessionMeta) {
    this.first = first;
  }

  add({ writer, meta, entries }: Copy): void {
    const text = JSON.stringify(Object.entries(meta).sort(([a], [b]) => compareText(a, b)));
    this.metas.set(text, { meta, size: Math.max(entries.length, this.metas.get(text)?.size ?? 0) });
    const ordinals = at(this.ordinals, writer, () => new Map<ExchangeId, number>());
    for (const { ordinal, id, content } of entries) {
      ordinals.set(id, Math.min(ordinal, ordinals.get(id) ?? ordinal));
      const versions = at(this.versions, id, () => new Map<string, Set<WriterId>>());
      at(versions, content, () => new Set()).add(writer);
    }
  }

  /** Nothing when all that was in it is deleted. */
  fold({ tombstones, of }: Statements, contents: Contents): FoldedSession | undefined {
    const session = this.first.id;
    const versions = new Map([...this.versions.keys()].map((id) => [id, this.versionsOf(id, contents)]));
    const exchanges = this.order((id) => contents(versions.get(id)?.[0]?.content ?? '')?.startedAt ?? '')
      .filter((id) => !tombstones.exchanges.has(id))
      .map((id) => ({ id, versions: versions.get(id) ?? [], ...of({ session, exchange: id }) }));
    if (exchanges.length === 0 && versions.size > 0) return undefined;
    const writers = [...this.ordinals.keys()].sort();
    const forked = exchanges.some(({ versions }) => versions.length > 1);
    return { meta: this.meta(), writers, exchanges, forked, ...of({ session }) };
  }

  /** The copy with the most exchanges knows most; what it does not say, the others do. */
  private meta(): SessionMeta {
    const known = [...this.metas].sort(([a, { size: x }], [b, { size: y }]) => x - y || compareText(a, b));
    const metas = known.map(([, { meta }]) => meta);
    let merged = metas[0] ?? this.first;
    for (const meta of metas) merged = { ...merged, ...meta };
    const times = (key: 'createdAt' | 'updatedAt') => metas.flatMap((meta) => meta[key] ?? []).sort();
    const [createdAt, updatedAt] = [times('createdAt')[0], times('updatedAt').at(-1)];
    return { ...merged, ...(createdAt ? { createdAt } : {}), ...(updatedAt ? { updatedAt } : {}) };
  }

  /** Each writer's own order holds; what no writer orders goes by the time that the agent noted, whatever clock that was. */
  private order(started: (id: ExchangeId) => string): ExchangeId[] {
    const sequences = [...this.ordinals.values()].map((ordinals) =>
      [...ordinals].sort(([a, x], [b, y]) => x - y || compareText(a, b)).map(([id]) => id),
    );
    return mergeOrder(sequences, (a, b) => (a === b ? 0 : compareText(started(a), started(b)) || compareText(a, b)));
  }

  /** The contents of an exchange that no other is a later state of; the longest first. */
  private versionsOf(id: ExchangeId, contents: Contents): Version[] {
    const all = [...(this.versions.get(id) ?? [])].map(([content, by]) => ({ content, writers: [...by].sort() }));
    if (all.length === 1) return all;
    const known = all.map((version) => ({ ...version, exchange: contents(version.content) }));
    const size = ({ exchange }: Known): number => exchange?.messages.length ?? 0;
    return known
      .filter((version) => !known.some((other) => outlives(other, version)))
      .sort((a, b) => size(b) - size(a) || compareText(a.content, b.content))
      .map(({ content, writers }) => ({ content, writers }));
  }
}

interface Known extends Version {
  readonly exchange: Exchange | undefined;
}

/** Whether one version is a later state of another one. Of two that are so of each other, the one with the greater name is. */
function outlives(one: Known, other: Known): boolean {
  if (one === other || !one.exchange || !other.exchange || !isLaterState(one.exchange, other.exchange)) return false;
  return !isLaterState(other.exchange, one.exchange) || compareText(one.content, other.content) > 0;
}

/** The sessions that are not deleted and do not hang under a deleted one. What hangs under a hidden one is hidden. */
function standing(sessions: readonly FoldedSession[], { tombstones }: Statements): FoldedSession[] {
  const known = new Map(sessions.map((session) => [session.meta.id, session]));
  const isUnder = (session: FoldedSession, is: (above: FoldedSession) => boolean): boolean => {
    const seen = new Set<FoldedSession>();
    for (let above: FoldedSession | undefined = session; above && !seen.has(above); ) {
      if (is(above)) return true;
      seen.add(above);
      above = above.meta.parent && known.get(above.meta.parent);
    }
    return false;
  };
  const isGone = ({ meta }: FoldedSession): boolean =>
    tombstones.sessions.has(meta.id) || (meta.parent !== undefined && tombstones.sessions.has(meta.parent));
  return sessions
    .filter((session) => !isUnder(session, isGone))
    .map((session) => ({ ...session, hidden: isUnder(session, ({ hidden }) => hidden) }));
}

function at<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
}
