import { Hono } from 'hono';
import * as z from 'zod';
import type { Project, Role, Scope } from '../access.ts';
import type { Caller } from '../accounts/access.ts';
import type { AllowanceName } from '../accounts/rate-limit.ts';
import { jsonBody, noBody } from '../middleware/body.ts';
import { addressKey } from '../middleware/client-address.ts';
import { problemOf } from '../middleware/errors.ts';
import { limit } from '../middleware/observe.ts';
import { queryOf } from '../middleware/query.ts';
import { Refusal, type RefusalCode } from '../refusal.ts';
import type { ServerContext, ServerEnv, Services } from '../services.ts';
import { EventStream } from './event-stream.ts';

/**
 * What a route asks for before it does anything, and what it answers: a JSON value, or a stream of them. `/openapi.json` is made of the same rows.
 */
export interface ApiRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Below `/api/v2`. `:project` is resolved for whoever asks; `:name` and `:id` are passed on. */
  readonly path: string;
  /** `public` asks for no token, `any` for one of any scope. */
  readonly scope: Scope | 'any' | 'public';
  /** The least role in the project of the path. */
  readonly role?: Role;
  /** Only accounts that manage the server. */
  readonly administrator?: true;
  /** What an address may do of this, before anything is looked at. */
  readonly allowance?: AllowanceName;
  /** What it does, in one line. */
  readonly summary: string;
  /** The parameters behind the path, each a text; absent when there are none. */
  readonly query?: z.ZodObject;
  /** The body; absent when there is none. */
  readonly request?: z.ZodType<object>;
  readonly reply: z.ZodType<object>;
  /** Many of `reply`, each on a line (`EventStream`). */
  readonly stream?: true;
  /** Something was made: it is answered with 201. */
  readonly created?: true;
  /** Refusals beside those that follow from the row (openapi.ts). */
  readonly refusals?: readonly RefusalCode[];
  readonly answer: (services: Services, call: Call) => Promise<object>;
}

/** A request that was let through. */
export interface Call {
  readonly address: string;
  /** The origin that the client used, with the base path. */
  readonly server: string;
  /** A variable of the path. */
  param(name: string): string;
  /** The parameters by the schema of the row; throws `bug` for another one. */
  query<T extends object>(schema: z.ZodType<T>): T;
  /** The body by the schema of the row; throws `bug` for another one. */
  body<T extends object>(schema: z.ZodType<T>): Promise<T>;
  /** Throws `bug` on a public route. */
  readonly caller: Caller;
  /** Throws `bug` on a route without `:project`. */
  readonly project: Project;
}

/** Roles, the least first. */
export const rank: readonly Role[] = ['reader', 'writer', 'owner'];

/** Turns a table of routes into handlers. Cookies count for nothing here. */
export function apiRoutes(services: Services, table: readonly ApiRoute[]): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  for (const route of table) {
    app.on(route.method, route.path, async (context) => {
      const call = await letThrough(services, route, context);
      const answer = await route.answer(services, call);
      if (answer instanceof EventStream) return answer.response((thrown) => problemOf(services, thrown));
      return context.json(answer, route.created ? 201 : 200);
    });
  }
  return app;
}

async function letThrough(services: Services, route: ApiRoute, context: ServerContext): Promise<Call> {
  const address = context.get('address');
  if (route.allowance) limit(services.limiter, route.allowance, addressKey(address));
  const caller = route.scope === 'public' ? undefined : await authorised(services, route, context);
  const project =
    caller && route.path.includes(':project') ? await inProject(services, route, context, caller) : undefined;
  if (route.method === 'GET' || route.method === 'DELETE') await noBody(context.env.incoming);
  return {
    address,
    server: serverAddress(services, context),
    param: (name) => z.string().parse(context.req.param(name)),
    query: (schema) => {
      present(Object.is(route.query, schema) || undefined);
      return queryOf(context, schema);
    },
    body: async (schema) => {
      present(route.request === schema || undefined);
      return jsonBody(context.env.incoming, schema);
    },
    get caller() {
      return present(caller);
    },
    get project() {
      return present(project);
    },
  };
}

async function authorised({ access, limiter }: Services, route: ApiRoute, context: ServerContext): Promise<Caller> {
  const caller = await access.authenticate(context.req.header('Authorization'));
  if (!caller)
    throw new Refusal('unauthorized', 'this needs a token that is valid', { hint: 'sign in: specstory login' });
  limit(limiter, 'token', caller.token.id);
  const { scope } = route;
  if (scope !== 'any' && scope !== 'public' && !caller.scopes.has(scope))
    throw new Refusal('insufficient_scope', `this needs a token with the scope ${scope}`);
  if (route.administrator && !caller.holder.admin)
    throw new Refusal('insufficient_role', 'this is for administrators of the server');
  return caller;
}

async function inProject(
  services: Services,
  route: ApiRoute,
  context: ServerContext,
  caller: Caller,
): Promise<Project> {
  const project = await services.access.project(caller, context.req.param('project') ?? '');
  if (!project) throw new Refusal('not_found', 'there is no such project');
  if (route.role && rank.indexOf(project.role) < rank.indexOf(route.role))
    throw new Refusal('insufficient_role', `this is for ${route.role}s of the project`);
  return project;
}

/** The address of the server as whoever asks knows it. */
export function serverAddress({ site }: Services, context: ServerContext): string {
  return `${site.origin ?? `http://${context.req.header('Host') ?? 'localhost'}`}${site.base}`;
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('a route uses what its row in the table does not ask for');
  return value;
}
