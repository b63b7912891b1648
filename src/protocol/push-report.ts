import * as z from 'zod';
import { protocol } from './address.ts';
import { verdictSchema } from './verdict.ts';

/** What became of one ref of a push. */
const refReportSchema = z.strictObject({
  /** The ref on the server. */
  ref: z.string(),
  /**
   * `ok`: the server has it. `rejected`: it said no, or we did, for `reason`. `retryable`: the server did not act on it; a later push may
   * pass. `unknown`: the connection broke after the body was sent; the next push will tell.
   */
  outcome: z.enum(['ok', 'rejected', 'retryable', 'unknown']),
  reason: z.string().optional(),
});
export type RefReport = z.infer<typeof refReportSchema>;

/** What became of a push, for the program that started git: written by the remote helper to the file that `SPECSTORY_PUSH_REPORT` names. */
export const pushReportSchema = z.strictObject({
  protocol: z.literal(protocol),
  /**
   * `partial`: some refs are ok, others are not. `auth`: sign in. `denied`: signed in, not permitted. `protocol`: the server is no server of
   * ours, or speaks another version. `unreachable`: no connection. The others are as for refs.
   */
  outcome: z.enum(['ok', 'partial', 'rejected', 'retryable', 'unknown', 'auth', 'denied', 'protocol', 'unreachable']),
  refs: z.array(refReportSchema),
  verdicts: z.array(verdictSchema),
  /** Seconds that the server asks to wait. */
  retry_after: z.number().min(0).optional(),
  reason: z.string().optional(),
});
export type PushReport = z.infer<typeof pushReportSchema>;
