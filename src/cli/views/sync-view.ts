import { serverIn } from '../../client/remote/target.ts';
import { refusesNamespace } from '../../client/sync/namespace.ts';
import type { Outcome } from '../../client/sync/reconcile.ts';
import type { SyncReport } from '../../client/sync/sync.ts';
import type { RemoteReport } from '../../client/sync/sync-remote.ts';
import { counted } from '../../core/text.ts';
import { exitCode, type Output } from '../output.ts';
import { captureJson, mendedNote } from './capture-view.ts';

const byOutcome: { readonly [Key in Outcome]: number } = {
  ok: exitCode.ok,
  nothing: exitCode.ok,
  partial: exitCode.partial,
  rejected: exitCode.failure,
  denied: exitCode.failure,
  failed: exitCode.failure,
  protocol: exitCode.usage,
  refused: exitCode.usage,
  auth: exitCode.signIn,
  retryable: exitCode.offline,
  unknown: exitCode.offline,
  unreachable: exitCode.offline,
};

/** What the person has to act on comes before what mends itself. */
const weight = [exitCode.usage, exitCode.signIn, exitCode.failure, exitCode.partial, exitCode.offline];

/** The exit code of a sync: the gravest of all that happened. */
export function syncExit(report: SyncReport): number {
  const codes = report.remotes.flatMap(({ push, fetch, open }) => [
    byOutcome[push.outcome],
    fetchExit(push.outcome, fetch.outcome),
    ...open.map(({ status }) => (status === 'rejected' || status === 'conflict' ? exitCode.partial : exitCode.ok)),
  ]);
  if ('failed' in report.capture && report.capture.failed.length > 0) codes.push(exitCode.partial);
  return weight.find((code) => codes.includes(code)) ?? exitCode.ok;
}

/** Who may send and not read has sent: that is done in part. */
function fetchExit(push: Outcome, fetch: Outcome): number {
  const isSent = push === 'ok' || push === 'nothing';
  return isSent && fetch === 'denied' ? exitCode.partial : byOutcome[fetch];
}

/** The report for scripts; the shape is promised in docs/sync.md. */
export function syncJson(report: SyncReport): Record<string, unknown> {
  const { capture } = report;
  return {
    version: 1,
    dry_run: report.dryRun,
    exit_code: syncExit(report),
    capture: 'planned' in capture ? { planned: capture.planned } : captureJson(capture),
    mended: report.mended ?? null,
    purged: report.purged,
    remotes: report.remotes.map(({ push, others, rolledBack, ...remote }) => {
      const { wasThere: was_there, retryAfter: retry_after, ...how } = push;
      return {
        ...remote,
        other_sessions: others,
        rolled_back: rolledBack,
        push: { ...how, was_there, retry_after: retry_after ?? null },
      };
    }),
  };
}

/** What a sync did, remote by remote. */
export function syncLines(output: Output, report: SyncReport, verbose: boolean): void {
  if ('planned' in report.capture) output.line(`would capture ${counted(report.capture.planned, 'source')}`);
  const mended = report.mended ?? ('mended' in report.capture ? report.capture.mended : undefined);
  if (mended) mendedNote(output, mended);
  if (report.purged.length > 0)
    output.note(
      `${counted(report.purged.length, 'session')} purged by an owner of the project: gone from this clone’s history too`,
    );
  for (const remote of report.remotes) {
    output.line(`${mark(output, remote)} ${output.style('bold', remote.name)} ${pushWords(remote, report.dryRun)}`);
    output.line(`    ${fetchWords(remote, report.dryRun)}`);
    if (verbose) {
      for (const { session, status, reason } of remote.sessions) {
        output.line(`    ${status.padEnd(9)} ${session}${reason ? ` (${reason})` : ''}`);
      }
    }
    notes(output, remote);
  }
}

type Reported = SyncReport['remotes'][number];

