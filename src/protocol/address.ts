import { SpecstoryError } from '../core/errors.ts';

/** Where a project lives on a server. */
export interface Address {
  /** Scheme, host and port: what credentials are bound to. */
  readonly origin: string;
  /** The server's own address: the origin and the path it is served under, without a slash at the end. */
  readonly server: string;
  readonly project: string;
  /** What git speaks smart HTTP to: `<server>/git/<project>`. */
  readonly git: string;
}

/** Version of everything client and server say to each other; both send it in the header `Specstory-Protocol`. */
export const protocol = 1;
export const protocolHeader = 'Specstory-Protocol';

const projectPattern = /^[A-Za-z0-9](?:[A-Za-z0-9._-]{0,98}[A-Za-z0-9])?$/;

export const isProjectName = (text: string): boolean => projectPattern.test(text) && !text.includes('..');

/** The address of a project on a server, from the server's address as a person types it. Throws `usage`. */
export function addressOf(server: string, project: string): Address {
  if (!isProjectName(project)) throw wrong(project, 'a project is named by letters, digits, dots and hyphens');
  const url = parseUrl(server);
  const base = `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
  return { origin: url.origin, server: base, project, git: `${base}/git/${project}` };
}

/**
 * The address in a remote's URL: `specstory://host[:port][/base]/<project>` (https, or http on this machine), or
 * `https://host[:port][/base]/git/<project>` as git gives it for `specstory::https://…`. Throws `usage`.
 */
export function parseAddress(text: string): Address {
  const own = /^specstory:\/\/([^/]+)((?:\/[^/]+)*)\/([^/]+)\/?$/.exec(text);
  if (own) {
    const [, host = '', base = '', project = ''] = own;
    return addressOf(`${isLoopback(host) ? 'http' : 'https'}://${host}${base}`, project);
  }
  const plain = /^(?:specstory::)?(https?:\/\/[^/]+(?:\/[^/]+)*?)\/git\/([^/]+)\/?$/.exec(text);
  if (plain?.[1] && plain[2]) return addressOf(plain[1], plain[2]);
  throw wrong(text, 'write specstory://host/project or specstory::https://host/git/project');
}

/** How the address is written as a remote's URL. */
export function remoteUrl({ server, git, project, origin }: Address): string {
  const host = origin.replace(/^https?:\/\//, '');
  const scheme = isLoopback(host) ? 'http' : 'https';
  return origin === `${scheme}://${host}`
    ? `specstory://${host}${server.slice(origin.length)}/${project}`
    : `specstory::${git}`;
}

/** Whether a host (with or without port) is this machine. */
export function isLoopback(host: string): boolean {
  return /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i.test(host);
}

function parseUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw wrong(text, 'write https://host');
  if (url.username || url.password)
    throw wrong(redactUrl(url), 'sign in with specstory login; an address holds no secret');
  if (url.host.startsWith('-')) throw wrong(text, 'a host does not begin with a hyphen');
  if (url.search || url.hash) throw wrong(text, 'an address has no query');
  if (url.protocol === 'http:' && !isLoopback(url.host))
    throw wrong(text, 'plain http is for this machine only: write https://');
  return url;
}

function redactUrl(url: URL): string {
  return `${url.protocol}//…@${url.host}${url.pathname}`;
}

function wrong(what: string, hint: string): SpecstoryError {
  return new SpecstoryError('usage', `cannot use the address ${what}`, { hint });
}
