import type { Growth } from '../../core/growth.ts';
import type { SessionId, WriterId } from '../../core/ids.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { AnnotationChange, ExchangeRow, IndexStore, SessionChange } from '../store/index-store.ts';

/** Where verdicts are given. */
export interface Bench {
  readonly store: IndexStore;
  readonly project: string;
  readonly writer: WriterId;
  /** How the exchange in one file stands to that in another, by the ids of the files. */
  compare(ours: string, theirs: string): Promise<Growth>;
}

/** What the client hears of a session; nothing of one that is gone. What others hold at another length, while it was open, is no conflict: as for who reads it (core/growth.ts). */
export async function verdictOf(
  bench: Bench,
  change: SessionChange,
  before: readonly ExchangeRow[],
): Promise<Verdict | undefined> {
  if (change.kind === 'gone') return undefined;
  if (change.kind === 'rejected')
    return { session: change.session, status: 'rejected', code: change.code, reason: change.reason };
  const { session } = change.row;
  if (await bench.store.isDeleted(bench.project, session))
    return { session, status: 'rejected', code: 'deleted', reason: 'it was deleted for everybody' };
  const standings = await standingsOf(bench, session, change.put);
  const known = new Set<string>(before.map(({ exchange }) => exchange));
  const fresh = change.put.filter(({ exchange }, at) => !known.has(exchange) && standings[at] === 'new');
  if (standings.includes('apart'))
    return {
      session,
      status: 'conflict',
      reason: 'others have an exchange of it with another content: both are kept',
      exchanges: fresh.length,
    };
  const isHad = standings.length > 0 && standings.every((one) => one === 'had');
  return { session, status: isHad ? 'duplicate' : 'stored', exchanges: fresh.length };
}

/** What others have of an exchange: nothing, as much or more, less, or something else. */
type Standing = 'new' | 'had' | 'later' | 'apart';

/** What another writer has. */
type Held = Pick<ExchangeRow, 'exchange' | 'oid' | 'fingerprint'>;

async function standingsOf(bench: Bench, session: SessionId, put: readonly ExchangeRow[]): Promise<Standing[]> {
  const others = new Map<string, Held[]>();
  for (const held of await bench.store.elsewhere(bench.project, bench.writer, session)) {
    others.set(held.exchange, [...(others.get(held.exchange) ?? []), held]);
  }
  const standings: Standing[] = [];
  for (const row of put) standings.push(await standingOf(bench, row, others.get(row.exchange) ?? []));
  return standings;
}

async function standingOf({ compare }: Bench, ours: ExchangeRow, others: readonly Held[]): Promise<Standing> {
  if (others.length === 0) return 'new';
  if (others.some(({ fingerprint }) => fingerprint === ours.fingerprint)) return 'had';
  const oids = new Set(others.map(({ oid }) => oid));
  const found = await Promise.all([...oids].map((oid) => compare(ours.oid, oid)));
  if (found.includes('apart')) return 'apart';
  return found.includes('earlier') ? 'had' : 'later';
}

/** What the client hears of an annotation. */
export function verdictOfAnnotation(change: AnnotationChange): Verdict | undefined {
  if (change.kind === 'withdrawn') return undefined;
  const fault = change.kind === 'unreadable' ? change : change.rejected;
  if (fault) return { session: fault.session, status: 'rejected', code: fault.code, reason: fault.reason };
  const session = change.kind === 'annotation' ? change.row.said?.session : undefined;
  return session === undefined ? undefined : { session, status: 'stored', exchanges: 0 };
}
