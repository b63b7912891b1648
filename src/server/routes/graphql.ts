import { Hono } from 'hono';
import * as z from 'zod';
import type { Caller } from '../accounts/access.ts';
import { jsonBody, noBody } from '../middleware/body.ts';
import { readJson } from '../middleware/json-text.ts';
import { Refusal } from '../refusal.ts';
import type { ServerContext, ServerEnv, Services } from '../services.ts';
import { authorised } from './specstory.ts';

// The part that knows GraphQL is loaded with the first request for it, so that a server starts without it.

const getSchema = z.object({
  query: z.string(),
  variables: z.string().optional(),
  operationName: z.string().optional(),
});

/**
 * GraphQL below `/api/v1/graphql`: what is wrong with a query is answered with 200 and `errors`, because SpecStory's SDK takes every other status
 * for a fault of HTTP. A browser gets a page to try it on.
 */
export function graphqlRoutes(services: Services): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.post('/graphql', async (context) => {
    const caller = await authorised(services, { scope: 'sessions:read' }, context);
    const { graphqlSchema } = await import('../graphql/main.ts');
    return answer(services, caller, context, await jsonBody(context.env.incoming, graphqlSchema));
  });
  app.get('/graphql', async (context) => {
    await noBody(context.env.incoming);
    if (context.req.query('query') === undefined) return explorer(services, context);
    const caller = await authorised(services, { scope: 'sessions:read' }, context);
    const { graphqlSchema } = await import('../graphql/main.ts');
    const { variables, ...given } = getSchema.parse(context.req.query());
    const values = variables === undefined ? undefined : readJson(Buffer.from(variables));
    const request = graphqlSchema.safeParse({ ...given, variables: values });
    if (!request.success) throw new Refusal('bad_request', 'variables: not an object');
    return answer(services, caller, context, request.data);
  });
  app.get('/graphql/explorer.js', async (context) => {
    const { explorerScript } = await import('../graphql/main.ts');
    return context.body(explorerScript, 200, { 'Content-Type': 'text/javascript; charset=utf-8' });
  });
  return app;
}

type Request = Parameters<typeof import('../graphql/main.ts')['answerGraphql']>[2];

async function answer(services: Services, caller: Caller, context: ServerContext, request: Request): Promise<Response> {
  const { specstory } = services;
  if (!specstory) throw new Refusal('unavailable', 'this server keeps no repositories');
  const { answerGraphql } = await import('../graphql/main.ts');
  return context.json(await answerGraphql({ ...services, specstory }, caller, request));
}

async function explorer({ site }: Services, context: ServerContext): Promise<Response> {
  const { explorerPage, explorerPolicy } = await import('../graphql/main.ts');
  context.header('Content-Security-Policy', explorerPolicy);
  return context.html(explorerPage(site));
}
