import { protocol } from '../../protocol/address.ts';
import type { ApiRoute } from './api.ts';
import { replies } from './api-replies.ts';

/** The server itself, and who one is to it. */
export const serverRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/server',
    scope: 'public',
    summary: 'What the server is, and what it takes.',
    reply: replies.server,
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
    summary: 'Who a token makes one.',
    reply: replies.whoami,
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
