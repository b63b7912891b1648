import * as z from 'zod';
import { annotationSchema, statementSchema } from '../../core/annotation.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import {
  memberSchema,
  newTokenSchema,
  ownedProjectSchema,
  personalTokenSchema,
  reindexedSchema,
  userSchema,
} from '../../protocol/administration.ts';
import { scopes } from '../access.ts';

// What the routes of the table answer, whole: `/openapi.json` publishes it, and tests hold every answer against it.

const time = z.iso.datetime();
const writer = z.string().regex(/^[0-9a-f]{16}$/);
const objectId = z.string().nullable();
const roles = z.enum(['owner', 'writer', 'reader']);
const named = <T extends z.ZodType>(schema: T, id: string): T => schema.meta({ id });

const member = named(memberSchema, 'Member');
const personalToken = named(personalTokenSchema, 'PersonalToken');
const user = named(userSchema, 'User');
const ownedProject = named(ownedProjectSchema, 'OwnedProject');
const statement = named(statementSchema, 'Statement');

export const replies = {
  reindexed: reindexedSchema,
  server: z.object({
    name: z.literal('specstory'),
    version: z.string(),
    protocol: z.int(),
    limits: z.object({ push_bytes: z.int(), blob_bytes: z.int() }),
  }),
  whoami: z.object({
    account: z.string(),
    name: z.string(),
    token: z.object({ id: z.string(), name: z.string(), scopes: z.array(z.enum(scopes)), expires_at: time }),
  }),
  deviceCode: z.object({
    device_code: z.string(),
    user_code: z.string(),
    verification_uri: z.url(),
    verification_uri_complete: z.url(),
    expires_in: z.int().describe('seconds'),
    interval: z.int().describe('seconds between two questions'),
  }),
  grant: named(
    z.object({ access_token: z.string(), refresh_token: z.string(), expires_at: time, name: z.string() }),
    'Grant',
  ),
  revoked: z.object({ revoked: z.boolean() }),
  removed: z.object({ removed: z.literal(true) }),
  tokens: z.object({ tokens: z.array(personalToken) }),
  newToken: named(newTokenSchema, 'NewToken'),
  projects: z.object({
    projects: z.array(
      z.object({ id: z.string(), name: z.string(), role: roles, sessions: z.int(), updated_at: time.nullable() }),
    ),
  }),
  project: z.object({
    id: z.string(),
    name: z.string(),
    role: roles,
    members: z.array(member),
    public: z.literal(false),
  }),
  status: z.object({
    writers: z.array(
      z.object({
        writer,
        account: z.string().nullable().describe("null for the server's own writer"),
        history: objectId,
        raw: objectId,
        ingested: objectId,
      }),
    ),
    rejected: z.array(
      z.object({
        session: z.string(),
        writer,
        path: z.string(),
        code: z.string(),
        reason: z.string(),
        at: time,
      }),
    ),
  }),
  member,
  members: z.object({ members: z.array(member) }),
  annotations: z.object({
    annotations: z.array(
      z.object({
        writer,
        lamport: z.int(),
        n: z.int(),
        session: sessionIdSchema,
        exchange: exchangeIdSchema.optional(),
        statement,
      }),
    ),
  }),
  annotation: named(annotationSchema.extend({ lamport: z.int() }), 'Annotation'),
  purged: z.object({ purged: z.array(sessionIdSchema), unreachable: z.array(z.string()) }),
  user,
  users: z.object({ users: z.array(user) }),
  ownedProjects: z.object({ projects: z.array(ownedProject) }),
} as const;
