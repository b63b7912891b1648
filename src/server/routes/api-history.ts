import * as z from 'zod';
import { statementSchema, type Target } from '../../core/annotation.ts';
import type { SessionId, WriterId } from '../../core/ids.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import type { ProjectHistory } from '../project-history.ts';
import { Refusal } from '../refusal.ts';
import type { Services } from '../services.ts';
import type { ApiRoute, Call } from './api.ts';
import { replies } from './api-replies.ts';

const sayingSchema = z.strictObject({
  session: sessionIdSchema,
  exchange: exchangeIdSchema.optional(),
  statement: statementSchema,
});

const orderSchema = z.strictObject({
  sessions: z.array(sessionIdSchema).min(1).max(1000),
  exchanges: z.array(exchangeIdSchema).max(100_000).default([]),
});

/** What is said of sessions later, and their being taken out of every commit. */
export const historyRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/projects/:project/annotations',
    summary: 'What was said of sessions later, and counts, in its order.',
    reply: replies.annotations,
    refusals: ['unavailable'],
    scope: 'sessions:read',
    role: 'reader',
    answer: async (services, { project }) => ({ annotations: await historyOf(services).annotations(project.key) }),
  },
  {
    method: 'POST',
    path: '/projects/:project/annotations',
    summary: 'Names, hides, tags or deletes a session or an exchange, for everybody.',
    request: sayingSchema,
    reply: replies.annotation,
    refusals: ['unavailable'],
    scope: 'share:write',
    role: 'writer',
    answer: async (services, call) => {
      const { statement, ...target } = await call.body(sayingSchema);
      const history = historyOf(services);
      const holders = await history.holders(call.project.key, target);
      if (holders.length === 0) throw new Refusal('not_found', noSuch(target));
      if (statement.kind === 'deleted') await checkOwner(services, call, holders);
      return history.say(call.project.key, target, statement, call.caller.name);
    },
  },
  {
    method: 'POST',
    path: '/projects/:project/purge',
    summary: 'Takes sessions out of every commit that the account may rewrite.',
    request: orderSchema,
    reply: replies.purged,
    refusals: ['unavailable'],
    scope: 'capture:write',
    role: 'writer',
    answer: async (services, call) => {
      const { sessions, exchanges } = await call.body(orderSchema);
      const { project, caller } = call;
      const own = await ownWriters(services, call);
      const mayRewrite = (writer: WriterId): boolean => project.role === 'owner' || own.has(writer);
      const purged = await historyOf(services).purge(project.key, {
        sessions: unique(sessions),
        exchanges,
        name: caller.name,
        mayRewrite,
      });
      services.log.info(
        { account: caller.account, project: project.key, sessions: sessions.length },
        'sessions were purged',
      );
      return purged;
    },
  },
];

function historyOf({ history }: Services): ProjectHistory {
  if (!history) throw new Refusal('unavailable', 'this server keeps no repositories');
  return history;
}

const unique = (sessions: readonly SessionId[]): SessionId[] => [...new Set(sessions)];

function noSuch({ exchange }: Target): string {
  return exchange === undefined ? 'there is no such session' : 'the session has no such exchange';
}

/** The writers of whoever asks. */
async function ownWriters({ registry }: Services, { project, caller }: Call): Promise<Set<string>> {
  const claimed = await registry.store.projects.writers(project.key);
  return new Set(claimed.filter(({ account }) => account === caller.name).map(({ writer }) => writer));
}

/** What others have pushed as well is deleted by an owner of the project only. */
async function checkOwner(services: Services, call: Call, holders: readonly WriterId[]): Promise<void> {
  if (call.project.role === 'owner') return;
  const own = await ownWriters(services, call);
  if (holders.every((writer) => own.has(writer))) return;
  throw new Refusal('insufficient_role', 'others have it too: only an owner of the project deletes it for everybody');
}
