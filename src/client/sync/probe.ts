import type { WriterId } from '../../core/ids.ts';
import type { Tips } from '../../git/read.ts';
import { remoteTips } from '../../git/remote-refs.ts';
import { answers } from '../../protocol/answers.ts';
import { type ConnectionState, type Failure, stateOf } from '../account/failure.ts';
import type { Online } from '../account/online.ts';
import type { Context } from '../context.ts';
import type { NamedRemote } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { complaintOf } from './complaint.ts';
import { remoteRef, type Standing } from './standing.ts';
import { talkTo } from './talk.ts';

/** How a remote can be reached now, and what stands there. Nothing was changed by asking. */
export interface Probe {
  readonly state: ConnectionState;
  /** A word for programs: `connected`, or why not. */
  readonly reason: string;
  readonly text: string;
  /** Refs of other writers that were not fetched; absent when they could not be listed. */
  readonly unfetched?: number;
  /** Whether the remote no longer holds what was sent to it, or holds something else. */
  readonly isRolledBack?: boolean;
  /** Sessions that the server lists as rejected. */
  readonly rejected?: readonly { readonly session: string; readonly reason: string }[];
}

interface Question {
  readonly remote: NamedRemote & { readonly target: Target };
  readonly writer: WriterId;
  readonly standing: Standing;
  readonly known: Tips;
}

const milliseconds = 30_000;

/** Asks a server of ours by its API first, which tells more than git does. */
export async function probe(context: Context, ways: Online, question: Question): Promise<Probe> {
  const { target } = question.remote;
  const asked = target.kind === 'specstory' ? await askServer(ways, target.address, question.writer) : undefined;
  if (asked && asked.state !== 'Connected') return asked;
  // A server makes a project with the first push, so there is nothing to list before.
  if (asked?.reason === 'no_project') return { ...asked, unfetched: 0, isRolledBack: wasSent(question) };
  return { ...(await listRefs(context, question)), ...(asked?.rejected ? { rejected: asked.rejected } : {}) };
}

const wasSent = ({ standing }: Question): boolean =>
  standing.history.there !== undefined || standing.raw.there !== undefined;

async function askServer(
  ways: Online,
  { server, project }: { server: string; project: string },
  writer: WriterId,
): Promise<Probe> {
  const api = ways.api(server);
  const whoami = await api.ask({ method: 'GET', path: '/whoami' }, answers.whoami);
  if (!whoami.ok) return failure(whoami.failure, server);
  const status = await api.ask({ method: 'GET', path: `/projects/${project}/status` }, answers.status);
  const name = whoami.value.name;
  if (status.ok) {
    const own = status.value.rejected.filter((one) => one.writer === writer);
    const rejected = own.map(({ session, reason, code }) => ({ session, reason: reason ?? code ?? 'rejected' }));
    return { state: 'Connected', reason: 'connected', text: `signed in to ${server} as ${name}`, rejected };
  }
  if (status.failure.reason === 'not_found') {
    return {
      state: 'Connected',
      reason: 'no_project',
      text: `signed in as ${name}; the project is made by the first push`,
    };
  }
  return failure(status.failure, `${server}, project ${project}`);
}

function failure({ reason, text }: Failure, where: string): Probe {
  const words = reason === 'auth_required' ? `sign-in needed: specstory login --server ${where}` : `${where}: ${text}`;
  return { state: stateOf(reason), reason, text: words };
}

async function listRefs({ repository }: Context, { remote, writer, standing, known }: Question): Promise<Probe> {
  const talked = await remoteTips(repository, talkTo(remote, { wall: milliseconds }), 'refs/specstory/writers/*');
  if (talked.code !== 0) {
    const { reason, outcome, text } = complaintOf(talked);
    const word = reason === 'helper_missing' || reason === 'not_allowed' ? undefined : reason;
    const state = word === undefined ? 'Error' : outcome === 'unknown' ? 'Unreachable' : stateOf(word);
    return { state, reason, text };
  }
  const here = known.tracked.filter((tip) => tip.remote === remote.name);
  const tracked = new Map(here.map((tip) => [remoteRef(tip.writer, tip.kind), tip.oid]));
  const others = [...talked.tips].filter(([ref]) => !ref.startsWith(`refs/specstory/writers/${writer}/`));
  const isLost = (kind: 'history' | 'raw'): boolean => {
    const { here: own, there } = standing[kind];
    const found = talked.tips.get(remoteRef(writer, kind));
    // What was sent and not acknowledged may be there already.
    return there !== undefined && found !== there && found !== own;
  };
  return {
    state: 'Connected',
    reason: 'connected',
    text: `${remote.url} answers`,
    unfetched: others.filter(([ref, oid]) => tracked.get(ref) !== oid).length,
    isRolledBack: isLost('history') || isLost('raw'),
  };
}
