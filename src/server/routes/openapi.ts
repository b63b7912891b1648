import type { Handler } from 'hono';
import * as z from 'zod';
import { createDocument, type ZodOpenApiOperationObject, type ZodOpenApiResponsesObject } from 'zod-openapi';
import { refusalStatus } from '../middleware/errors.ts';
import type { RefusalCode } from '../refusal.ts';
import type { ServerEnv, Services } from '../services.ts';
import type { ApiRoute } from './api.ts';

const problem = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string().describe('the word for programs'),
    hint: z.string().optional(),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

const variables: Readonly<Record<string, string>> = {
  project: 'the id of a project, as the account of the token knows it',
  owner: 'the account that a project belongs to',
  name: 'an account',
  id: 'an id',
};

/** Publishes the description; it is made when it is first asked for. */
export function openApi({ version }: Services, table: readonly ApiRoute[]): Handler<ServerEnv> {
  let text: string | undefined;
  return (context) => {
    text ??= openApiText(table, version);
    return context.body(text, 200, { 'Content-Type': 'application/json' });
  };
}

/** The description of a table of routes in OpenAPI 3.1, as JSON. It lies beside `api`, so that it is true behind any proxy. */
export function openApiText(table: readonly ApiRoute[], version: string): string {
  const paths: Record<string, Record<string, ZodOpenApiOperationObject>> = {};
  for (const route of table) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  const document = createDocument(
    {
      openapi: '3.1.0',
      info: {
        title: 'specstory',
        version,
        description: 'The API of a specstory server. Requests are limited: 429 says in Retry-After when to try again.',
        license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
      },
      servers: [{ url: 'api/v2' }],
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      paths,
    },
    { override: ({ zodSchema, jsonSchema }) => describeCustom(zodSchema._zod.def.type, jsonSchema) },
  );
  return JSON.stringify(document);
}

/** Ids are checked by code; in JSON they are texts. */
function describeCustom(type: string, schema: { type?: unknown }): void {
  if (type === 'custom') schema.type ??= 'string';
}

function operation(route: ApiRoute): ZodOpenApiOperationObject {
  const { method, path, scope, role, administrator, summary, query, request, reply, created, stream } = route;
  const needs = [
    scope === 'public' ? 'Needs no token.' : `Needs a token${scope === 'any' ? '' : ` with the scope ${scope}`}.`,
    ...(role ? [`For ${role}s of the project.`] : []),
    ...(administrator ? ['For administrators of the server.'] : []),
  ];
  const names = [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => name);
  return {
    operationId: `${method.toLowerCase()}${path.replace(/\W+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    description: needs.join(' '),
    security: scope === 'public' ? [] : [{ token: [] }],
    ...(names.length > 0 || query
      ? {
          requestParams: {
            ...(names.length > 0 ? { path: z.object(Object.fromEntries(names.map(variable))) } : {}),
            ...(query ? { query } : {}),
          },
        }
      : {}),
    ...(request ? { requestBody: { required: true, content: { 'application/json': { schema: request } } } } : {}),
    responses: {
      [created ? '201' : '200']: {
        description: 'Done.',
        content: { [stream ? 'application/x-ndjson' : 'application/json']: { schema: reply } },
      },
      ...problems(route),
    },
  };
}

function variable(name: string): readonly [string, z.ZodType] {
  return [name, z.string().describe(variables[name] ?? name)];
}

/** Every word that a route may refuse a request with. */
export function refusalsOf({ scope, role, administrator, path, refusals = [] }: ApiRoute): RefusalCode[] {
  const codes: RefusalCode[] = [
    'bad_request',
    'bad_encoding',
    'unsupported_media_type',
    'too_large',
    'protocol_mismatch',
    'rate_limited',
    'unavailable',
  ];
  if (scope !== 'public') codes.push('unauthorized');
  if (scope !== 'public' && scope !== 'any') codes.push('insufficient_scope');
  if (role || administrator) codes.push('insufficient_role');
  if (path.includes(':project')) codes.push('not_found');
  return [...new Set([...codes, ...refusals])];
}

function problems(route: ApiRoute): ZodOpenApiResponsesObject {
  const byStatus = new Map<string, RefusalCode[]>();
  for (const code of refusalsOf(route)) {
    const status = String(refusalStatus(code));
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  const responses = [...byStatus].map(([status, codes]) => {
    const schema = problem.extend({ code: z.enum(codes) });
    return [status, { description: codes.join(', '), content: { 'application/problem+json': { schema } } }] as const;
  });
  return Object.fromEntries(responses);
}
