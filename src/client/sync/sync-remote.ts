import type { WriterId } from '../../core/ids.ts';
import { changeConfig } from '../../git/change-config.ts';
import { countCommits } from '../../git/distance.ts';
import { type Tips, tips } from '../../git/read.ts';
import { remoteTips } from '../../git/remote-refs.ts';
import { readConfig } from '../../git/repository.ts';
import type { Online } from '../account/online.ts';
import type { Context } from '../context.ts';
import { audienceOf } from '../remote/audience.ts';
import { consentedRemotes, type NamedRemote, remoteKeys } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { complaintOf } from './complaint.ts';
import { type Fetched, fetchAll, nothingFetched } from './fetch.ts';
import { lacking } from './lacking.ts';
import { type Ledger, type OpenSession, readLedger, writeLedger } from './ledger.ts';
import { type Pushed, push } from './push.ts';
import { type Counts, count, type SentSession, stillOpen } from './reconcile.ts';
import { settle } from './settle.ts';
import { isUnsent, remoteRef, type Standing, spanOf, standingOf } from './standing.ts';
import type { SyncOptions } from './sync-options.ts';
import { talkTo } from './talk.ts';

/** What a sync with one remote did. */
export interface RemoteReport {
  readonly name: string;
  readonly url: string;
  /** Commits of the history that were unsent before. */
  readonly commits: number;
  readonly push: Omit<Pushed, 'sessions'>;
  readonly fetch: Fetched;
  readonly counts: Counts;
  readonly sessions: readonly SentSession[];
  /** Whether it lacked what it had been sent before, so that it was sent again. */
  readonly resent: boolean;
  /** Sessions that went along when the report is about one only. */
  readonly others: number;
  /** Sessions that are not settled, of this push or an earlier one. */
  readonly open: readonly OpenSession[];
}

/** One remote to sync with. */
export interface Job extends SyncOptions {
  readonly ways: Online;
  readonly remote: NamedRemote & { readonly target: Target };
  readonly writer: WriterId;
  /** Where the refs stand. */
  readonly known: Tips;
}

/** Sends to one remote, fetches from it, and remembers how both ended. */
export async function syncRemote(context: Context, job: Job): Promise<{ report: RemoteReport; after: Tips }> {
  const { remote, writer, known, dryRun = false, sendOnly = false } = job;
  const standing = standingOf(known, remote.name, writer);
  const ledger = await readLedger(context, remote.name, { mend: !dryRun });
  const at = new Date().toISOString();
  const { sent, fetch, lacked } = await exchange(context, job, standing);
  const { tips: after, ...fetched } = fetch;
  const pushed = foundOut(sent, standingOf(after, remote.name, writer));
  const open = dryRun ? ledger.open : await openAfter(job, { ledger, pushed, at, tips: after });
  const sessions = pushed.wasThere ? settled(pushed.sessions, open) : pushed.sessions;
  if (!dryRun && (await mayGoOn(context, remote))) {
    await writeLedger(context, remote.name, {
      version: 1,
      lastPush: done(at, pushed.outcome, pushed.reason),
      lastFetch: sendOnly ? ledger.lastFetch : done(new Date().toISOString(), fetched.outcome, fetched.reason),
      open,
    });
  }
  const { sessions: _, ...how } = pushed;
  const commits = await countCommits(context.repository, spanOf((lacked ?? standing).history));
  const about = { name: remote.name, url: remote.url, commits, others: 0, resent: lacked !== undefined };
  return { report: { ...about, push: how, fetch: fetched, sessions, counts: count(sessions), open }, after };
}

interface Exchanged {
  readonly sent: Pushed;
  readonly fetch: Awaited<ReturnType<typeof fetchAfter>>;
  /** Where our refs stood there when it lacked what was sent before, which went out again then. */
  readonly lacked?: Standing;
}

