import * as z from 'zod';
import { askForDevice, redeemDevice } from '../accounts/device-login.ts';
import { refreshPair, revokeToken } from '../accounts/tokens.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api.ts';
import { replies } from './api-replies.ts';

const text = z.string().max(200);
const deviceSchema = z.strictObject({ client: text, hostname: text.optional() });
const redeemSchema = z.strictObject({ device_code: text });
const refreshSchema = z.strictObject({ refresh_token: text });
const revokeSchema = z.strictObject({ token: text });

/** The sign-in of programs: RFC 8628, then a refresh token that is rotated. */
export const loginRoutes: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/device/code',
    scope: 'public',
    allowance: 'deviceCode',
    summary: 'Begins the sign-in of a program (RFC 8628).',
    request: deviceSchema,
    reply: replies.deviceCode,
    answer: async ({ registry }, { body, address, server }) => {
      const { client, hostname = '' } = await body(deviceSchema);
      const codes = await askForDevice(registry, { client, hostname, address });
      return {
        device_code: codes.device,
        user_code: codes.user,
        verification_uri: `${server}/device`,
        verification_uri_complete: `${server}/device?user_code=${codes.user}`,
        expires_in: codes.life,
        interval: codes.interval,
      };
    },
  },
  {
    method: 'POST',
    path: '/device/token',
    scope: 'public',
    allowance: 'deviceToken',
    summary: 'Tokens for a program, once a person has agreed.',
    request: redeemSchema,
    reply: replies.grant,
    refusals: ['authorization_pending', 'slow_down', 'expired_token', 'access_denied'],
    answer: async (services, { body }) => {
      const { device_code } = await body(redeemSchema);
      return counted(services, 'device', () => redeemDevice(services.registry, device_code));
    },
  },
  {
    method: 'POST',
    path: '/token/refresh',
    scope: 'public',
    allowance: 'refresh',
    summary: 'New tokens for a refresh token, which is used up by it.',
    request: refreshSchema,
    reply: replies.grant,
    refusals: ['invalid_grant'],
    answer: async (services, { body }) => {
      const { refresh_token } = await body(refreshSchema);
      return counted(services, 'refresh', () => refreshPair(services.registry, refresh_token));
    },
  },
  {
    method: 'POST',
    path: '/token/revoke',
    scope: 'public',
    allowance: 'revoke',
    summary: 'Ends a token, and everything that came from the same sign-in.',
    request: revokeSchema,
    reply: replies.revoked,
    answer: async ({ registry }, { body }) => {
      const { token } = await body(revokeSchema);
      return { revoked: await revokeToken(registry, token) };
    },
  },
];

async function counted<T>({ metrics }: Services, how: string, work: () => Promise<T>): Promise<T> {
  try {
    const result = await work();
    metrics.signIn(how, 'ok');
    return result;
  } catch (thrown) {
    metrics.signIn(how, 'refused');
    throw thrown;
  }
}
