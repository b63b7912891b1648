import type { ObjectId, WriterId } from '../../core/ids.ts';
import { changedSessions, countCommits } from '../../git/distance.ts';
import { type Tips, tips } from '../../git/read.ts';
import { fetchRefs } from '../../git/remote-refs.ts';
import type { Context } from '../context.ts';
import { type NamedRemote, trackingRefspec } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { complaintOf } from './complaint.ts';
import type { Outcome } from './reconcile.ts';
import { type Progress, talkTo } from './talk.ts';

/** What a fetch from one remote brought. */
export interface Fetched {
  readonly outcome: Outcome;
  readonly code?: string;
  readonly reason?: string;
  /** Refs that moved, and the sessions that their new commits touch. */
  readonly refs: number;
  readonly sessions: number;
  /** Commits that a writer's ref no longer holds: it was rewritten. */
  readonly rewritten: number;
}

export const nothingFetched: Fetched = { outcome: 'nothing', refs: 0, sessions: 0, rewritten: 0 };

interface FetchOptions {
  readonly remote: NamedRemote & { readonly target: Target };
  /** Our own: what it no longer holds there is told otherwise. */
  readonly writer: WriterId;
  readonly progress?: Progress | undefined;
}

/** Fetches what others sent to a remote into tracking refs. `before` is where the refs stood. */
export async function fetchAll(
  context: Context,
  { remote, writer, progress }: FetchOptions,
  before: Tips,
): Promise<Fetched & { readonly tips: Tips }> {
  const { repository } = context;
  const talk = talkTo(remote, { progress });
  // A server of ours has no refs but these. Protocol 0 lists them in its first answer: with nothing new one GET is all.
  const config = remote.target.kind === 'specstory' ? ['protocol.version=0', ...(talk.config ?? [])] : talk.config;
  const talked = await fetchRefs(repository, config ? { ...talk, config } : talk, [trackingRefspec(remote.name)]);
  if (talked.code !== 0) {
    const { outcome, reason: code, text } = complaintOf(talked);
    // A server makes a project with the first push, and says of one that is not there what it says of a stranger's.
    const isNew = code === 'not_found' && remote.target.kind === 'specstory' && tipsOf(before, remote.name).size === 0;
    if (isNew) return { ...nothingFetched, tips: before };
    // A fetch that broke off changed nothing on the other side: there is nothing unknown about it.
    return {
      ...nothingFetched,
      outcome: outcome === 'unknown' ? 'unreachable' : outcome,
      code,
      reason: text,
      tips: before,
    };
  }
  const after = await tips(repository);
  return { outcome: 'ok', ...(await difference(context, { remote, writer }, before, after)), tips: after };
}

async function difference({ repository }: Context, { remote, writer }: FetchOptions, before: Tips, after: Tips) {
  const [old, now] = [tipsOf(before, remote.name), tipsOf(after, remote.name)];
  const moved = [...now].filter(([ref, oid]) => old.get(ref) !== oid);
  const histories = moved.filter(([ref]) => ref.endsWith('/history')).map(([, oid]) => oid);
  const known = [...before.tracked.map(({ oid }) => oid), ...own(before)];
  const others = [...old].filter(([ref]) => !ref.startsWith(`${writer}/`));
  const left = others.flatMap(([ref, oid]) => (now.get(ref) === oid ? [] : [oid]));
  const sessions = await changedSessions(repository, { to: histories, from: known });
  const rewritten = await countCommits(repository, { to: left, from: [...now.values()] });
  return { refs: moved.length, sessions: sessions.size, rewritten };
}

function own({ history, raw }: Tips): ObjectId[] {
  return [history, raw].filter((oid) => oid !== undefined);
}

function tipsOf({ tracked }: Tips, remote: string): Map<string, ObjectId> {
  const here = tracked.filter((tip) => tip.remote === remote);
  return new Map(here.map(({ writer, kind, oid }) => [`${writer}/${kind}`, oid]));
}
