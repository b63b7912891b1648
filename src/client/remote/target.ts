import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import { type Address, addressOf, isLoopback, parseAddress, remoteUrl } from '../../protocol/address.ts';

/** Where a history may be sent: a server of ours, or any host of git repositories. */
export type Target =
  | {
      readonly kind: 'specstory';
      readonly url: string;
      readonly protocols: readonly string[];
      readonly address: Address;
    }
  | { readonly kind: 'plain'; readonly url: string; readonly protocols: readonly string[] };

interface TargetOptions {
  /** The project on a server of ours, where the address names none. */
  readonly project: string;
  /** The person named the project: an `https` address with a path is a server of ours then. */
  readonly isProjectNamed?: boolean;
  /** What a relative path starts at. */
  readonly cwd: string;
}

/**
 * Reads an address as a person types it, or as the configuration has it. Only https, http on this machine, ssh, a path and our own scheme
 * pass: all else could start a program. Throws `usage`.
 */
export function parseTarget(text: string, { project, isProjectNamed = false, cwd }: TargetOptions): Target {
  if (/[\p{Cc}\p{Zl}\p{Zp} ]/u.test(text))
    throw refused(text, 'an address holds neither spaces nor control characters');
  if (text === '' || text.startsWith('-')) throw refused(text, 'an address does not begin with a hyphen');
  const bare = /^specstory:\/\/([^/]+)\/?$/.exec(text);
  if (bare?.[1]) return ours(addressOf(`${isLoopback(bare[1]) ? 'http' : 'https'}://${bare[1]}`, project));
  if (/^specstory:/.test(text)) return ours(parseAddress(text));
  if (/^https?:\/\//.test(text)) return overHttp(text, project, isProjectNamed);
  if (/^(?:\/|\.{1,2}\/|[A-Za-z]:[\\/])/.test(text)) {
    return { kind: 'plain', url: path.resolve(cwd, text), protocols: ['file'] };
  }
  if (isSsh(text)) return { kind: 'plain', url: text, protocols: ['ssh'] };
  throw refused(
    text,
    'write https://host, specstory://host/project, user@host:path, or a path that begins with / or ./',
  );
}

/** The address of the server in the URL of a remote; nothing for one of another host. */
export function serverIn(url: string): string | undefined {
  return /^specstory:/.test(url) ? parseAddress(url).server : undefined;
}

function ours(address: Address): Target {
  const isPlainText = address.origin.startsWith('http:');
  return {
    kind: 'specstory',
    url: remoteUrl(address),
    // Our helper hands fetches to git's own, which asks for its own permission.
    protocols: ['specstory', isPlainText ? 'http' : 'https'],
    address,
  };
}

function overHttp(text: string, project: string, isProjectNamed: boolean): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || url.host.startsWith('-')) throw refused(text, 'write https://host');
  if (isProjectNamed || url.pathname === '/') return ours(addressOf(text, project));
  if (url.password) throw refused(`${url.protocol}//…@${url.host}${url.pathname}`, 'an address holds no secret');
  if (url.protocol === 'http:' && !isLoopback(url.host)) {
    throw refused(text, 'plain http is for this machine only: write https://');
  }
  return { kind: 'plain', url: text, protocols: [url.protocol.slice(0, -1)] };
}

/** `ssh://[user@]host[:port]/path` and `[user@]host:path`, where neither host nor path can be taken for an option. */
function isSsh(text: string): boolean {
  const user = '(?:[A-Za-z0-9_][A-Za-z0-9._-]*@)?';
  const host = '(?:[A-Za-z0-9][A-Za-z0-9.-]*|\\[[0-9A-Fa-f:]+\\])';
  return new RegExp(`^(?:ssh://${user}${host}(?::\\d{1,5})?/[^-].*|${user}${host}:(?![:-])(?!//)(?!.*://).+)$`).test(
    text,
  );
}

function refused(what: string, hint: string): SpecstoryError {
  return new SpecstoryError('usage', `cannot use the address ${JSON.stringify(what)}`, { hint });
}
