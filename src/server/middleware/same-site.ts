import { Refusal } from '../refusal.ts';
import type { ServerContext, Site } from '../services.ts';

/**
 * Lets a form through that one of our own pages sent. Browsers say where a form comes from in `Origin` and `Sec-Fetch-Site`; whoever says
 * neither is no browser, and uses the API. Throws `cross_site`.
 */
export function requireSameSite(site: Site, context: ServerContext): void {
  const origin = context.req.header('Origin');
  const fetchSite = context.req.header('Sec-Fetch-Site');
  const isOurs =
    (origin === undefined || sameOrigin(site, context, origin)) &&
    (fetchSite === undefined || fetchSite === 'same-origin') &&
    (origin !== undefined || fetchSite !== undefined);
  if (!isOurs) throw new Refusal('cross_site', 'this form was not sent by a page of this server');
}

function sameOrigin(site: Site, context: ServerContext, origin: string): boolean {
  if (site.origin !== undefined) return origin === site.origin;
  const host = context.req.header('Host');
  return host !== undefined && URL.canParse(origin) && new URL(origin).host === host.toLowerCase();
}
