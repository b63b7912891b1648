import * as z from 'zod';

// What the client reads of the answers of docs/protocol.md. A server may say more than that.

/** Printable ASCII: it becomes a header. */
const tokenSchema = z.string().regex(/^[\x21-\x7e]{8,512}$/);

const grantSchema = z.object({
  access_token: tokenSchema,
  refresh_token: tokenSchema.optional(),
  expires_at: z.string().nullish(),
  name: z.string().max(200).optional(),
});
/** A signed-in person: what `/device/token` and `/token/refresh` give. */
export type Grant = z.infer<typeof grantSchema>;

/** The answers that the client reads, by what they say. */
export const answers = {
  grant: grantSchema,
  server: z.object({ name: z.literal('specstory'), version: z.string(), protocol: z.int() }),
  whoami: z.object({
    account: z.string(),
    name: z.string(),
    token: z.object({
      id: z.string(),
      name: z.string().nullish(),
      scopes: z.array(z.string()),
      expires_at: z.string().nullish(),
    }),
  }),
  device: z.object({
    device_code: z.string().min(1).max(512),
    user_code: z.string().min(1).max(40),
    verification_uri: z.url(),
    verification_uri_complete: z.url().optional(),
    expires_in: z.number().positive().max(86_400),
    interval: z.number().min(0).max(600).default(5),
  }),
  revoked: z.object({ revoked: z.boolean() }),
  project: z.object({
    id: z.string(),
    name: z.string(),
    role: z.string(),
    members: z.array(z.object({ name: z.string(), role: z.string() })),
    public: z.boolean(),
  }),
  status: z.object({
    writers: z.array(
      z.object({
        writer: z.string(),
        /** Absent for the server's own writer. */
        account: z.string().nullish(),
        history: z.string().nullish(),
        raw: z.string().nullish(),
        ingested: z.string().nullish(),
      }),
    ),
    rejected: z.array(
      z.object({
        session: z.string(),
        writer: z.string(),
        code: z.string().nullish(),
        reason: z.string().nullish(),
        at: z.string().nullish(),
      }),
    ),
  }),
  purged: z.object({ purged: z.array(z.string()), unreachable: z.array(z.string()) }),
  /** RFC 9457, as the server writes errors. */
  problem: z.object({ title: z.string(), detail: z.string().nullish(), code: z.string(), hint: z.string().nullish() }),
} as const;
