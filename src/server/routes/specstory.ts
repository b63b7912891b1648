import { Hono } from 'hono';
import type { Project, Role, Scope } from '../access.ts';
import type { Caller } from '../accounts/access.ts';
import { noBody } from '../middleware/body.ts';
import { limit } from '../middleware/observe.ts';
import { Refusal } from '../refusal.ts';
import type { ServerContext, ServerEnv, Services } from '../services.ts';
import type { SpecstorySessions } from '../specstory/sessions.ts';
import { rank } from './api.ts';

/** What a route of SpecStory's API asks for before it does anything, and what it answers. */
export interface SpecstoryRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v1`. `:project` is resolved for whoever asks. A GET answers HEAD as well. */
  readonly path: string;
  readonly scope: Scope;
  /** The least role in the project of the path. */
  readonly role?: Role;
  /** What is said of a project that does not exist, where that is no error; or that the first use makes it. */
  readonly absent?: object | 'made';
  readonly answer: (services: SpecstoryServices, call: SpecstoryCall) => Promise<SpecstoryAnswer>;
}

/** The services of a server that has repositories. */
export type SpecstoryServices = Services & { readonly specstory: SpecstorySessions };

/** What stands in `data` beside `success`; or beside `success` itself; or an answer of its own. */
export type SpecstoryAnswer =
  | { readonly data: object; readonly status?: 200 | 201 }
  | { readonly plain: object }
  | Response;

/** A request that was let through. */
export interface SpecstoryCall {
  readonly context: ServerContext;
  readonly caller: Caller;
  /** Throws `bug` on a route without `:project`. */
  readonly project: Project;
  /** The project of the path, made now unless it is there; its role was looked at. */
  bring(): Promise<Project>;
  param(name: string): string;
  query(name: string): string | undefined;
}

/** Turns a table of routes into handlers that answer in SpecStory's envelopes. The first of two paths that fit counts. */
export function specstoryRoutes(services: Services, table: readonly SpecstoryRoute[]): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  for (const route of table) {
    app.on(route.method, route.path, async (context) => {
      const { specstory } = services;
      const caller = await authorised(services, route, context);
      if (!specstory) throw new Refusal('unavailable', 'this server keeps no repositories');
      if (route.method === 'GET' || route.method === 'DELETE') await noBody(context.env.incoming);
      const found = await projectOf(services, route, context, caller);
      if (found === undefined && typeof route.absent === 'object') return context.json(enveloped(route.absent));
      const call = callOf(services, route, { context, caller, project: found });
      return sent(context, await route.answer({ ...services, specstory }, call));
    });
  }
  return app;
}

const enveloped = (data: object): object => ({ success: true, data });

function sent(context: ServerContext, answer: SpecstoryAnswer): Response {
  if (answer instanceof Response) return answer;
  if ('plain' in answer) return context.json({ success: true, ...answer.plain });
  return context.json(enveloped(answer.data), answer.status ?? 200);
}

/** Who asks, counted; every answer says how much is left. Throws `unauthorized`, `insufficient_scope` and `rate_limited`. */
export async function authorised(
  services: Services,
  { scope }: Pick<SpecstoryRoute, 'scope'>,
  context: ServerContext,
): Promise<Caller> {
  const { access, limiter } = services;
  const caller = await access.authenticate(context.req.header('Authorization'));
  if (!caller) throw new Refusal('unauthorized', 'this needs a token that is valid');
  const tell = (): void => {
    const { limit: most, left, full } = limiter.state('specstory', caller.token.id);
    context.header('X-RateLimit-Limit', String(most));
    context.header('X-RateLimit-Remaining', String(left));
    context.header('X-RateLimit-Reset', String(Math.ceil(full / 1000)));
  };
  try {
    limit(limiter, 'specstory', caller.token.id);
  } finally {
    tell();
  }
  if (!caller.scopes.has(scope)) throw new Refusal('insufficient_scope', `this needs a token with the scope ${scope}`);
  return caller;
}

async function projectOf(
  services: Services,
  route: SpecstoryRoute,
  context: ServerContext,
  caller: Caller,
): Promise<Project | undefined> {
  if (!route.path.includes(':project')) return undefined;
  const project = await services.access.project(caller, context.req.param('project') ?? '');
  if (!project && route.absent === undefined) throw noProject();
  if (project) requireRole(route, project);
  return project;
}

function requireRole({ role }: SpecstoryRoute, project: Project): void {
  if (role && rank.indexOf(project.role) < rank.indexOf(role))
    throw new Refusal('insufficient_role', `this is for ${role}s of the project`);
}

function callOf(
  services: Services,
  route: SpecstoryRoute,
  { context, caller, project }: { context: ServerContext; caller: Caller; project: Project | undefined },
): SpecstoryCall {
  return {
    context,
    caller,
    get project() {
      if (!project) throw new Error('a route uses a project that its row in the table does not ask for');
      return project;
    },
    bring: async () => {
      const made =
        project ?? (await services.access.project(caller, context.req.param('project') ?? '', { create: true }));
      if (!made) throw noProject();
      requireRole(route, made);
      return made;
    },
    param: (name) => context.req.param(name) ?? '',
    query: (name) => context.req.query(name),
  };
}

function noProject(): Refusal {
  return new Refusal('not_found', 'Project not found');
}
