import * as z from 'zod';
import { memberOf } from '../accounts/administration.ts';
import { member, removeMember, setMember } from '../accounts/projects.ts';
import type { Services } from '../services.ts';
import type { ProjectRow } from '../store/account-store.ts';
import type { ApiRoute } from './api.ts';
import { replies } from './api-replies.ts';

export const roleSchema = z.strictObject({ role: z.enum(['owner', 'writer', 'reader']) });

export const projectRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/projects',
    summary: 'The projects of whoever asks.',
    reply: replies.projects,
    scope: 'sessions:read',
    answer: async (services, { caller }) => {
      const found = await services.registry.store.projects.list(caller.account);
      const projects = await Promise.all(
        found.map(async (row) => ({ id: row.id, name: row.name, role: row.role, ...(await summary(services, row)) })),
      );
      return { projects };
    },
  },
  {
    method: 'GET',
    path: '/projects/:project',
    summary: 'A project and its members.',
    reply: replies.project,
    scope: 'sessions:read',
    role: 'reader',
    answer: async ({ registry }, { project: { key, id, name, role } }) => ({
      id,
      name,
      role,
      members: (await registry.store.projects.members(key)).map(memberOf),
      public: false,
    }),
  },
  {
    method: 'GET',
    path: '/projects/:project/status',
    summary: 'How far each writer was pushed and taken in, and what was not taken.',
    reply: replies.status,
    scope: 'sessions:read',
    role: 'reader',
    answer: async (services, { project }) => projectStatus(services, project.key),
  },
  {
    method: 'GET',
    path: '/projects/:project/members/:name',
    summary: 'A member of a project.',
    reply: replies.member,
    scope: 'admin',
    role: 'owner',
    answer: async ({ registry }, { project, param }) => memberOf(await member(registry, project, param('name'))),
  },
  {
    method: 'PUT',
    path: '/projects/:project/members/:name',
    summary: 'Invites an account, or gives a member another role.',
    request: roleSchema,
    reply: replies.member,
    refusals: ['conflict'],
    scope: 'admin',
    role: 'owner',
    answer: async ({ registry, log }, { project, param, body, caller }) => {
      const { role } = await body(roleSchema);
      const by = caller.holder.admin ? 'administrator' : 'owner';
      const set = await setMember(registry, project, { name: param('name'), role, by });
      log.info({ account: caller.account, project: project.key, member: set.account, role }, 'a member was set');
      return memberOf(set);
    },
  },
  {
    method: 'DELETE',
    path: '/projects/:project/members/:name',
    summary: 'Takes a member out of a project.',
    reply: replies.removed,
    refusals: ['conflict'],
    scope: 'admin',
    role: 'owner',
    answer: async ({ registry, log }, { project, param, caller }) => {
      await removeMember(registry, project, param('name'));
      log.info({ account: caller.account, project: project.key }, 'a member was removed');
      return { removed: true };
    },
  },
];

async function summary(
  { index }: Services,
  { key }: ProjectRow,
): Promise<{ sessions: number; updated_at: string | null }> {
  const found = await index?.summary(key);
  return { sessions: found?.sessions ?? 0, updated_at: found?.updatedAt ?? null };
}

/** Every writer that was claimed is listed, pushed to or not, so that nothing that is missing looks as if it were there. The server's own writer is
 * nobody's. */
async function projectStatus({ registry, index }: Services, key: string): Promise<object> {
  const status = await index?.status(key);
  const cursors = new Map(status?.writers.map((cursor) => [String(cursor.writer), cursor]));
  const writers = (await registry.store.projects.writers(key)).map(({ writer, account }) => {
    const { history = null, raw = null, ingested = null } = cursors.get(writer) ?? {};
    return { writer, account, history, raw, ingested };
  });
  const claimed = new Set(writers.map(({ writer }) => writer));
  const unclaimed = (status?.writers ?? []).filter(({ writer }) => !claimed.has(writer));
  const own = unclaimed.map(({ writer, history = null, raw = null, ingested = null }) => {
    return { writer, account: null, history, raw, ingested };
  });
  return { writers: [...writers, ...own], rejected: status?.rejected ?? [] };
}
