import * as z from 'zod';
import type { Administration } from '../../protocol/administration.ts';
import { administration } from '../accounts/administration.ts';
import { chosenProjects, reindex } from '../ingest/reindex.ts';
import { Refusal } from '../refusal.ts';
import type { ApiRoute, Call } from './api.ts';
import { roleSchema } from './api-projects.ts';
import { tokenDraftSchema } from './api-tokens.ts';
import { EventStream } from './event-stream.ts';

const password = z.string().max(1000).optional();
const userDraftSchema = z.strictObject({ name: z.string().max(64), password, admin: z.boolean().optional() });
const userChangeSchema = z.strictObject({ password, disabled: z.boolean().optional() });

const reindexSchema = z.strictObject({
  project: z.strictObject({ owner: z.string().max(64), id: z.string().max(100) }).optional(),
});

const projectOf = ({ param }: Call) => ({ owner: param('owner'), id: param('id') });

/** Every account, token and project, for administrators of the server. What changes something is logged. */
export const adminRoutes: readonly ApiRoute[] = [
  read('/users', async (admin) => ({ users: await admin.users() })),
  change('POST', '/users', async (admin, { body }) => admin.addUser(await body(userDraftSchema))),
  change('PATCH', '/users/:name', async (admin, { body, param }) =>
    admin.changeUser(param('name'), await body(userChangeSchema)),
  ),
  read('/tokens', async (admin) => ({ tokens: await admin.tokens() })),
  read('/users/:name/tokens', async (admin, { param }) => ({ tokens: await admin.tokens(param('name')) })),
  change('POST', '/users/:name/tokens', async (admin, { body, param }) =>
    admin.addToken(param('name'), await body(tokenDraftSchema)),
  ),
  change('DELETE', '/tokens/:id', async (admin, { param }) => {
    await admin.revokeToken(param('id'));
    return { revoked: true };
  }),
  read('/projects', async (admin) => ({ projects: await admin.projects() })),
  read('/projects/:owner/:id/members', async (admin, call) => ({ members: await admin.members(projectOf(call)) })),
  change('PUT', '/projects/:owner/:id/members/:name', async (admin, call) => {
    const { role } = await call.body(roleSchema);
    return admin.setMember(projectOf(call), call.param('name'), role);
  }),
  change('DELETE', '/projects/:owner/:id/members/:name', async (admin, call) => {
    await admin.removeMember(projectOf(call), call.param('name'));
    return { removed: true };
  }),
  {
    method: 'POST',
    path: '/admin/reindex',
    scope: 'admin',
    administrator: true,
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

function read(path: string, answer: Answer): ApiRoute {
  return {
    method: 'GET',
    path: `/admin${path}`,
    scope: 'admin',
    administrator: true,
    answer: ({ registry }, call) => answer(administration(registry), call),
  };
}

function change(method: ApiRoute['method'], path: string, answer: Answer): ApiRoute {
  return {
    method,
    path: `/admin${path}`,
    scope: 'admin',
    administrator: true,
    answer: async ({ registry, log }, call) => {
      const result = await answer(administration(registry), call);
      log.info({ account: call.caller.account, method, route: `/admin${path}` }, 'an administrator changed something');
      return result;
    },
  };
}
