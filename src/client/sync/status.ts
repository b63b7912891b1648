import { existsSync, readFileSync } from 'node:fs';
import { countCommits } from '../../git/distance.ts';
import { type Tips, tips } from '../../git/read.ts';
import { readConfig } from '../../git/repository.ts';
import { type Online, online } from '../account/online.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { type NamedRemote, namedRemotes } from '../remote/named-remote.ts';
import { type Ledger, type OpenSession, readLedger } from './ledger.ts';
import { pendingSources } from './pending.ts';
import { type Probe, probe } from './probe.ts';
import { type Standing, spanOf, standingOf } from './standing.ts';

/** How sync stands with one remote. */
export interface RemoteStatus {
  readonly name: string;
  readonly url: string;
  /** Why consent does not hold; `null` when it does. */
  readonly problem: string | null;
  /** Commits that are not there, counted from the refs. */
  readonly unpushed: { readonly history: number; readonly raw: number };
  /** Refs of others that are not here: as of the last fetch, or of now with a check; `null` when that is not known. */
  readonly unfetched: number | null;
  readonly lastPush: Ledger['lastPush'] | null;
  readonly lastFetch: Ledger['lastFetch'] | null;
  /** Sessions that were sent and are not settled. */
  readonly open: readonly OpenSession[];
  /** Only with a check. */
  readonly connection: Probe | null;
  readonly healthy: boolean;
}

/** How sync stands. Every number is taken from the refs or the stores themselves. */
export interface SyncStatus {
  readonly version: 1;
  /** `true` only when nothing is uncaptured, unsent, unfetched, rejected or unknown; `null` when nothing is sent anywhere. */
  readonly healthy: boolean | null;
  /** Sources with something that was not captured yet. */
  readonly uncaptured: number;
  /** What the last capture in the background stumbled over. */
  readonly problem: string | null;
  readonly remotes: readonly RemoteStatus[];
}

interface StatusOptions {
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
  /** Also ask the remotes. */
  readonly check: boolean;
}

/** Reads only; with a check it also asks the remotes, and changes nothing there. */
export async function syncStatus(context: Context, options: StatusOptions): Promise<SyncStatus> {
  const remotes = namedRemotes(await readConfig(context.repository));
  const known = await tips(context.repository);
  const uncaptured = pendingSources(context);
  const problem = problemOf(context);
  const work = async (ways?: Online): Promise<RemoteStatus[]> => {
    const found: RemoteStatus[] = [];
    for (const remote of remotes) found.push(await remoteStatus(context, remote, known, ways));
    return found;
  };
  const all = options.check ? await online(options, work) : await work();
  const healthy = uncaptured === 0 && problem === null && all.every((one) => one.healthy);
  return { version: 1, healthy: all.length === 0 ? null : healthy, uncaptured, problem, remotes: all };
}

function problemOf(context: Context): string | null {
  const path = context.place('problem');
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : null;
}

async function remoteStatus(context: Context, remote: NamedRemote, known: Tips, ways?: Online): Promise<RemoteStatus> {
  const writer = context.isInitialised ? await writerOf(context) : undefined;
  const standing = standingOf(known, remote.name, writer);
  const ledger = await readLedger(context, remote.name, { mend: false });
  const { target } = remote;
  const connection =
    ways && target && writer
      ? await probe(context, ways, { remote: { ...remote, target }, writer, standing, known })
      : null;
  const about = {
    name: remote.name,
    url: remote.url,
    problem: remote.problem ?? null,
    unpushed: {
      history: await countCommits(context.repository, spanOf(standing.history)),
      raw: await countCommits(context.repository, spanOf(standing.raw)),
    },
    unfetched: connection ? (connection.unfetched ?? null) : isDone(ledger.lastFetch) ? 0 : null,
    lastPush: ledger.lastPush ?? null,
    lastFetch: ledger.lastFetch ?? null,
    open: openSessions(ledger, connection),
    connection,
  };
  return { ...about, healthy: isHealthy(about, standing) };
}

/** What we remember, and what the server says now. */
function openSessions({ open }: Ledger, connection: Probe | null): OpenSession[] {
  const at = new Date().toISOString();
  const known = new Set(open.map(({ session }) => session));
  const more = (connection?.rejected ?? []).filter(({ session }) => !known.has(session));
  return [...open, ...more.map((one): OpenSession => ({ ...one, status: 'rejected', at }))];
}

const isDone = (last: Ledger['lastPush']): boolean => last?.outcome === 'ok' || last?.outcome === 'nothing';

/** Whatever is not known to be well is not. */
function isHealthy(status: Omit<RemoteStatus, 'healthy'>, { history }: Standing): boolean {
  const { problem, unpushed, unfetched, lastPush, open, connection } = status;
  const isSent = unpushed.history === 0 && unpushed.raw === 0;
  const isKnown = lastPush === null ? history.here === undefined : isDone(lastPush);
  const isThere = connection === null || (connection.state === 'Connected' && connection.isRolledBack !== true);
  return problem === null && isSent && isKnown && unfetched === 0 && open.length === 0 && isThere;
}
