import { Hono } from 'hono';
import { errorResponse } from './middleware/errors.ts';
import { protocolCheck, securityHeaders } from './middleware/headers.ts';
import { limitAddress, observe } from './middleware/observe.ts';
import { Refusal } from './refusal.ts';
import { apiRoutes } from './routes/api.ts';
import { apiTable } from './routes/api-table.ts';
import { graphqlRoutes } from './routes/graphql.ts';
import { healthRoutes } from './routes/health.ts';
import { openApi } from './routes/openapi.ts';
import { pageTable } from './routes/page-table.ts';
import { pageRoutes } from './routes/pages.ts';
import { specstoryRoutes } from './routes/specstory.ts';
import { specstoryLogin } from './routes/specstory-login.ts';
import { specstoryTable } from './routes/specstory-table.ts';
import type { ServerEnv, Services } from './services.ts';

/** Every surface of the server, mounted below `mount` (empty, or like `/history`). */
export function serverApp(services: Services, mount = ''): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.use(observe(services), securityHeaders(services.site));
  app.route(`${mount}/`, healthRoutes(services));
  app.use(limitAddress(services), protocolCheck());
  app.get(`${mount}/openapi.json`, openApi(services, apiTable));
  app.route(`${mount}/api/v2`, apiRoutes(services, apiTable));
  app.route(`${mount}/api/v1`, specstoryLogin(services));
  app.route(`${mount}/api/v1`, graphqlRoutes(services));
  app.route(`${mount}/api/v1`, specstoryRoutes(services, specstoryTable));
  if (services.git) app.route(`${mount}/git`, services.git);
  app.route(`${mount}/`, pageRoutes(services, pageTable));
  app.notFound((context) =>
    errorResponse(context, services, new Refusal('not_found', 'there is nothing at this address')),
  );
  app.onError((thrown, context) => errorResponse(context, services, thrown));
  return app;
}
