import type { HonoRequest } from 'hono';
import { isProjectName } from '../../protocol/address.ts';
import type { Access, Actor, Project, Role, Scope } from '../access.ts';
import { say } from './reply.ts';

type Service = 'git-upload-pack' | 'git-receive-pack';

const needs: Readonly<Record<Service, { readonly scope: Scope; readonly roles: readonly Role[] }>> = {
  'git-upload-pack': { scope: 'sessions:read', roles: ['owner', 'writer', 'reader'] },
  'git-receive-pack': { scope: 'capture:write', roles: ['owner', 'writer'] },
};

/** Who asks for what, or the answer to those who may not. A project of others is answered as one that does not exist. */
export async function admit(
  access: Access,
  request: HonoRequest,
  service: Service,
): Promise<{ readonly actor: Actor; readonly project: Project } | Response> {
  const { scope, roles } = needs[service];
  const actor = await access.authenticate(request.header('Authorization'));
  if (!actor) return say(401, 'sign in with a token of this server', { 'WWW-Authenticate': 'Basic realm="specstory"' });
  if (!actor.scopes.has(scope)) return say(403, `this token lacks the scope ${scope}`);
  const type = request.header('Content-Type');
  if (request.method === 'POST' && type !== `application/x-${service}-request`)
    return say(415, `the content type must be application/x-${service}-request`);
  const id = request.param('project') ?? '';
  const create = service === 'git-receive-pack';
  const project = isProjectName(id) ? await access.project(actor, id, { create }) : undefined;
  if (!project) return say(404, 'there is no such project');
  if (!roles.includes(project.role)) return say(403, `a ${project.role} of this project may not push`);
  return { actor, project };
}
