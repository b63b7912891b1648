import * as z from 'zod';
import { exchangeIdSchema } from '../../core/session.ts';

/** A human act that opens an exchange only once the agent answers it: a slash command, or a prompt typed while it worked. */
const pendingSchema = z.strictObject({
  kind: z.enum(['command', 'shell', 'steer']),
  text: z.string(),
  /** The id of its record, where it has one. */
  id: z.string().optional(),
  at: z.string().optional(),
  cwd: z.string().optional(),
  branch: z.string().optional(),
  parent: exchangeIdSchema.optional(),
});
export type Pending = Readonly<z.infer<typeof pendingSchema>>;

/** What the fold remembers between records apart from its sessions. Small: a checkpoint holds all of it. */
export const ownSchema = z.strictObject({
  /** Prompts that opened exchanges and records without a parent, as packed numbers: a history that is written again begins with one. */
  landmarks: z.string(),
  /** The record that the last exchange was opened after, and the exchange that it continues. */
  link: z.strictObject({ record: z.number(), exchange: exchangeIdSchema.nullable() }).nullable(),
  /** Message id of the last answer. */
  answer: z.string().nullable(),
  pending: pendingSchema.nullable(),
  /** Prompts that wait for the agent, the oldest first. */
  queue: z.array(z.strictObject({ text: z.string(), at: z.string().optional() })),
  /** This version writes attachments, so a queued prompt comes as one when the agent gets it. */
  attachments: z.boolean(),
  /** How good the title is, and titles of conversations whose last record was not met yet. */
  titled: z.number(),
  summaries: z.array(z.strictObject({ leaf: z.number(), text: z.string() })),
  /** A run of the agent for itself, to be ignored. */
  warmUp: z.boolean(),
});
export type Own = Readonly<z.infer<typeof ownSchema>>;

export const freshOwn: Own = {
  landmarks: '',
  link: null,
  answer: null,
  pending: null,
  queue: [],
  attachments: false,
  titled: 0,
  summaries: [],
  warmUp: false,
};
