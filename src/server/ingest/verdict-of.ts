import type { SessionId, WriterId } from '../../core/ids.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { AnnotationChange, ExchangeRow, IndexStore, SessionChange } from '../store/index-store.ts';

/** What the client hears of a session; nothing of one that is gone. */
export async function verdictOf(
  store: IndexStore,
  project: string,
  writer: WriterId,
  change: SessionChange,
  before: readonly ExchangeRow[],
): Promise<Verdict | undefined> {
  if (change.kind === 'gone') return undefined;
  if (change.kind === 'rejected')
    return { session: change.session, status: 'rejected', code: change.code, reason: change.reason };
  const { session } = change.row;
  if (await store.isDeleted(project, session))
    return { session, status: 'rejected', code: 'deleted', reason: 'it was deleted for everybody' };
  const others = await othersOf(store, project, writer, session);
  const known = new Set<string>(before.map(({ exchange }) => exchange));
  const fresh = change.put.filter(({ exchange }) => !known.has(exchange) && !others.has(exchange));
  const differs = change.put.some((row) => others.has(row.exchange) && !others.get(row.exchange)?.has(row.fingerprint));
  if (differs)
    return {
      session,
      status: 'conflict',
      reason: 'others have an exchange of it with another content: both are kept',
      exchanges: fresh.length,
    };
  const isHad = change.put.length > 0 && change.put.every(({ exchange }) => others.has(exchange));
  return { session, status: isHad ? 'duplicate' : 'stored', exchanges: fresh.length };
}

/** What the client hears of an annotation. */
export function verdictOfAnnotation(change: AnnotationChange): Verdict | undefined {
  if (change.kind === 'withdrawn') return undefined;
  const fault = change.kind === 'unreadable' ? change : change.rejected;
  if (fault) return { session: fault.session, status: 'rejected', code: fault.code, reason: fault.reason };
  const session = change.kind === 'annotation' ? change.row.said?.session : undefined;
  return session === undefined ? undefined : { session, status: 'stored', exchanges: 0 };
}

async function othersOf(
  store: IndexStore,
  project: string,
  writer: WriterId,
  session: SessionId,
): Promise<Map<string, Set<string>>> {
  const found = new Map<string, Set<string>>();
  for (const { exchange, fingerprint } of await store.elsewhere(project, writer, session)) {
    found.set(exchange, (found.get(exchange) ?? new Set()).add(fingerprint));
  }
  return found;
}
