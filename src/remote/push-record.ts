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

/** What the server made of the sessions, in a line or a few. Nothing when it said nothing; when quiet, only what went wrong. */
export function verdictWords({ sieve, isComplete }: Answer, isQuiet: boolean): string[] {
  const { verdicts, unreadable } = sieve;
  const count = (status: Verdict['status']): number => verdicts.filter((verdict) => verdict.status === status).length;
  const good = [
    count('stored') > 0 ? `${counted(count('stored'), 'session')} stored` : '',
    count('duplicate') > 0 ? `${count('duplicate')} duplicate` : '',
    count('deferred') > 0 ? `${count('deferred')} to be looked at later` : '',
  ].filter((words) => words !== '');
  const bad = verdicts.filter(({ status }) => status === 'rejected' || status === 'conflict');
  const more = bad.length > longestList ? [`and ${bad.length - longestList} more: specstory sync status`] : [];
  return [
    ...(isQuiet || good.length === 0 ? [] : [good.join(', ')]),
    ...bad.slice(0, longestList).map(complaint),
    ...more,
    ...(unreadable > 0 ? [`${counted(unreadable, 'answer')} about sessions could not be read`] : []),
    ...(isComplete || isQuiet ? [] : ['the connection broke before the server had said what it made of every session']),
  ];
}

function complaint({ session, status, reason, code }: Verdict): string {
  return `${status}: ${oneLine(printable(session), 80)}: ${oneLine(printable(reason ?? code ?? 'no reason given'), 200)}`;
}

/** Why nothing or not everything was pushed, in words. */
export function failureWords({ reason, hint }: Failure): string[] {
  return [oneLine(printable(reason), 600), ...(hint ? [`  hint: ${hint}`] : [])];
}
