import { answers } from '../../protocol/answers.ts';
import type { Online } from '../account/online.ts';
import type { NamedRemote } from './named-remote.ts';
import type { Target } from './target.ts';

/** Who can read what is sent to a remote, as far as that can be known. */
export interface Audience {
  /** `local`: a folder of this machine, read by whoever may read there. */
  readonly visibility: 'private' | 'public' | 'unknown' | 'local';
  /** The members of the project, on a server of ours. */
  readonly members?: readonly { readonly name: string; readonly role: string }[];
  /** How it is known, or why not. */
  readonly detail: string;
}

/** A server tells nobody of a stranger's project: for who is no member yet it is as if there were none. */
const newProject =
  'you are a member of no project of this id: the first push makes one for you alone; to join your team’s, have its owner add you before';

/** Asks a server of ours for the members, and a plain host whether strangers may read. Sends no token to a plain host. */
export async function audienceOf(remote: NamedRemote & { readonly target: Target }, ways: Online): Promise<Audience> {
  const { target } = remote;
  if (target.kind === 'specstory') {
    const { server, project } = target.address;
    const answer = await ways.api(server).ask({ method: 'GET', path: `/projects/${project}` }, answers.project);
    if (answer.ok) {
      const { members, public: isPublic } = answer.value;
      return { visibility: isPublic ? 'public' : 'private', members, detail: 'members of the project on the server' };
    }
    const { failure } = answer;
    if (failure.reason !== 'not_found') return { visibility: 'unknown', detail: failure.text };
    return { visibility: 'private', members: [], detail: newProject };
  }
  if (target.protocols.includes('file')) return { visibility: 'local', detail: 'a folder of this machine' };
  return strangersAt(target.url, ways);
}

/** Hosts that serve over https what they serve over ssh, at the same path. */
const twins = new Set(['github.com', 'gitlab.com', 'bitbucket.org', 'codeberg.org']);

async function strangersAt(url: string, { http }: Online): Promise<Audience> {
  const asked = anonymousUrl(url);
  if (asked === undefined) return { visibility: 'unknown', detail: 'the host does not say who may read' };
  try {
    const response = await http.send({
      method: 'GET',
      url: `${asked.replace(/\/$/, '')}/info/refs?service=git-upload-pack`,
      timeout: 10_000,
    });
    await response.discard();
    const { status, headers } = response;
    const isGit = /^application\/x-git-upload-pack-advertisement/.test(headers['content-type'] ?? '');
    if (status === 200 && isGit) return { visibility: 'public', detail: 'it can be read without signing in' };
    if (status === 401 || status === 403 || status === 404) {
      return { visibility: 'private', detail: 'it cannot be read without signing in' };
    }
    return { visibility: 'unknown', detail: `the host answered ${status}` };
  } catch {
    return { visibility: 'unknown', detail: 'the host could not be asked' };
  }
}

function anonymousUrl(url: string): string | undefined {
  if (/^https?:/.test(url)) {
    const { origin, pathname } = new URL(url);
    return origin + pathname;
  }
  const match = /^(?:ssh:\/\/)?(?:[^@/]+@)?([^:/]+)(?::\d+)?[:/](.+)$/.exec(url);
  return match?.[1] && twins.has(match[1]) ? `https://${match[1]}/${match[2]}` : undefined;
}
