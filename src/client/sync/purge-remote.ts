import type { WriterId } from '../../core/ids.ts';
import { isAncestor } from '../../git/history.ts';
import type { Doomed } from '../../git/purge-refs.ts';
import { type Tips, tips } from '../../git/read.ts';
import { pushRefs } from '../../git/remote-refs.ts';
import { readConfig } from '../../git/repository.ts';
import { answers } from '../../protocol/answers.ts';
import type { Online } from '../account/online.ts';
import type { Context } from '../context.ts';
import { consentedRemotes, type NamedRemote } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { complaintOf } from './complaint.ts';
import { fetchAll } from './fetch.ts';
import { push } from './push.ts';
import { isUnsent, remoteRef, type Standing, standingOf } from './standing.ts';
import { talkTo } from './talk.ts';

/** What became of a purge on one remote. */
export interface RemotePurge {
  readonly remote: string;
  /** `purged`: gone from everything the server has. `rewritten`: this clone's own refs there were. `failed`: it still has all of it. */
  readonly outcome: 'purged' | 'rewritten' | 'failed';
  /** What is left there, or why nothing happened. */
  readonly remains: readonly string[];
}

export interface RemotePlace {
  readonly remote: NamedRemote & { readonly target: Target };
  readonly writer: WriterId;
}

/** Most exchanges that are named; a server finds out itself about more. */
const mostNamed = 50_000;

/** Sends what is unsent before the refs are rewritten: then the remote knows of the deletion, and has the same commits to rewrite. Never for the first time. */
export async function sendBefore(context: Context, { remote, writer }: RemotePlace): Promise<void> {
  const standing = standingOf(await tips(context.repository), remote.name, writer);
  if (standing.history.there === undefined || !(await goesForward(context, standing))) return;
  const mayGoOn = async () => {
    const now = consentedRemotes(await readConfig(context.repository));
    return now.some(({ name, target }) => name === remote.name && target.url === remote.target.url);
  };
  await push(context, { remote, writer, standing, mayGoOn });
}

async function goesForward({ repository }: Context, { history, raw }: Standing): Promise<boolean> {
  if (!isUnsent(history) && !isUnsent(raw)) return false;
  for (const { here, there } of [history, raw])
    if (here && there && !(await isAncestor(repository, there, here))) return false;
  return true;
}

/** Purges sessions on a remote after this clone's own refs were rewritten, and takes over how the refs there stand now. Nothing is thrown for what a server or a network does. */
export async function purgeRemote(
  context: Context,
  ways: Online,
  place: RemotePlace,
  doomed: Doomed,
): Promise<RemotePurge> {
  const { remote } = place;
  const before = await tips(context.repository);
  if (remote.target.kind === 'plain') return replaceThere(context, place, before);
  const { server, project } = remote.target.address;
  const exchanges = doomed.exchanges.size > mostNamed ? [] : [...doomed.exchanges];
  const body = { sessions: doomed.sessions, exchanges };
  const question = { method: 'POST', path: `/projects/${project}/purge`, body, timeout: 900_000 } as const;
  const answer = await ways.api(server).ask(question, answers.purged);
  if (!answer.ok && answer.failure.reason !== 'not_found')
    return { remote: remote.name, outcome: 'failed', remains: [answer.failure.text] };
  // A project that is not there has nothing.
  if (!answer.ok) return { remote: remote.name, outcome: 'purged', remains: [] };
  const { outcome, reason = 'it could not be fetched' } = await fetchAll(context, place, before);
  const remains = [...answer.value.unreachable, ...(outcome === 'ok' ? [] : [`purged there; ${reason}`])];
  return { remote: remote.name, outcome: answer.value.unreachable.length > 0 ? 'rewritten' : 'purged', remains };
}

/** A plain host knows no purge: this clone's refs there are replaced, as long as they are where they were last seen. */
async function replaceThere(
  { repository }: Context,
  { remote, writer }: RemotePlace,
  before: Tips,
): Promise<RemotePurge> {
  const standing = standingOf(before, remote.name, writer);
  const kinds = (['raw', 'history'] as const).filter((kind) => standing[kind].there && isUnsent(standing[kind]));
  if (kinds.length === 0) return { remote: remote.name, outcome: 'rewritten', remains: [] };
  const refspecs = kinds.map((kind) => `refs/specstory/${kind}:${remoteRef(writer, kind)}`);
  const leases = kinds.map((kind) => `${remoteRef(writer, kind)}:${standing[kind].there}`);
  const pushed = await pushRefs(repository, talkTo(remote), refspecs, { leases });
  if (pushed.code !== 0) return { remote: remote.name, outcome: 'failed', remains: [complaintOf(pushed).text] };
  const remains = ['the host may keep the old objects until it cleans up, and other writers may have copies there'];
  return { remote: remote.name, outcome: 'rewritten', remains };
}
