import * as z from 'zod';
import { type Exchange, exchangeIdSchema, instantSchema, promptOf } from '../core/session.ts';
import { oneLine } from '../core/text.ts';

export const exchangeEntrySchema = z.strictObject({
  ordinal: z.int().min(0),
  id: exchangeIdSchema,
  /** The exchange it continues, when that is not the one before it. */
  parent: exchangeIdSchema.optional(),
  /** First words of the prompt, on one line; empty when nobody typed one. */
  title: z.string().regex(/^[^\n\r]*$/),
  at: instantSchema.optional(),
});
/** One line of a session's table of contents. */
export type ExchangeEntry = z.infer<typeof exchangeEntrySchema>;

/** What the table of contents says of an exchange. */
export function entryOf({ id, parent, startedAt, messages }: Exchange, ordinal: number): ExchangeEntry {
  const title = oneLine(promptOf(messages), 120);
  return { ordinal, id, ...(parent ? { parent } : {}), title, ...(startedAt ? { at: startedAt } : {}) };
}
