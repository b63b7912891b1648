import * as z from 'zod';
import { parseJson } from '../core/json.ts';

/** What the server made of one session of a push. */
export const verdictSchema = z.strictObject({
  session: z.string(),
  /**
   * `stored`: new or grown, and searchable. `duplicate`: the server had all of it. `conflict`: an exchange came with an id that is known
   * with other content; both are kept. `rejected`: not taken, for `reason`; it stays listed. `deferred`: the server will look at it later.
   */
  status: z.enum(['stored', 'duplicate', 'conflict', 'rejected', 'deferred']),
  /** A word for programs: `bad_session`, `secret_found`, `item_too_large` … */
  code: z.string().optional(),
  /** A line for people. */
  reason: z.string().optional(),
  /** Exchanges that were new. */
  exchanges: z.int().min(0).optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;

const mark = 'specstory-verdict: ';

/**
 * A verdict as a line of side-band 2. Sent to clients that name the protocol in their request; others get words for people
 * (`remote: …`).
 */
export function verdictLine(verdict: Verdict): string {
  return `${mark}${JSON.stringify(verdict)}\n`;
}

/** The verdict in a line of side-band 2; nothing when the line is for people or not a verdict. */
export function parseVerdictLine(line: string): Verdict | undefined {
  if (!line.startsWith(mark)) return undefined;
  const parsed = verdictSchema.safeParse(parseJson(line.slice(mark.length)));
  return parsed.success ? parsed.data : undefined;
}
