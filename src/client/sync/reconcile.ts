import { isSessionId } from '../../core/ids.ts';
import { sessionPath } from '../../core/layout.ts';
import type { PushReport } from '../../protocol/push-report.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { OpenSession } from './ledger.ts';

/** How a push ended: the helper's word, or `nothing` (all was there), `refused` (we did not even ask), `failed` (git did not start). */
export type Outcome = PushReport['outcome'] | 'nothing' | 'refused' | 'failed';

/** What became of one session that was to be sent. `deferred` and `unknown` ones are kept and asked for again. */
export interface SentSession {
  readonly session: string;
  readonly status: Verdict['status'] | 'unknown';
  readonly code?: string;
  readonly reason?: string;
}

/** How many sessions ended which way. The sum of all others is `selected`. */
export type Counts = { readonly [Status in SentSession['status'] | 'selected']: number };

interface Sent {
  /** Folders of the sessions that were to be sent. */
  readonly selected: ReadonlySet<string>;
  /** What became of the ref of the history. */
  readonly history: 'ok' | 'rejected' | 'retryable' | 'unknown' | 'unsent';
  readonly reason?: string;
  readonly verdicts: readonly Verdict[];
  /** Whether the other side says what it made of sessions; a plain host only stores them. */
  readonly judges: boolean;
}

/**
 * What became of every session that was to be sent: each is answered exactly once, and a verdict counts only for one that was sent
 * (B03). Without a verdict from a server that gives them nothing is known.
 */
export function reconcile({ selected, history, reason, verdicts, judges }: Sent): SentSession[] {
  const said = new Map<string, SentSession>();
  for (const { session, status, code, reason: why } of verdicts) {
    const folder = isSessionId(session) ? sessionPath(session) : '';
    if (!selected.has(folder)) continue;
    // Two words about one session that differ are none.
    const known = said.get(folder);
    const differ = known !== undefined && known.status !== status;
    said.set(folder, differ ? { session, status: 'unknown' } : { session, status, ...detail(code, why) });
  }
  return [...selected].map((folder): SentSession => {
    const session = folder.slice(folder.lastIndexOf('/') + 1);
    if (history === 'rejected') return { session, status: 'rejected', ...detail('ref_rejected', reason) };
    if (history === 'unsent' || history === 'retryable')
      return { session, status: 'deferred', ...detail('unsent', reason) };
    if (history === 'ok' && !judges) return { session, status: 'stored' };
    return said.get(folder) ?? { session, status: 'unknown', ...detail('no_verdict', reason) };
  });
}

function detail(code: string | undefined, reason: string | undefined): { code?: string; reason?: string } {
  return { ...(code ? { code } : {}), ...(reason ? { reason } : {}) };
}

export function count(sessions: readonly SentSession[]): Counts {
  const of = (status: SentSession['status']): number => sessions.filter((one) => one.status === status).length;
  return {
    selected: sessions.length,
    stored: of('stored'),
    duplicate: of('duplicate'),
    conflict: of('conflict'),
    rejected: of('rejected'),
    deferred: of('deferred'),
    unknown: of('unknown'),
  };
}

/** The sessions that stay open after a push that the server took: new words replace old ones. */
export function stillOpen(before: readonly OpenSession[], sent: readonly SentSession[], at: string): OpenSession[] {
  const open = new Map(before.map((one) => [one.session, one]));
  for (const { session, status, code, reason } of sent) {
    if (status === 'stored' || status === 'duplicate') open.delete(session);
    else if (code !== 'ref_rejected' && code !== 'unsent')
      open.set(session, { session, status, ...detail(code, reason), at });
  }
  return [...open.values()];
}
