import * as z from 'zod';
import { type AgentId, type ExchangeId, isAgentId, isExchangeId, isSessionId, type SessionId } from './ids.ts';
import { jsonObjectSchema } from './json.ts';
import { instant } from './text.ts';

/** Ids and times at the boundary: text in, branded text out. */
export const agentIdSchema = z.custom<AgentId>(
  (value) => typeof value === 'string' && isAgentId(value),
  'not an agent id',
);
export const sessionIdSchema = z.custom<SessionId>(
  (value) => typeof value === 'string' && isSessionId(value),
  'not a session id',
);
export const exchangeIdSchema = z.custom<ExchangeId>(
  (value) => typeof value === 'string' && isExchangeId(value),
  'not an exchange id',
);
/** An instant as `text.ts` writes it: UTC, milliseconds. */
export const instantSchema = z
  .string()
  .refine((text) => instant(text) === text, 'not an instant in UTC with milliseconds');

/** Text that can be stored: well-formed, no NUL (`storable` makes it so). */
const textSchema = z
  .string()
  .refine((text) => text.isWellFormed() && !text.includes('\0'), 'text with NUL or half a surrogate');
const nameSchema = textSchema.min(1);
const countSchema = z.number().int().nonnegative();

/** What kind of work a tool does, whatever its agent calls it (SpecStory's seven words). */
export const toolTypes = ['write', 'read', 'search', 'shell', 'task', 'generic', 'unknown'] as const;
export type ToolType = (typeof toolTypes)[number];

/** Characters cut from the end of the text because it passed the limit of one part; the raw record has them. */
const elided = countSchema.optional();

/**
 * One change to one file. `diff` holds unified hunks (`@@ …` and lines starting with space, `-`, `+`; no file header);
 * `exact` says that the hunk headers carry the file's real line numbers, otherwise a hunk starts with a bare `@@`.
 */
export const editSchema = z.strictObject({
  path: nameSchema,
  change: z.enum(['add', 'update', 'delete', 'move']),
  to: nameSchema.optional(),
  diff: textSchema,
  elided,
  exact: z.boolean(),
  /** The person refused the change, or it failed: it is evidence of intent, not of lines. */
  rejected: z.literal(true).optional(),
  /** The person changed the proposal before accepting it. */
  userModified: z.literal(true).optional(),
});
export type Edit = z.infer<typeof editSchema>;

export const partSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('text'), text: textSchema, elided }),
  /** `text` is empty when the agent recorded that it thought but not what. */
  z.strictObject({ kind: z.literal('thinking'), text: textSchema, elided }),
  z.strictObject({
    kind: z.literal('tool_call'),
    id: nameSchema.optional(),
    name: nameSchema,
    type: z.enum(toolTypes),
    input: jsonObjectSchema,
    edits: z.array(editSchema).min(1).optional(),
  }),
  z.strictObject({
    kind: z.literal('tool_result'),
    /** Id of the call it answers. */
    call: nameSchema.optional(),
    ok: z.boolean(),
    text: textSchema,
    elided,
    /** Set when the evidence came after the exchange of the call was closed. */
    edits: z.array(editSchema).min(1).optional(),
    /** The sub-agent session that the call started. */
    session: sessionIdSchema.optional(),
  }),
  z.strictObject({
    kind: z.literal('attachment'),
    name: textSchema.optional(),
    mime: textSchema.optional(),
    /** Size and hash of the content, which is not stored. */
    bytes: countSchema.optional(),
    sha256: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .optional(),
  }),
  /** Something that happened to the conversation and was said by neither side. */
  z.strictObject({
    kind: z.literal('note'),
    label: z.enum(['command', 'compaction', 'error', 'info', 'interrupted', 'elided']),
    text: textSchema,
    elided,
  }),
]);
export type Part = z.infer<typeof partSchema>;
export type ToolCall = Extract<Part, { kind: 'tool_call' }>;
export type ToolResult = Extract<Part, { kind: 'tool_result' }>;

/**
 * Tokens of one model answer, normalised: `input` excludes what came from or went to the cache,
 * `output` includes reasoning, `reasoning` is the part of `output` that was thought.
 */
export const usageSchema = z.strictObject({
  input: countSchema.optional(),
  output: countSchema.optional(),
  cacheRead: countSchema.optional(),
  cacheWrite: countSchema.optional(),
  reasoning: countSchema.optional(),
});
export type Usage = z.infer<typeof usageSchema>;

const messageSchema = z.strictObject({
  role: z.enum(['user', 'agent']),
  id: nameSchema.optional(),
  at: instantSchema.optional(),
  model: nameSchema.optional(),
  parts: z.array(partSchema),
  usage: usageSchema.optional(),
});
export type Message = z.infer<typeof messageSchema>;

/** One prompt and everything up to the next. It names neither its session nor its writer, so a copy is the same bytes. */
export const exchangeSchema = z.strictObject({
  id: exchangeIdSchema,
  /** The exchange it continues, when that is not the one before it in the session (a rewind, an edited prompt). */
  parent: exchangeIdSchema.optional(),
  startedAt: instantSchema.optional(),
  endedAt: instantSchema.optional(),
  cwd: nameSchema.optional(),
  branch: nameSchema.optional(),
  messages: z.array(messageSchema),
});
export type Exchange = z.infer<typeof exchangeSchema>;

/** What is known of a session apart from its exchanges. */
export const sessionMetaSchema = z.strictObject({
  id: sessionIdSchema,
  agent: agentIdSchema,
  /** Version of the agent that wrote it. */
  agentVersion: nameSchema.optional(),
  /** Title given by the person or the agent; absent when there is none (see `sessionName`). */
  title: nameSchema.optional(),
  createdAt: instantSchema.optional(),
  updatedAt: instantSchema.optional(),
  cwd: nameSchema.optional(),
  branch: nameSchema.optional(),
  /** How it was started, in the agent's word: `cli`, `vscode`, `sdk-ts` … */
  origin: nameSchema.optional(),
  /** A sub-agent session hangs under this one. */
  parent: sessionIdSchema.optional(),
  /** A fork continues a copy of this one. */
  forkedFrom: sessionIdSchema.optional(),
  /** Records of a type we do not know, by type; they are kept in the raw history. */
  unknown: z.record(z.string(), countSchema).optional(),
  /** Records that could not be read (bad JSON, wrong shape). */
  unreadable: countSchema.optional(),
});
export type SessionMeta = z.infer<typeof sessionMetaSchema>;

/** One conversation, whole. */
export interface Session {
  readonly meta: SessionMeta;
  readonly exchanges: readonly Exchange[];
}

/** The text a person typed to open an exchange with these messages, or `''` when it was not opened by a person. */
export function promptOf(messages: readonly Message[]): string {
  const [first] = messages;
  if (first?.role !== 'user') return '';
  const texts = first.parts.map((part) => (part.kind === 'text' || part.kind === 'note' ? part.text : ''));
  return texts.filter(Boolean).join('\n');
}

/** Every part of a session's exchanges, in order. */
export function* partsOf(exchanges: Iterable<Exchange>): Generator<Part> {
  for (const exchange of exchanges) for (const message of exchange.messages) yield* message.parts;
}
