import { Hono } from 'hono';
import * as z from 'zod';
import { tokenIn } from '../accounts/access.ts';
import { redeemSpecstoryCode } from '../accounts/specstory-login.ts';
import { accessFor, revokeToken } from '../accounts/tokens.ts';
import { jsonBody, noBody } from '../middleware/body.ts';
import { addressKey } from '../middleware/client-address.ts';
import { limit } from '../middleware/observe.ts';
import type { ServerContext, ServerEnv, Services } from '../services.ts';
import type { Token } from '../store/account-store.ts';

/** It sends more about its machine than anybody needs: what is not used is not kept. */
const loginSchema = z.object({
  device_code: z.string().max(100),
  client: z.string().max(200).catch(''),
  hostname: z.string().max(300).catch(''),
});

/** The sign-in of SpecStory's own command line: no envelope, and a refresh token that stays the same. */
export function specstoryLogin(services: Services): Hono<ServerEnv> {
  const { registry, limiter } = services;
  const app = new Hono<ServerEnv>();
  app.post('/device-login', async (context) => {
    limit(limiter, 'loginCode', addressKey(context.get('address')));
    limit(limiter, 'everyLoginCode', '');
    const { device_code, client, hostname } = await jsonBody(context.env.incoming, loginSchema);
    const { text, refresh, account } = await redeemSpecstoryCode(registry, device_code.replaceAll('-', ''), {
      client,
      hostname,
    });
    return context.json({ refreshToken: text, ...times(refresh), user: { email: account.name } });
  });
  app.post('/device-refresh', async (context) => {
    limit(limiter, 'deviceRefresh', addressKey(context.get('address')));
    await noBody(context.env.incoming);
    const { text, token } = await accessFor(registry, tokenIn(context.req.header('Authorization')) ?? '');
    return context.json({ accessToken: text, ...times(token) });
  });
  const logout = async (context: ServerContext) => {
    limit(limiter, 'revoke', addressKey(context.get('address')));
    await noBody(context.env.incoming);
    await revokeToken(registry, tokenIn(context.req.header('Authorization')) ?? '');
    return context.json({ success: true });
  };
  // Its documentation says GET, its code POST.
  return app.get('/device-logout', logout).post('/device-logout', logout);
}

function times({ created, expires }: Token): { createdAt: string; expiresAt: string } {
  return { createdAt: new Date(created).toISOString(), expiresAt: new Date(expires).toISOString() };
}
