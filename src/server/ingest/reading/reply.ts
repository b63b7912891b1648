import * as z from 'zod';
import { faultCodes } from '../fault.ts';

/** What a thread says to a question. */
export const replySchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('answer'), answer: z.unknown() }),
  z.object({ kind: z.literal('fault'), code: z.enum(faultCodes), reason: z.string() }),
  /** It is not of our format. */
  z.object({ kind: z.literal('unsupported'), reason: z.string() }),
  /** The reader failed, which is not the fault of what was read. */
  z.object({ kind: z.literal('broken'), reason: z.string() }),
]);
export type Reply = z.infer<typeof replySchema>;
