import { SpecstoryError } from '../../core/errors.ts';
import { isSessionId, sessionFolder } from '../../core/ids.ts';
import { sessionPath } from '../../core/layout.ts';
import { openBlobs, type Tips, tips } from '../../git/read.ts';
import { readConfig } from '../../git/repository.ts';
import { withLock } from '../../platform/lock.ts';
import { type Online, online } from '../account/online.ts';
import { type CaptureReport, capture, exclusively } from '../capture/capture.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import type { Mended } from '../history/mend-copy.ts';
import { settleHistory } from '../history/settle-history.ts';
import { consentedRemotes, type NamedRemote, namedRemotes } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { pendingSources } from './pending.ts';
import { syncLock } from './place.ts';
import { count, type SentSession } from './reconcile.ts';
import type { SyncOptions } from './sync-options.ts';
import { type RemoteReport, syncRemote } from './sync-remote.ts';

export interface SyncReport {
  readonly dryRun: boolean;
  /** What was captured; on a dry run only how many sources have something new. */
  readonly capture: CaptureReport | { readonly planned: number };
  readonly remotes: readonly RemoteReport[];
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
  if (session !== undefined && !dryRun) await checkSession(context, session, known);
  const remotes: RemoteReport[] = [];
  for (const remote of named) {
    let { report, after } = await syncRemote(context, { ...options, ways, remote, writer, known });
    const settled = report.fetch.refs > 0 && !dryRun ? await settle(context) : undefined;
    if (settled?.mended) {
      // What was refused under the old name goes out under the new one.
      mended = settled.mended;
      writer = mended.now;
      ({ report, after } = await syncRemote(context, { ...options, ways, remote, writer, known: settled.now }));
    }
    remotes.push(session === undefined ? report : only(report, session));
    known = after;
  }
  return { dryRun, capture: captured, remotes, ...(mended ? { mended } : {}) };
}

function settle(context: Context) {
  return exclusively(context, 'sync', undefined, () => settleHistory(context));
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
