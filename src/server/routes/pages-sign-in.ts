import { reason, SpecstoryError } from '../../core/errors.ts';
import { passwordHolder } from '../accounts/accounts.ts';
import { isSetUpKey, setUp } from '../accounts/set-up.ts';
import { closeSession, openSession } from '../accounts/web-session.ts';
import { limit } from '../middleware/observe.ts';
import { setUpPage, signInPage } from '../pages/sign-in.ts';
import { Refusal } from '../refusal.ts';
import type { PageRoute } from './pages.ts';

/** Pages that a sign-in may lead to: no address from outside gets in between. */
const nextPage = /^\/(?:tokens|cli-login|device(?:\?user_code=[A-Za-z-]{8,9})?)?$/;

function nextOf(text: string | undefined): string {
  return text !== undefined && nextPage.test(text) ? text : '/';
}

export const signInPages: readonly PageRoute[] = [
  {
    method: 'GET',
    path: '/signin',
    who: 'anyone',
    answer: async ({ site }, { query, cookie }) => {
      const next = nextOf(query('next'));
      return cookie ? { to: next } : signInPage(site, { next });
    },
  },
  {
    method: 'POST',
    path: '/signin',
    who: 'anyone',
    allowance: 'signIn',
    answer: async ({ site, registry, limiter, log, metrics }, { field, address }) => {
      const [name, next] = [field('name').trim(), nextOf(field('next'))];
      limit(limiter, 'signInName', name.toLowerCase().slice(0, 64));
      const account = await passwordHolder(registry, name, field('password'));
      metrics.signIn('password', account ? 'ok' : 'refused');
      log.info({ address, account: account?.id, ok: account !== undefined }, 'sign-in with a password');
      if (!account) return signInPage(site, { next, name, problem: 'Name or password is wrong.' });
      return { to: next, cookie: await openSession(registry, account) };
    },
  },
  {
    method: 'POST',
    path: '/signout',
    who: 'account',
    answer: async ({ registry }, { cookie = '' }) => {
      await closeSession(registry, cookie);
      return { to: '/signin', cookie: '' };
    },
  },
  {
    method: 'GET',
    path: '/setup',
    who: 'anyone',
    allowance: 'setUp',
    answer: async ({ site, registry }, { query }) => {
      const key = query('key') ?? '';
      if (!(await isSetUpKey(registry, key))) throw noSetUp();
      return setUpPage(site, { key });
    },
  },
  {
    method: 'POST',
    path: '/setup',
    who: 'anyone',
    allowance: 'setUp',
    answer: async ({ site, registry, log }, { field }) => {
      const [key, name] = [field('setup'), field('name').trim()];
      try {
        const account = await setUp(registry, key, { name, password: field('password') });
        log.info({ account: account.id }, 'the server was set up');
        return { to: '/', cookie: await openSession(registry, account) };
      } catch (thrown) {
        if (!(thrown instanceof SpecstoryError) || thrown.kind !== 'usage') throw thrown;
        return setUpPage(site, { key, name, problem: reason(thrown) });
      }
    },
  },
];

function noSetUp(): Refusal {
  return new Refusal('not_found', 'this link is used up or was never good', {
    hint: 'the address for the first sign-in is printed when the server starts',
  });
}
