import { getConnInfo } from '@hono/node-server/conninfo';
import type { MiddlewareHandler } from 'hono';
import { matchedRoutes } from 'hono/route';
import type { AllowanceName, Limiter } from '../accounts/rate-limit.ts';
import { newId } from '../accounts/secrets.ts';
import { Refusal } from '../refusal.ts';
import type { ServerEnv, Services } from '../services.ts';
import { addressKey, clientAddress } from './client-address.ts';

/** Gives each request an id and the address it comes from, and writes one line about it: the route, never the path. */
export function observe({ log, metrics, trusted }: Services): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const started = performance.now();
    const id = newId();
    const peer = getConnInfo(context).remote.address;
    context.set('requestId', id);
    context.set('address', clientAddress(peer, context.req.header('X-Forwarded-For'), trusted));
    await next();
    context.res.headers.set('X-Request-Id', id);
    const { method } = context.req;
    const { status } = context.res;
    // Middleware is registered for all methods; what answered, for one.
    const route = matchedRoutes(context).findLast(({ method: one }) => one !== 'ALL')?.path ?? 'none';
    const ms = performance.now() - started;
    metrics.request({ method, route, status }, ms / 1000);
    log.info({ id, method, route, status, ms: Math.round(ms), address: context.get('address') }, 'request');
  };
}

/** Keeps one address from taking the whole server. */
export function limitAddress({ limiter }: Services): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    limit(limiter, 'address', addressKey(context.get('address')));
    await next();
  };
}

/** Throws `rate_limited` with the time to wait when nothing is left for a key. */
export function limit(limiter: Limiter, name: AllowanceName, key: string): void {
  const wait = limiter.take(name, key);
  if (wait === 0) return;
  throw new Refusal('rate_limited', 'too many requests', { retryAfter: Math.ceil(wait / 1000) });
}
