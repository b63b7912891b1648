import * as z from 'zod';
import type { Administration } from '../../protocol/administration.ts';
import { administration } from '../accounts/administration.ts';
import { chosenProjects, reindex } from '../ingest/reindex.ts';
import { Refusal } from '../refusal.ts';
import type { ApiRoute, Call } from './api.ts';
import { roleSchema } from './api-projects.ts';
import { replies } from './api-replies.ts';
import { tokenDraftSchema } from './api-tokens.ts';
import { EventStream } from './event-stream.ts';

const password = z.string().max(1000).optional();
const userDraftSchema = z.strictObject({ name: z.string().max(64), password, admin: z.boolean().optional() });
const userChangeSchema = z.strictObject({ password, disabled: z.boolean().optional() });

const reindexSchema = z.strictObject({
  project: z.strictObject({ owner: z.string().max(64), id: z.string().max(100) }).optional(),
});

const absent = { refusals: ['not_found'] } as const;
const projectOf = ({ param }: Call) => ({ owner: param('owner'), id: param('id') });

/** Every account, token and project, for administrators of the server. What changes something is logged. */
export const adminRoutes: readonly ApiRoute[] = [
  read('/users', { summary: 'All accounts.', reply: replies.users }, async (admin) => ({ users: await admin.users() })),
  change(
    'POST',
    '/users',
    {
      summary: 'Makes an account.',
      request: userDraftSchema,
      reply: replies.user,
      created: true,
      refusals: ['conflict'],
    },
    async (admin, { body }) => admin.addUser(await body(userDraftSchema)),
  ),
  change(
    'PATCH',
    '/users/:name',
    {
      summary: 'Gives an account a password, or shuts and opens it.',
      request: userChangeSchema,
      reply: replies.user,
      ...absent,
    },
    async (admin, { body, param }) => admin.changeUser(param('name'), await body(userChangeSchema)),
  ),
  read('/tokens', { summary: 'The personal tokens of all accounts.', reply: replies.tokens }, async (admin) => ({
    tokens: await admin.tokens(),
  })),
  read(
    '/users/:name/tokens',
    { summary: 'The personal tokens of an account.', reply: replies.tokens, ...absent },
    async (admin, { param }) => ({ tokens: await admin.tokens(param('name')) }),
  ),
  change(
    'POST',
    '/users/:name/tokens',
    {
      summary: 'Makes a personal token for an account; its text is told this once.',
      request: tokenDraftSchema,
      reply: replies.newToken,
      created: true,
      ...absent,
    },
    async (admin, { body, param }) => admin.addToken(param('name'), await body(tokenDraftSchema)),
  ),
  change(
    'DELETE',
    '/tokens/:id',
    { summary: 'Ends a personal token.', reply: replies.revoked, ...absent },
    async (admin, { param }) => {
      await admin.revokeToken(param('id'));
      return { revoked: true };
    },
  ),
  read('/projects', { summary: 'All projects.', reply: replies.ownedProjects }, async (admin) => ({
    projects: await admin.projects(),
  })),
  read(
    '/projects/:owner/:id/members',
    { summary: 'The members of a project.', reply: replies.members, ...absent },
    async (admin, call) => ({ members: await admin.members(projectOf(call)) }),
  ),
  change(
    'PUT',
    '/projects/:owner/:id/members/:name',
    {
      summary: 'Makes an account a member, or gives a member another role.',
      request: roleSchema,
      reply: replies.member,
      refusals: ['not_found', 'conflict'],
    },
    async (admin, call) => {
      const { role } = await call.body(roleSchema);
      return admin.setMember(projectOf(call), call.param('name'), role);
    },
  ),
  change(
    'DELETE',
    '/projects/:owner/:id/members/:name',
    { summary: 'Takes a member out of a project.', reply: replies.removed, refusals: ['not_found', 'conflict'] },
    async (admin, call) => {
      await admin.removeMember(projectOf(call), call.param('name'));
      return { removed: true };
    },
  ),
  {
    method: 'POST',
    path: '/admin/reindex',
    scope: 'admin',
    administrator: true,
    summary: 'Makes the index of a project, or of all, anew from git, and says a line for each thing that happens.',
    request: reindexSchema,
    reply: replies.reindexed,
    stream: true,
    refusals: ['not_found'],
    answer: async ({ registry, index, log }, { body, caller }) => {
      const { project } = await body(reindexSchema);
      if (!index) throw new Refusal('unavailable', 'this server has no index');
      const { projects } = registry.store;
      await chosenProjects(projects, project);
      log.info({ account: caller.account }, 'an administrator has the index made anew');
      const make = (key: string, hear: () => void) => index.reindex(key, hear);
      return new EventStream((tell) => reindex({ projects, make }, project, tell));
    },
  },
];

type Answer = (admin: Administration, call: Call) => Promise<object>;
type About = Pick<ApiRoute, 'summary' | 'request' | 'reply' | 'created' | 'refusals'>;

function read(path: string, about: About, answer: Answer): ApiRoute {
  return {
    method: 'GET',
    path: `/admin${path}`,
    scope: 'admin',
    administrator: true,
    ...about,
    answer: ({ registry }, call) => answer(administration(registry), call),
  };
}

function change(method: ApiRoute['method'], path: string, about: About, answer: Answer): ApiRoute {
  return {
    method,
    path: `/admin${path}`,
    scope: 'admin',
    administrator: true,
    ...about,
    answer: async ({ registry, log }, call) => {
      const result = await answer(administration(registry), call);
      log.info({ account: call.caller.account, method, route: `/admin${path}` }, 'an administrator changed something');
      return result;
    },
  };
}