/** Sends and fetches; what counts are the refs of the remote, so what it then turns out to lack is sent once more. */
async function exchange(context: Context, job: Job, standing: Standing): Promise<Exchanged> {
  const { remote, writer, known, dryRun } = job;
  const first = await pushWhatIsUnsent(context, job, standing);
  const afterPush = first.outcome === 'nothing' || dryRun ? known : await tips(context.repository);
  const fetch = await fetchAfter(context, job, first, afterPush);
  const look = { remote: remote.name, writer, pushed: first, fetched: fetch, after: fetch.tips };
  // A dry run that was told what it would send has moved nothing.
  const lacked = dryRun && first.outcome !== 'nothing' ? undefined : await lacking(context, look);
  if (!lacked) return { sent: first, fetch };
  const again = await pushWhatIsUnsent(context, job, lacked);
  const said = new Set(again.sessions.map(({ session }) => session));
  const sessions = [...first.sessions.filter(({ session }) => !said.has(session)), ...again.sessions];
  const after = dryRun ? fetch.tips : await tips(context.repository);
  const isFetched = fetch.outcome === 'ok' || dryRun || again.outcome !== 'ok';
  const last = isFetched ? { ...fetch, tips: after } : await fetchAfter(context, job, again, after);
  return { sent: { ...again, sessions }, fetch: last, lacked };
}

/** A push whose answer was lost, and whose refs the fetch behind it found there, has arrived. */
function foundOut(sent: Pushed, now: Standing): Pushed {
  if (sent.outcome !== 'unknown' || isUnsent(now.history) || isUnsent(now.raw)) return sent;
  const { code: _, reason: __, ...rest } = sent;
  return { ...rest, outcome: 'ok', wasThere: true };
}

/** What is known of sessions by now, when their verdicts were lost. */
function settled(sessions: readonly SentSession[], open: readonly OpenSession[]): SentSession[] {
  return sessions.map(({ session, ...said }): SentSession => {
    const now = open.find((one) => one.session === session);
    if (said.status !== 'unknown') return { session, ...said };
    return now
      ? { session, status: now.status, ...(now.reason ? { reason: now.reason } : {}) }
      : { session, status: 'stored' };
  });
}

function done(at: string, outcome: string, reason: string | undefined): NonNullable<Ledger['lastPush']> {
  return { at, outcome, ...(reason ? { reason } : {}) };
}

/** Consent is looked up anew before every request: it may have been taken back a moment ago. */
async function mayGoOn({ repository }: Context, remote: Job['remote']): Promise<boolean> {
  const now = consentedRemotes(await readConfig(repository));
  return now.some(({ name, target }) => name === remote.name && target.url === remote.target.url);
}

const nothingPushed: Pushed = { outcome: 'nothing', wasThere: false, refs: [], sessions: [] };

async function pushWhatIsUnsent(context: Context, job: Job, standing: Standing): Promise<Pushed> {
  const { remote, writer, dryRun = false, progress } = job;
  if (!isUnsent(standing.history) && !isUnsent(standing.raw)) return nothingPushed;
  const isFirst = standing.history.there === undefined && standing.raw.there === undefined;
  const objection = isFirst ? await objectionTo(context, job) : undefined;
  if (objection) return { ...nothingPushed, ...objection };
  return push(context, { remote, writer, standing, dryRun, progress, mayGoOn: () => mayGoOn(context, remote) });
}

type Objection = Pick<Pushed, 'outcome' | 'code' | 'reason'>;

/** What speaks against the first push to a remote. */
async function objectionTo(context: Context, job: Job): Promise<Objection | undefined> {
  const { remote, ways, dryRun } = job;
  if (!(await mayGoOn(context, remote)))
    return { outcome: 'refused', code: 'consent', reason: 'the remote was removed' };
  if (remote.target.kind === 'plain') {
    const empty = await withoutBranches(context, remote);
    if (empty) return empty;
  }
  if (remote.accepted || dryRun) return undefined;
  const audience = await audienceOf(remote, ways);
  if (audience.members?.length === 0) job.founding?.(remote, audience);
  if (audience.visibility !== 'public' && audience.visibility !== 'unknown') return undefined;
  // A server of ours that gives no answer now will give none to the push, which says why.
  if (remote.target.kind === 'specstory' && audience.visibility === 'unknown') return undefined;
  if (!(await job.agree(remote, audience))) {
    const who = audience.visibility === 'public' ? 'everybody can read' : 'nobody knows who can read';
    return { outcome: 'refused', code: 'audience', reason: `${who} ${remote.url}: say --yes if you mean it` };
  }
  const key = remoteKeys(remote.name).audience;
  await changeConfig(context.repository, [{ kind: 'set', name: key, value: audience.visibility }]);
  return undefined;
}

