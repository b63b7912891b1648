import * as z from 'zod';
import { jsonObjectSchema } from './json.ts';
import { toolTypes } from './session.ts';

const contentSchema = z.array(z.looseObject({ type: z.enum(['text', 'thinking']), text: z.string() }));

const toolSchema = z.looseObject({
  name: z.string(),
  type: z.enum(toolTypes),
  useId: z.string().optional(),
  input: jsonObjectSchema.optional(),
  /** Usually `{content, is_error}`. */
  output: jsonObjectSchema.optional(),
  summary: z.string().optional(),
  formattedMarkdown: z.string().optional(),
});

const base = {
  id: z.string().optional(),
  timestamp: z.string().optional(),
  pathHints: z.array(z.string()).optional(),
  usage: z.record(z.string(), z.number()).optional(),
  metadata: jsonObjectSchema.optional(),
};

const messageSchema = z.discriminatedUnion('role', [
  z.looseObject({ role: z.literal('user'), ...base, content: contentSchema.min(1), model: z.undefined().optional() }),
  z.looseObject({
    role: z.literal('agent'),
    ...base,
    content: contentSchema.optional(),
    model: z.string().optional(),
    tool: toolSchema.optional(),
  }),
]);
export type SessionDataMessage = z.infer<typeof messageSchema>;

const exchangeSchema = z.strictObject({
  exchangeId: z.string(),
  startTime: z.string().optional(),
  endTime: z.string().optional(),
  messages: z.array(messageSchema),
  metadata: jsonObjectSchema.optional(),
});
export type SessionDataExchange = z.infer<typeof exchangeSchema>;

/** SpecStory's SessionData v1.0: closed at the root and in exchanges, open in messages and tools. */
export const sessionDataSchema = z.strictObject({
  schemaVersion: z.literal('1.0'),
  provider: z.strictObject({ id: z.string(), name: z.string(), version: z.string() }),
  sessionId: z.string().min(1),
  createdAt: z.string(),
  updatedAt: z.string().optional(),
  slug: z.string().optional(),
  workspaceRoot: z.string(),
  exchanges: z.array(exchangeSchema),
});
export type SessionData = z.infer<typeof sessionDataSchema>;
export type Provider = SessionData['provider'];
