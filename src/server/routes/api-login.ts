import * as z from 'zod';
import { askForDevice, redeemDevice } from '../accounts/device-login.ts';
import { refreshPair, revokeToken } from '../accounts/tokens.ts';
import type { Services } from '../services.ts';
import type { ApiRoute } from './api.ts';

const text = z.string().max(200);
const deviceSchema = z.strictObject({ client: text, hostname: text.optional() });

/** The sign-in of programs: RFC 8628, then a refresh token that is rotated. */
export const loginRoutes: readonly ApiRoute[] = [
  {
    method: 'POST',
    path: '/device/code',
    scope: 'public',
    allowance: 'deviceCode',
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
    answer: async (services, { body }) => {
      const { device_code } = await body(z.strictObject({ device_code: text }));
      return counted(services, 'device', () => redeemDevice(services.registry, device_code));
    },
  },
  {
    method: 'POST',
    path: '/token/refresh',
    scope: 'public',
    allowance: 'refresh',
    answer: async (services, { body }) => {
      const { refresh_token } = await body(z.strictObject({ refresh_token: text }));
      return counted(services, 'refresh', () => refreshPair(services.registry, refresh_token));
    },
  },
  {
    method: 'POST',
    path: '/token/revoke',
    scope: 'public',
    allowance: 'revoke',
    answer: async ({ registry }, { body }) => {
      const { token } = await body(z.strictObject({ token: text }));
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
