import type { WriterId } from '../../core/ids.ts';
import type { Address } from '../../protocol/address.ts';
import { answers } from '../../protocol/answers.ts';
import type { Online } from '../account/online.ts';
import type { OpenSession } from './ledger.ts';

interface Question {
  readonly address: Address;
  readonly writer: WriterId;
  /** Where our history stands on the server. */
  readonly tip: string | undefined;
  readonly open: readonly OpenSession[];
  readonly at: string;
}

/**
 * What is known by now of sessions that were sent and not settled: those the server lists as rejected are; all others are stored once it
 * has read the history to the end. Without an answer they stay as they are.
 */
export async function settle(ways: Online, { address, writer, tip, open, at }: Question): Promise<OpenSession[]> {
  const path = `/projects/${address.project}/status`;
  const answer = await ways.api(address.server).ask({ method: 'GET', path }, answers.status);
  if (!answer.ok) return [...open];
  const rejected = answer.value.rejected
    .filter((one) => one.writer === writer)
    .map(({ session, code, reason }): OpenSession => {
      const since = open.find((one) => one.session === session && one.status === 'rejected')?.at;
      const words = { ...(code ? { code } : {}), ...(reason ? { reason } : {}) };
      return { session, status: 'rejected', ...words, at: since ?? at };
    });
  const known = new Set(rejected.map(({ session }) => session));
  const isRead = tip !== undefined && answer.value.writers.some((one) => one.writer === writer && one.ingested === tip);
  return [...rejected, ...(isRead ? [] : open.filter(({ session }) => !known.has(session)))];
}
