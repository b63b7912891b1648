import { Hono } from 'hono';
import type { ServerEnv, Services } from '../services.ts';

/** For whatever keeps the server running: alive, ready for requests, and counts for Prometheus. */
export function healthRoutes({ isReady, metrics }: Services): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  app.get('/healthz', (context) => context.json({ status: 'ok' }));
  app.get('/readyz', async (context) => {
    const ready = await isReady();
    return context.json({ ready }, ready ? 200 : 503);
  });
  app.get('/metrics', async (context) => {
    const { registry } = metrics;
    return context.body(await registry.metrics(), 200, { 'Content-Type': registry.contentType });
  });
  return app;
}
