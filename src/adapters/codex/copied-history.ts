import * as z from 'zod';
import { asText } from '../../core/json.ts';
import { instant } from '../../core/text.ts';
import type { Rollout } from './rollout-record.ts';
import type { SessionFacts } from './session-facts.ts';

/** While a fork's file is still in the records it copied from its parent. All times in milliseconds since 1970. */
export const copySchema = z.strictObject({
  /** When the fork itself began. */
  born: z.number(),
  /** Ordinal of its first own record, where the file says so. */
  base: z.number().nullable(),
  /** The copied records name their turns. */
  turns: z.boolean(),
  /** Time of the record before. */
  last: z.number().nullable(),
});
export type Copy = Readonly<z.infer<typeof copySchema>>;

/** A pause after which a record was not written in the same go as the copy. */
const pause = 1000;

/**
 * The start of a copy, from the fork's own `session_meta`; `undefined` when nothing says when the fork began, because
 * then copied and own records cannot be told apart.
 */
export function copyOf({ id, facts, at }: { id: string; facts: SessionFacts; at: unknown }): Copy | undefined {
  const born = mintedAt(id) ?? milliseconds(facts.timestamp) ?? milliseconds(at);
  if (born === undefined) return undefined;
  return { born, base: facts.subagent_history_start_ordinal ?? null, turns: false, last: milliseconds(at) ?? null };
}

/** The copy after one more record; `undefined` when that record is the fork's own, and so is everything after it. */
export function copyAfter(copy: Copy, record: Rollout): Copy | undefined {
  if (copy.base !== null && record.ordinal !== undefined) return record.ordinal >= copy.base ? undefined : copy;
  const turn = mintedAt(turnOf(record));
  if (turn !== undefined) return turn >= copy.born ? undefined : { ...copy, turns: true };
  const at = milliseconds(record.at) ?? null;
  // Some versions gave every copied record the time of the copy; then only a pause tells.
  const own = !copy.turns && at !== null && at >= copy.born && copy.last !== null && at - copy.last >= pause;
  return own ? undefined : { ...copy, last: at ?? copy.last };
}

/** The turn a record names. */
function turnOf({ payload }: Rollout): string {
  return asText(payload.turn_id) ?? '';
}

/** When a version 7 UUID was made. */
function mintedAt(id: string): number | undefined {
  const match = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i.exec(id);
  return match ? Number.parseInt(`${match[1]}${match[2]}`, 16) : undefined;
}

function milliseconds(time: unknown): number | undefined {
  const known = instant(time);
  return known === undefined ? undefined : Date.parse(known);
}
