import * as z from 'zod';
import { exchangeIdSchema, partSchema, sessionIdSchema, usageSchema } from '../../core/session.ts';
import { copySchema } from './copied-history.ts';
import { tokensSchema } from './token-usage.ts';

const count = z.number().int().nonnegative();

/** What the Codex fold remembers between records. */
export const ownStateSchema = z.strictObject({
  /** The session's own `session_meta` was read. */
  introduced: z.boolean(),
  /** Folder and model of the latest turn. */
  cwd: z.string().nullable(),
  model: z.string().nullable(),
  /** The running turn and how many prompts it had. */
  turn: z.string().nullable(),
  prompts: count,
  /** The turn before, which may be named again. */
  ended: z.strictObject({ turn: z.string(), prompts: count }).nullable(),
  /** Prompts have come as events, so a user message without one is not a prompt. */
  events: z.boolean(),
  /** How the prompt of the open exchange came, until the agent answers it. */
  heard: z.enum(['event', 'item']).nullable(),
  /** User messages that are prompts only if no event comes to say what the prompt was. */
  held: z.array(z.strictObject({ parts: z.array(partSchema), at: z.unknown().optional() })),
  /** Answers have come as items, so that their events are copies. */
  answered: z.boolean(),
  /** Digests of what the agent said and thought, as far as it may come a second time; `review` for that of a review. */
  told: z.string().nullable(),
  thoughts: z.array(z.string()),
  /** Thoughts of events whose item is still to come. */
  mused: z.array(z.string()),
  /** The model answer being read; `closed` once its tokens were counted. */
  answer: z.strictObject({ id: z.string().nullable(), usage: usageSchema.nullable(), closed: z.boolean() }).nullable(),
  /** Tokens used before there was an answer to count them with. */
  owed: usageSchema.nullable(),
  /** The last totals of `token_count`. */
  total: tokensSchema.nullable(),
  /** The web search whose other record is still to come. */
  search: z.strictObject({ log: z.enum(['event', 'item']), key: z.string(), call: z.string().nullable() }).nullable(),
  /** Ids of the latest tool calls, so that late evidence is known from that of a nested call. */
  calls: z.array(z.string()),
  /** Calls an event called failed before their output came, and calls that started a sub-agent. */
  failed: z.array(z.string()),
  spawned: z.array(z.strictObject({ call: z.string(), session: sessionIdSchema })),
  /** Exchanges of the branch the conversation is on, the latest last, and where the next one continues. */
  branch: z.array(exchangeIdSchema),
  from: exchangeIdSchema.nullable(),
  rolledBack: z.boolean(),
  /** A compaction was shown whose event is still to come. */
  compacted: z.boolean(),
  /** The records are still those copied from the parent of a fork. */
  copy: copySchema.nullable(),
});
export type OwnState = Readonly<z.infer<typeof ownStateSchema>>;

export const freshState: OwnState = {
  introduced: false,
  cwd: null,
  model: null,
  turn: null,
  prompts: 0,
  ended: null,
  events: false,
  heard: null,
  held: [],
  answered: false,
  told: null,
  thoughts: [],
  mused: [],
  answer: null,
  owed: null,
  total: null,
  search: null,
  calls: [],
  failed: [],
  spawned: [],
  branch: [],
  from: null,
  rolledBack: false,
  compacted: false,
  copy: null,
};