/** Some hosts take the first ref of an empty repository for its default branch. */
async function withoutBranches({ repository }: Context, remote: Job['remote']): Promise<Objection | undefined> {
  const talked = await remoteTips(repository, talkTo(remote, { wall: 60_000 }), 'refs/heads/*');
  if (talked.code !== 0) {
    const { outcome, reason: code, text } = complaintOf(talked);
    // Nothing was sent, so there is nothing unknown.
    return { outcome: outcome === 'unknown' ? 'unreachable' : outcome, code, reason: text };
  }
  if (talked.tips.size > 0) return undefined;
  return { outcome: 'refused', code: 'no_branches', reason: `${remote.url} has no branch yet: push your code first` };
}

async function fetchAfter(context: Context, job: Job, pushed: Pushed, before: Tips) {
  const { remote, dryRun, sendOnly } = job;
  // Who may not send may be a reader.
  const away = ['unreachable', 'auth', 'protocol', 'retryable', 'failed'].includes(pushed.outcome);
  const gone = { ...nothingFetched, tips: before };
  if (sendOnly) return gone;
  if (away) return { ...gone, outcome: pushed.outcome, ...(pushed.reason ? { reason: pushed.reason } : {}) };
  if (!(await mayGoOn(context, remote))) return { ...gone, outcome: 'refused' as const, code: 'consent' };
  return dryRun ? look(context, job, before) : fetchAll(context, job, before);
}

/** What a fetch would move, without fetching: git's own dry run writes objects. */
async function look({ repository }: Context, { remote, writer }: Job, before: Tips): Promise<Fetched & { tips: Tips }> {
  const talked = await remoteTips(repository, talkTo(remote, { wall: 60_000 }), 'refs/specstory/writers/*');
  if (talked.code !== 0) {
    const { outcome, reason: code, text } = complaintOf(talked);
    return { ...nothingFetched, outcome, code, reason: text, tips: before };
  }
  const known = new Map(
    before.tracked
      .filter((tip) => tip.remote === remote.name)
      .map((tip) => [`refs/specstory/writers/${tip.writer}/${tip.kind}`, tip.oid]),
  );
  const moved = [...talked.tips].filter(([ref, oid]) => !ref.includes(`/${writer}/`) && known.get(ref) !== oid);
  const tracked = before.tracked.flatMap((tip) => {
    if (tip.remote !== remote.name || tip.writer !== writer) return [tip];
    const oid = talked.tips.get(remoteRef(writer, tip.kind));
    return oid ? [{ ...tip, oid }] : [];
  });
  return { ...nothingFetched, outcome: 'ok', refs: moved.length, tips: { ...before, tracked } };
}

async function openAfter(
  { ways, remote, writer }: Job,
  { ledger, pushed, at, tips: now }: { ledger: Ledger; pushed: Pushed; at: string; tips: Tips },
): Promise<OpenSession[]> {
  const open = stillOpen(ledger.open, pushed.sessions, at);
  const isQuiet = pushed.outcome === 'nothing' || pushed.wasThere;
  const isDoubtful = open.length > 0 || (ledger.lastPush === undefined && now.history !== undefined);
  if (remote.target.kind !== 'specstory' || !isQuiet || !isDoubtful) return open;
  const tip = standingOf(now, remote.name, writer).history.there;
  return settle(ways, { address: remote.target.address, writer, tip, open, at });
}
