import { SpecstoryError } from '../../core/errors.ts';
import { isSessionId, type SessionId, sessionFolder } from '../../core/ids.ts';
import { sessionPath } from '../../core/layout.ts';
import { openBlobs, type Tips, tips } from '../../git/read.ts';
import { readConfig } from '../../git/repository.ts';
import { withLock } from '../../platform/lock.ts';
import { type Online, online } from '../account/online.ts';
import { type CaptureReport, capture, exclusively } from '../capture/capture.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import type { Mended } from '../history/mend-copy.ts';
import { type Settled, settleHistory } from '../history/settle-history.ts';
import { consentedRemotes, type NamedRemote, namedRemotes } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { forgetOpen } from './ledger.ts';
import { pendingSources } from './pending.ts';
import { syncLock } from './place.ts';
import { count, type SentSession } from './reconcile.ts';
import type { SyncOptions } from './sync-options.ts';
import { type Job, type RemoteReport, syncRemote } from './sync-remote.ts';

export interface SyncReport {
  readonly dryRun: boolean;
  /** What was captured; on a dry run only how many sources have something new. */
  readonly capture: CaptureReport | { readonly planned: number };
  readonly remotes: readonly (RemoteReport & {
    /** Refs of others that were set back, rewritten or deleted there, but for a purge. What they had is kept. */
    readonly rolledBack: number;
  })[];
  /** Sessions that were purged from this clone's refs there, and are gone here as well now. */
  readonly purged: readonly SessionId[];
  /** Set when what was fetched showed that another clone writes under this one's name: this one is a writer of its own now. */
  readonly mended?: Mended;
}

/** Captures, then sends to and fetches from every remote that was named, one after the other. Throws `usage` when none was. */
export async function sync(context: Context, options: SyncOptions): Promise<SyncReport> {
  const remotes = await remotesFor(context, options);
  const work = () => online(options, (ways) => captureAndTalk(context, options, ways, remotes));
  if (options.dryRun) return work();
  return withLock(syncLock(context), { wait: options.onPush ? 60_000 : 0, purpose: 'sync' }, work);
}

async function captureAndTalk(
  context: Context,
  options: SyncOptions,
  ways: Online,
  named: readonly Consented[],
): Promise<SyncReport> {
  const { session, dryRun = false, capturing } = options;
  const captured = dryRun
    ? { planned: pendingSources(context, session) }
    : await capture(context, {
        sessions: session === undefined ? [] : [session],
        ...(capturing ? { progress: capturing } : {}),
      });
  let writer = await writerOf(context);
  let known = await tips(context.repository);
  let mended: Mended | undefined;
  const purged = new Set<SessionId>();
  if (session !== undefined && !dryRun) await checkSession(context, session, known);
  const remotes: SyncReport['remotes'][number][] = [];
  for (const remote of named) {
    const { report, after, settled } = await syncAndSettle(context, { ...options, ways, remote, writer, known });
    const rolledBack = settled?.rollbacks.length ?? 0;
    remotes.push({ ...(session === undefined ? report : only(report, session)), rolledBack });
    for (const id of settled?.followed ?? []) purged.add(id);
    mended = settled?.mended ?? mended;
    writer = mended?.now ?? writer;
    known = after;
  }
  return { dryRun, capture: captured, remotes, purged: [...purged], ...(mended ? { mended } : {}) };
}

/** Syncs with one remote and looks at what came of it. What was refused under a name that is no longer ours, or because its commits were purged there, goes out at once. */
async function syncAndSettle(
  context: Context,
  job: Job,
): Promise<Awaited<ReturnType<typeof syncRemote>> & { settled?: Settled }> {
  const first = await syncRemote(context, job);
  if (job.dryRun || first.report.fetch.refs === 0) return first;
  const settled = await exclusively(context, 'sync', undefined, () => settleHistory(context));
  const { mended, followed, now } = settled;
  if (!mended && followed.length === 0) return { ...first, settled };
  await forgetOpen(context, job.remote.name, followed);
  const again = await syncRemote(context, { ...job, writer: mended?.now ?? job.writer, known: now });
  const fetched = [first.report.fetch, again.report.fetch] as const;
  const fetch = {
    ...fetched[1],
    refs: fetched[0].refs + fetched[1].refs,
    sessions: fetched[0].sessions + fetched[1].sessions,
    rewritten: fetched[0].rewritten + fetched[1].rewritten,
  };
  return { ...again, report: { ...again.report, fetch }, settled };
}

type Consented = NamedRemote & { readonly target: Target };

async function remotesFor({ repository }: Context, { onPush }: SyncOptions): Promise<Consented[]> {
  const config = await readConfig(repository);
  const remotes = consentedRemotes(config).filter((remote) => !onPush || remote.onPush);
  if (remotes.length > 0) return remotes;
  const problem = namedRemotes(config).find((remote) => remote.problem)?.problem;
  throw new SpecstoryError('usage', problem ?? 'nothing leaves this repository: no remote was named for its history', {
    hint: problem ? 'run: specstory remote list' : 'name one: specstory remote add URL',
  });
}

async function checkSession({ repository }: Context, session: string, { history }: Tips): Promise<void> {
  const blobs = openBlobs(repository);
  try {
    const isThere = history && isSessionId(session) && (await blobs.id(`${history}:${sessionPath(session)}`));
    if (isThere) return;
  } finally {
    await blobs.close();
  }
  throw new SpecstoryError('not-found', `there is no session ${session} in the history`, {
    hint: 'give the whole id, as specstory list --json prints it',
  });
}

/** A push carries the history in its order, so the others went along; the report is about one. */
function only(report: RemoteReport, session: string): RemoteReport {
  const name = isSessionId(session) ? sessionFolder(session) : session;
  const isMeant = (one: Pick<SentSession, 'session'>): boolean => one.session === session || one.session === name;
  const sessions = report.sessions.filter(isMeant);
  return {
    ...report,
    sessions,
    counts: count(sessions),
    others: report.sessions.length - sessions.length,
    open: report.open.filter(isMeant),
  };
}