function mark(output: Output, { push, fetch, open }: RemoteReport): string {
  const worst = Math.max(byOutcome[push.outcome], byOutcome[fetch.outcome]);
  if (worst === exitCode.ok && open.length === 0) return output.style('green', '✓');
  return worst === exitCode.offline ? output.style('yellow', '!') : output.style('red', '✗');
}

function pushWords({ push, counts, commits }: RemoteReport, isDry: boolean): string {
  if (push.outcome === 'nothing') return 'nothing to send';
  if (isDry && push.outcome === 'ok')
    return `would send ${counted(commits, 'commit')}, ${counted(counts.selected, 'session')}`;
  const { selected, ...by } = counts;
  const parts = Object.entries(by).flatMap(([status, number]) => (number > 0 ? [`${number} ${status}`] : []));
  const sessions = selected > 0 ? `${counted(selected, 'session')}: ${parts.join(', ')}` : counted(commits, 'commit');
  return push.outcome === 'ok' ? `sent ${sessions}` : `${words[push.outcome]}; ${sessions}`;
}

const words: { readonly [Key in Outcome]: string } = {
  ok: 'sent',
  nothing: 'nothing to send',
  partial: 'sent in part',
  rejected: 'rejected',
  denied: 'Reachable, but not permitted',
  failed: 'git could not send',
  protocol: 'Error: no server that speaks as we do',
  refused: 'not sent',
  auth: 'Reachable, but sign-in needed',
  retryable: 'the server is busy; kept for the next sync',
  unknown: 'sent, but the answer was lost; the next sync finds out',
  unreachable: 'Unreachable; kept for the next sync',
};

function fetchWords({ fetch }: RemoteReport, isDry: boolean): string {
  if (isDry) return fetch.refs > 0 ? `would fetch ${counted(fetch.refs, 'ref')}` : 'nothing to fetch';
  if (fetch.outcome !== 'ok') return fetch.outcome === 'nothing' ? 'nothing to fetch' : 'not fetched';
  return fetch.refs > 0 ? `fetched ${counted(fetch.sessions, 'session')} of others` : 'nothing to fetch';
}

function notes(output: Output, { name, url, push, fetch, open, others, rolledBack, resent }: Reported): void {
  if (others > 0)
    output.note(`  ${counted(others, 'other session')} went along: a push carries the history in its order`);
  if (resent) output.note('  it lacked what it had been sent before: that goes out again');
  if (push.wasThere) output.note('  all of it is there: the push whose answer was lost had arrived');
  if (push.reason) output.note(`  ${push.reason}`);
  if (push.retryAfter !== undefined) output.note(`  the server asks to wait ${push.retryAfter} seconds`);
  if (!push.reason && fetch.reason) output.note(`  fetch: ${fetch.reason}`);
  if (fetch.rewritten > 0) {
    const why =
      rolledBack > 0
        ? 'taken back there: a history was rewritten'
        : 'rewritten there: all is there but what was purged';
    output.note(`  ${counted(fetch.rewritten, 'commit')} of others were ${why}`);
  }
  if (push.outcome === 'auth' || fetch.outcome === 'auth')
    output.note(`  hint: run: specstory login --server ${serverIn(url) ?? url}`);
  if (push.outcome === 'rejected' && refusesNamespace(push.reason ?? '')) {
    output.note(
      '  hint: this host does not take refs/specstory: use a specstory server or another host (docs/sync.md)',
    );
  }
  if (push.outcome === 'rejected' && isTooLarge(push.reason ?? ''))
    output.note(
      '  hint: nothing is lost: it goes out when whoever runs the server raises push_bytes or blob_bytes (docs/server.md)',
    );
  if (open.length > 0) output.note(`  ${counted(open.length, 'session')} not settled: specstory sync status`);
  if (push.code === 'consent') output.note(`  ${name} was removed while this ran`);
}

/** Whether a server's words mean that one of its limits on size is in the way. */
function isTooLarge(reason: string): boolean {
  return /item_too_large|larger than this server takes|push of this size/.test(reason);
}
