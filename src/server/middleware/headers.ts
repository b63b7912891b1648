import type { MiddlewareHandler } from 'hono';
import { protocol, protocolHeader } from '../../protocol/address.ts';
import { Refusal } from '../refusal.ts';
import type { ServerEnv, Site } from '../services.ts';

const policy = [
  "default-src 'none'",
  "style-src 'self'",
  "img-src 'self' data:",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

const always = {
  'Content-Security-Policy': policy,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'X-Robots-Tag': 'noindex, nofollow',
  [protocolHeader]: String(protocol),
} as const;

/** Headers of every answer, unless it has a policy of its own. Nothing is kept by a cache unless the answer says so itself. */
export function securityHeaders(site: Site): MiddlewareHandler<ServerEnv> {
  const all = Object.entries({
    ...always,
    ...(isSecure(site) ? { 'Strict-Transport-Security': 'max-age=31536000; includeSubDomains' } : {}),
  });
  return async (context, next) => {
    await next();
    for (const [name, value] of all) if (!context.res.headers.has(name)) context.res.headers.set(name, value);
    if (!context.res.headers.has('Cache-Control')) context.res.headers.set('Cache-Control', 'no-store');
  };
}

/** Whether people reach the server over https. */
export function isSecure({ origin }: Site): boolean {
  return origin?.startsWith('https:') ?? false;
}

/** Refuses a client that says it speaks another version, before it does anything. */
export function protocolCheck(): MiddlewareHandler<ServerEnv> {
  return async (context, next) => {
    const spoken = context.req.header(protocolHeader);
    if (spoken !== undefined && spoken !== String(protocol))
      throw new Refusal(
        'protocol_mismatch',
        `this server speaks version ${protocol}, the client version ${spoken.slice(0, 20)}`,
        {
          hint:
            Number(spoken) > protocol ? 'the server has to be updated' : 'a newer specstory is needed on your machine',
        },
      );
    await next();
  };
}
