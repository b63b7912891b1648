import { protocol } from '../../protocol/address.ts';
import type { ApiRoute } from './api.ts';

/** The server itself, and who one is to it. */
export const serverRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/server',
    scope: 'public',
    answer: async ({ version, limits: { pushBytes, blobBytes } }) => ({
      name: 'specstory',
      version,
      protocol,
      limits: { push_bytes: pushBytes, blob_bytes: blobBytes },
    }),
  },
  {
    method: 'GET',
    path: '/whoami',
    scope: 'any',
    answer: async (_services, { caller: { account, name, token } }) => ({
      account,
      name,
      token: {
        id: token.id,
        name: token.name,
        scopes: token.scopes,
        expires_at: new Date(token.expires).toISOString(),
      },
    }),
  },
];
