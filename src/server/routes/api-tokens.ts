import * as z from 'zod';
import { scopes } from '../access.ts';
import { tokenOf } from '../accounts/administration.ts';
import { newPersonalToken } from '../accounts/tokens.ts';
import { Refusal } from '../refusal.ts';
import type { ApiRoute } from './api.ts';
import { replies } from './api-replies.ts';

export const tokenDraftSchema = z.strictObject({
  name: z.string().min(1).max(100),
  scopes: z.array(z.enum(scopes)).min(1),
  expires_at: z.iso.datetime({ offset: true }).optional(),
});

/** The personal tokens of whoever asks. */
export const tokenRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/tokens',
    scope: 'admin',
    summary: 'The personal tokens of whoever asks.',
    reply: replies.tokens,
    answer: async ({ registry }, { caller }) => ({
      tokens: (await registry.store.tokens.personal(caller.account)).map(tokenOf(caller.name)),
    }),
  },
  {
    method: 'POST',
    path: '/tokens',
    scope: 'admin',
    summary: 'Makes a personal token; its text is told this once.',
    request: tokenDraftSchema,
    reply: replies.newToken,
    created: true,
    answer: async ({ registry, log }, { caller, body }) => {
      const { name, scopes: wanted, expires_at } = await body(tokenDraftSchema);
      const expires = expires_at === undefined ? undefined : Date.parse(expires_at);
      const { text, token } = await newPersonalToken(registry, caller.holder, { name, scopes: wanted, expires });
      log.info({ account: caller.account, token: token.id }, 'a token was made');
      return { ...tokenOf(caller.name)({ ...token, revoked: false, lastUsed: undefined }), token: text };
    },
  },
  {
    method: 'DELETE',
    path: '/tokens/:id',
    scope: 'admin',
    summary: 'Ends a personal token.',
    reply: replies.revoked,
    refusals: ['not_found'],
    answer: async ({ registry, log }, { caller, param }) => {
      if (!(await registry.store.tokens.revoke(param('id'), caller.account)))
        throw new Refusal('not_found', 'there is no such token');
      log.info({ account: caller.account, token: param('id') }, 'a token was revoked');
      return { revoked: true };
    },
  },
];
