import { type Context, Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { AllowanceName } from '../accounts/rate-limit.ts';
import { formKey, isFormKey, sessionAccount, sessionLife } from '../accounts/web-session.ts';
import { formBody, noBody } from '../middleware/body.ts';
import { addressKey } from '../middleware/client-address.ts';
import { isSecure } from '../middleware/headers.ts';
import { limit } from '../middleware/observe.ts';
import { requireSameSite } from '../middleware/same-site.ts';
import type { Html } from '../pages/layout.ts';
import { style } from '../pages/style.ts';
import { Refusal } from '../refusal.ts';
import type { ServerContext, ServerEnv, Services, Site } from '../services.ts';
import type { Account } from '../store/account-store.ts';
import { serverAddress } from './api.ts';

/** A page or a form. A token counts for nothing here; every form has to come from a page of this server. */
export interface PageRoute {
  readonly method: 'GET' | 'POST';
  readonly path: string;
  /** `account`: a signed-in browser, whose forms bring the key of its session. */
  readonly who: 'anyone' | 'account';
  readonly allowance?: AllowanceName;
  readonly answer: (services: Services, visit: Visit) => Promise<Html | Redirect>;
}

/** Goes on to another page of ours; `cookie` signs the browser in, or with nothing in it out. */
export interface Redirect {
  readonly to: string;
  readonly cookie?: string | undefined;
}

export interface Visit {
  readonly address: string;
  readonly server: string;
  query(name: string): string | undefined;
  /** A field of the form; empty when it is missing. */
  field(name: string): string;
  /** Who is signed in, where somebody has to be. */
  readonly visitor: { readonly account: Account; readonly name: string; readonly formKey: string };
  readonly cookie: string | undefined;
}

export function pageRoutes(services: Services, table: readonly PageRoute[]): Hono<ServerEnv> {
  const app = new Hono<ServerEnv>();
  for (const route of table) {
    app.on(route.method, route.path, async (context) => {
      const visit = await visitOf(services, route, context);
      const answer = 'to' in visit ? visit : await route.answer(services, visit);
      return isRedirect(answer) ? redirect(services.site, context, answer) : context.html(answer);
    });
  }
  app.get('/style.css', (context) => {
    context.header('Cache-Control', 'public, max-age=3600');
    return context.body(style, 200, { 'Content-Type': 'text/css; charset=utf-8' });
  });
  return app;
}

async function visitOf(services: Services, route: PageRoute, context: ServerContext): Promise<Visit | Redirect> {
  const address = context.get('address');
  if (route.method === 'POST') requireSameSite(services.site, context);
  if (route.allowance) limit(services.limiter, route.allowance, addressKey(address));
  const cookie = getCookie(context, cookieName(services.site));
  const account = cookie === undefined ? undefined : await sessionAccount(services.registry, cookie);
  if (route.who === 'account' && !account) {
    if (route.method === 'GET') return { to: `/signin?next=${encodeURIComponent(here(services.site, context))}` };
    throw new Refusal('unauthorized', 'you are no longer signed in', { hint: 'sign in, then send the form again' });
  }
  const fields = route.method === 'POST' ? await formBody(context.env.incoming) : await noForm(context);
  if (route.method === 'POST' && route.who === 'account' && !isFormKey(cookie ?? '', fields.get('key') ?? ''))
    throw new Refusal('cross_site', 'this form is from another session', { hint: 'open the page again' });
  return {
    address,
    server: serverAddress(services, context),
    query: (name) => context.req.query(name),
    field: (name) => fields.get(name) ?? '',
    cookie: account ? cookie : undefined,
    get visitor() {
      if (!account) throw new Error('a page uses an account that its row in the table does not ask for');
      return { account, name: account.name, formKey: formKey(cookie ?? '') };
    },
  };
}

async function noForm(context: ServerContext): Promise<ReadonlyMap<string, string>> {
  await noBody(context.env.incoming);
  return new Map();
}

function isRedirect(answer: Html | Redirect): answer is Redirect {
  return typeof answer === 'object' && 'to' in answer;
}

function redirect(site: Site, context: ServerContext, { to, cookie }: Redirect): Response {
  const secure = isSecure(site);
  const options = { path: '/', httpOnly: true, secure, sameSite: 'Lax' } as const;
  if (cookie === '') deleteCookie(context, cookieName(site), options);
  else if (cookie !== undefined)
    setCookie(context, cookieName(site), cookie, { ...options, maxAge: sessionLife / 1000 });
  return context.redirect(`${site.base}${to}`, 303);
}

/** Browsers take a cookie with this prefix only over https, for this host and the whole of it: no sub-domain can plant one. */
function cookieName(site: Site): string {
  return isSecure(site) ? '__Host-specstory' : 'specstory';
}

/** The page that is asked for, without the base path, to come back to. */
function here({ base }: Site, context: Context): string {
  const { pathname, search } = new URL(context.req.url);
  return `${pathname.startsWith(`${base}/`) ? pathname.slice(base.length) : pathname}${search}`;
}
