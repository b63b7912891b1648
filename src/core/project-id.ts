import { digest } from './ids.ts';

/** What SpecStory calls a repository. */
export interface ProjectIdentity {
  /** From the address of `origin`, so that every clone has the same; absent without one. */
  readonly gitId?: string;
  /** From the path of the working tree: good for this machine only. */
  readonly workspaceId: string;
  readonly name: string;
}

interface Place {
  /** The first `remote.origin.url` of the repository's own configuration, as written there. */
  readonly origin: string | undefined;
  /** The absolute path of the top of the working tree. */
  readonly root: string;
  readonly platform: 'linux' | 'darwin' | 'win32';
}

/**
 * The ids that SpecStory's own command line computes for a repository, rule for rule, so that both mean the same project.
 * `insteadOf` has no say in it.
 */
export function projectIdentity({ origin, root, platform }: Place): ProjectIdentity {
  const path = platform === 'linux' ? root : root.toLowerCase();
  const ids = { workspaceId: hashed(path), name: nameOf(origin, root) };
  return origin === undefined ? ids : { gitId: hashed(normalised(origin)), ...ids };
}

/**
 * SpecStory's form of an address. It takes a port for a part of the path, leaves a user or a password in where no colon follows the
 * `@`, and knows no letter case. All of that is kept: a better rule would give other ids.
 */
function normalised(url: string): string {
  const address = url.endsWith('.git') ? url.slice(0, -'.git'.length) : url;
  const behindUser = address.includes(':') && address.includes('@') ? address.slice(address.indexOf('@') + 1) : '';
  const colon = behindUser.indexOf(':');
  if (colon >= 0) return `${behindUser.slice(0, colon)}/${behindUser.slice(colon + 1)}`;
  const scheme = address.indexOf('://');
  return scheme < 0 ? address : address.slice(scheme + '://'.length);
}

function hashed(text: string): string {
  return (digest(text).slice(0, 16).match(/.{4}/g) ?? []).join('-');
}

function nameOf(origin: string | undefined, root: string): string {
  const last = (path: string): string => path.split(/[/\\:]/).at(-1) ?? '';
  return last((origin ?? '').replace(/\.git$/, '')) || last(root);
}
