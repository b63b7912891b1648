import { counted, oneLine, printable } from '../core/text.ts';
import { replaceFile } from '../platform/atomic-file.ts';
import { protocol } from '../protocol/address.ts';
import type { PushReport, RefReport } from '../protocol/push-report.ts';
import type { Verdict } from '../protocol/verdict.ts';
import type { Answer } from './answer.ts';
import type { Failure } from './failure.ts';

/** What became of the pushes of one run: for the person in words, for the program that started git as a file. */
export class PushRecord {
  private readonly refs: RefReport[] = [];
  private readonly verdicts: Verdict[] = [];
  private failure: Failure | undefined;
  /** Whether git asked for a push at all. */
  isPush = false;

  add(refs: readonly RefReport[], verdicts: readonly Verdict[] = []): void {
    this.refs.push(...refs);
    this.verdicts.push(...verdicts);
  }

  fail(failure: Failure): void {
    this.failure ??= failure;
  }

  /** Puts the report into a file, whole or not at all. */
  async write(file: string): Promise<void> {
    await replaceFile(file, `${JSON.stringify(this.report())}\n`, { mode: 0o600 });
  }

  private report(): PushReport {
    const { failure, refs, verdicts } = this;
    return {
      protocol,
      outcome: failure && failure.outcome !== 'unknown' ? failure.outcome : outcomeOf(refs, failure?.outcome),
      refs,
      verdicts,
      ...(failure?.retryAfter === undefined ? {} : { retry_after: failure.retryAfter }),
      ...(failure ? { reason: failure.reason } : {}),
    };
  }
}

function outcomeOf(refs: readonly RefReport[], otherwise: PushReport['outcome'] = 'ok'): PushReport['outcome'] {
  const found = new Set(refs.map(({ outcome }) => outcome));
  if (found.size === 0) return otherwise;
  if (found.has('unknown')) return 'unknown';
  if (found.has('ok')) return found.size === 1 ? 'ok' : 'partial';
  return found.has('retryable') ? 'retryable' : 'rejected';
}

/** Sessions that are named; more are counted. */
const longestList = 5;

const good: readonly Verdict['status'][] = ['stored', 'duplicate', 'deferred'];
const bad: readonly Verdict['status'][] = ['rejected', 'conflict'];

/** What the server made of the sessions, in a line or a few. Nothing when it said nothing; when quiet, only what went wrong. */
export function verdictWords({ sieve, isComplete }: Answer, isQuiet: boolean): string[] {
  const { verdicts, unreadable } = sieve;
  const complaints = verdicts.filter(({ status }) => bad.includes(status)).map(complaint);
  const counts = [isQuiet ? '' : tally(verdicts, good), tally(verdicts, bad)].filter((words) => words !== '');
  const head = counts.length === 0 ? [] : [counts.join('; ')];
  return [
    ...(complaints.length === 1 ? [`${head[0]}: ${complaints[0]}`] : head),
    ...(complaints.length > 1 ? complaints.slice(0, longestList).map((words) => `  ${words}`) : []),
    ...(complaints.length > longestList
      ? [`  and ${complaints.length - longestList} more: specstory sync status`]
      : []),
    ...(unreadable > 0 ? [`${counted(unreadable, 'answer')} about sessions could not be read`] : []),
    ...(isComplete ? [] : ['the connection broke before the server had said what it made of every session']),
  ];
}

/** `3 sessions stored, 1 duplicate`. */
function tally(verdicts: readonly Verdict[], statuses: readonly Verdict['status'][]): string {
  const counts = statuses.map(
    (status) => [verdicts.filter((verdict) => verdict.status === status).length, status] as const,
  );
  return counts
    .filter(([count]) => count > 0)
    .map(([count, status]) => (status === 'stored' ? `${counted(count, 'session')} stored` : `${count} ${status}`))
    .join(', ');
}

function complaint({ session, reason, code }: Verdict): string {
  return `${oneLine(printable(session), 80)}: ${oneLine(printable(reason ?? code ?? 'no reason given'), 200)}`;
}

/** Why nothing or not everything was pushed, in words. */
export function failureWords({ reason, hint }: Failure): string[] {
  return [oneLine(printable(reason), 600), ...(hint ? [`  hint: ${hint}`] : [])];
}
