import { reason, SpecstoryError } from '../../core/errors.ts';
import { scopes } from '../access.ts';
import { decideDevice, deviceRequest } from '../accounts/device-login.ts';
import { day, minute } from '../accounts/registry.ts';
import { readUserCode } from '../accounts/secrets.ts';
import { loginCodeLife, newSpecstoryCode } from '../accounts/specstory-login.ts';
import { newPersonalToken } from '../accounts/tokens.ts';
import { addressKey } from '../middleware/client-address.ts';
import { limit } from '../middleware/observe.ts';
import { deviceApprovalPage, deviceCodePage, deviceDonePage, specstoryCodePage } from '../pages/device.ts';
import type { Html } from '../pages/layout.ts';
import { projectsPage } from '../pages/projects.ts';
import { tokensPage } from '../pages/tokens.ts';
import type { Services } from '../services.ts';
import type { PageRoute, Visit } from './pages.ts';

export const accountPages: readonly PageRoute[] = [
  {
    method: 'GET',
    path: '/',
    who: 'account',
    answer: async ({ site, registry: { store }, index }, { visitor, server }) => {
      const { id } = visitor.account;
      const found = await store.projects.list(id);
      const projects = await Promise.all(
        found.map(async (row) => ({ ...row, sessions: (await index?.summary(row.key))?.sessions })),
      );
      return projectsPage(site, visitor, server, { projects, invitations: await store.projects.invitations(id) });
    },
  },
  {
    method: 'POST',
    path: '/invitations',
    who: 'account',
    answer: async ({ registry: { store, now } }, { visitor, field }) => {
      const { id } = visitor.account;
      const invited = (await store.projects.invitations(id)).find(({ key }) => key === field('project'));
      if (invited && field('decision') === 'accept') await store.projects.join(invited.key, id, now());
      else if (invited) await store.projects.removeMember(invited.key, id);
      return { to: '/' };
    },
  },
  {
    method: 'GET',
    path: '/device',
    who: 'account',
    answer: async ({ site, ...services }, visit) => {
      const typed = visit.query('user_code');
      if (typed === undefined) return deviceCodePage(site, visit.visitor);
      return approval({ site, ...services }, visit, typed);
    },
  },
  {
    method: 'POST',
    path: '/device',
    who: 'account',
    answer: async (services, visit) => approval(services, visit, visit.field('user_code')),
  },
  {
    method: 'POST',
    path: '/device/decide',
    who: 'account',
    answer: async (services, visit) => {
      const { site, registry, log } = services;
      const { visitor, field } = visit;
      const allowed = field('decision') === 'allow';
      const decide = () => decideDevice(registry, field('user_code'), allowed ? visitor.account : 'denied');
      const done = await guessed(services, visit, decide);
      log.info({ account: visitor.account.id, address: visit.address, allowed, done }, 'a device was decided on');
      return done ? deviceDonePage(site, visitor, allowed) : deviceCodePage(site, visitor, noSuchCode);
    },
  },
  {
    method: 'GET',
    path: '/cli-login',
    who: 'account',
    answer: async ({ site }, { visitor }) => specstoryCodePage(site, visitor, undefined, loginCodeLife / minute),
  },
  {
    method: 'POST',
    path: '/cli-login',
    who: 'account',
    answer: async ({ site, registry }, { visitor }) => {
      const code = await newSpecstoryCode(registry, visitor.account);
      return specstoryCodePage(site, visitor, code, loginCodeLife / minute);
    },
  },
  { method: 'GET', path: '/tokens', who: 'account', answer: async (services, visit) => tokens(services, visit, {}) },
  {
    method: 'POST',
    path: '/tokens',
    who: 'account',
    answer: async (services, visit) => tokens(services, visit, await madeToken(services, visit)),
  },
  {
    method: 'POST',
    path: '/tokens/revoke',
    who: 'account',
    answer: async ({ registry: { store } }, { visitor, field }) => {
      const { id } = visitor.account;
      if (field('token')) await store.tokens.revoke(field('token'), id);
      if (field('device')) await store.tokens.revokeDevice(id, field('device'));
      return { to: '/tokens' };
    },
  },
];

const noSuchCode = 'This code is not open: it is mistyped, used or older than 15 minutes.';

async function approval(services: Services, visit: Visit, typed: string): Promise<Html> {
  const request = await guessed(services, visit, () => deviceRequest(services.registry, typed));
  const code = readUserCode(typed);
  if (!request || code === undefined) return deviceCodePage(services.site, visit.visitor, noSuchCode);
  return deviceApprovalPage(services.site, visit.visitor, request, code);
}

/** Somebody who is signed in could let in a stranger's device by guessing its code: what finds nothing counts. */
async function guessed<T>({ limiter }: Services, { visitor, address }: Visit, look: () => Promise<T>): Promise<T> {
  const key = `${visitor.account.id} ${addressKey(address)}`;
  limit(limiter, 'userCode', key);
  const found = await look();
  if (found) limiter.giveBack('userCode', key);
  return found;
}

async function tokens(
  { site, registry }: Services,
  { visitor }: Visit,
  more: { made?: string; problem?: string },
): Promise<Html> {
  const { store, now } = registry;
  const { id } = visitor.account;
  const [own, devices] = [await store.tokens.personal(id), await store.tokens.devices(id, now())];
  return tokensPage(site, visitor, { tokens: own, devices, ...more });
}

async function madeToken(
  { registry }: Services,
  { visitor, field }: Visit,
): Promise<{ made?: string; problem?: string }> {
  const wanted = scopes.filter((scope) => field(scope) === 'yes');
  const expires = registry.now() + Number(field('days') || 90) * day;
  try {
    const { text } = await newPersonalToken(registry, visitor.account, {
      name: field('name'),
      scopes: wanted,
      expires,
    });
    return { made: text };
  } catch (thrown) {
    if (!(thrown instanceof SpecstoryError) || thrown.kind !== 'usage') throw thrown;
    return { problem: reason(thrown) };
  }
}
