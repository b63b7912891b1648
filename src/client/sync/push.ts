import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import type { WriterId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { oneLine, printable } from '../../core/text.ts';
import { changedSessions } from '../../git/distance.ts';
import { type PushedRef, pushRefs, type Talked } from '../../git/remote-refs.ts';
import { readIfThere } from '../../platform/atomic-file.ts';
import { type PushReport, pushReportSchema } from '../../protocol/push-report.ts';
import type { Context } from '../context.ts';
import type { NamedRemote } from '../remote/named-remote.ts';
import type { Target } from '../remote/target.ts';
import { complaintOf } from './complaint.ts';
import { type Outcome, reconcile, type SentSession } from './reconcile.ts';
import { remoteRef, type Standing, spanOf, unsentRefspecs } from './standing.ts';
import { type Progress, talkTo } from './talk.ts';

/** How a push to one remote ended. */
export interface Pushed {
  readonly outcome: Outcome;
  /** A word for programs, where nothing or not everything arrived. */
  readonly code?: string;
  readonly reason?: string;
  /** Seconds that the server asks to wait. */
  readonly retryAfter?: number;
  /** All refs were there already: an earlier push, whose answer was lost, had arrived. */
  readonly wasThere: boolean;
  readonly refs: readonly { readonly ref: string; readonly outcome: string; readonly reason?: string }[];
  readonly sessions: readonly SentSession[];
}

interface PushOptions {
  readonly remote: NamedRemote & { readonly target: Target };
  readonly writer: WriterId;
  readonly standing: Standing;
  readonly dryRun?: boolean;
  readonly progress?: Progress | undefined;
  /** Asked before every request: whether the person still agrees. */
  readonly mayGoOn: () => Promise<boolean>;
}

/** Tries in all, where the server did not act on a push; seconds that we wait for it to ask us again. */
const patience = { tries: 3, seconds: 10 };

/** Sends what is unsent of one writer to one remote. Nothing is thrown for what a server or a network does. */
export async function push(context: Context, options: PushOptions): Promise<Pushed> {
  const { standing, writer, remote } = options;
  const refspecs = unsentRefspecs(standing, writer);
  const selected = await changedSessions(context.repository, spanOf(standing.history));
  const judges = remote.target.kind === 'specstory';
  for (let attempt = 1; ; attempt++) {
    const sent: Sent = (await options.mayGoOn())
      ? await pushOnce(context, options, refspecs)
      : { outcome: 'refused', code: 'consent', reason: 'the remote was removed meanwhile', refs: [], verdicts: [] };
    const wait = sent.retryAfter ?? 0.5 * 2 ** attempt * (0.5 + Math.random());
    if (sent.outcome === 'retryable' && attempt < patience.tries && wait <= patience.seconds && !options.dryRun) {
      await pause(wait * 1000);
      continue;
    }
    const { verdicts, ...rest } = sent;
    const history = historyOutcome(sent, writer, standing);
    const about = { selected, history, verdicts, judges, ...(sent.reason ? { reason: sent.reason } : {}) };
    return { ...rest, wasThere: isThere(sent), sessions: reconcile(about) };
  }
}

type Sent = Omit<Pushed, 'sessions' | 'wasThere'> & Pick<PushReport, 'verdicts'>;

async function pushOnce(context: Context, options: PushOptions, refspecs: readonly string[]): Promise<Sent> {
  const { remote, progress, dryRun = false } = options;
  mkdirSync(context.place('remotes'), { recursive: true });
  const file = `${context.place('remotes')}/report-${randomBytes(6).toString('hex')}`;
  try {
    const talk = talkTo(remote, { progress, report: file });
    const pushed = await pushRefs(context.repository, talk, refspecs, { dryRun });
    return fromReport(await readReport(file), pushed) ?? fromGit(pushed);
  } finally {
    rmSync(file, { force: true });
  }
}

async function readReport(file: string): Promise<PushReport | undefined> {
  return pushReportSchema.safeParse(parseJson((await readIfThere(file)) ?? '')).data;
}

type GitPush = Talked & { readonly refs: readonly PushedRef[] };

/** The helper's word, unless git itself contradicts it. What git found up to date the helper was never asked about. */
function fromReport(report: PushReport | undefined, pushed: GitPush): Sent | undefined {
  if (!report || (report.outcome === 'ok' && pushed.code !== 0)) return undefined;
  const { outcome, verdicts, reason, retry_after: retryAfter } = report;
  const said = new Set(report.refs.map(({ ref }) => ref));
  const others = pushed.refs.filter(({ ref, state }) => state === 'up-to-date' && !said.has(ref));
  const why = reason ?? report.refs.find((ref) => ref.reason)?.reason;
  return {
    outcome,
    refs: [...report.refs, ...others.map(({ ref }) => ({ ref, outcome: 'up-to-date' }))],
    verdicts,
    ...(outcome === 'ok' ? {} : { code: codes[outcome] ?? outcome, ...(why ? { reason: why } : {}) }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

const codes: Readonly<Record<string, string>> = {
  auth: 'auth_required',
  denied: 'forbidden',
  unreachable: 'unreachable',
};

function fromGit(pushed: GitPush): Sent {
  const refs = pushed.refs.map(({ ref, state, summary }) => {
    const reason = /\(([^()]*)\)[^()]*$/.exec(summary)?.[1] ?? summary;
    return state === 'rejected'
      ? { ref, outcome: 'rejected', reason }
      : { ref, outcome: state === 'moved' ? 'ok' : state };
  });
  const bad = refs.filter(({ outcome }) => outcome === 'rejected');
  if (pushed.code === 0 && bad.length === 0) return { outcome: 'ok', refs, verdicts: [] };
  if (bad.length > 0 && !/hung up|unexpected disconnect/.test(pushed.stderr)) {
    const outcome = bad.length < refs.length ? 'partial' : 'rejected';
    return { outcome, code: 'ref_rejected', refs, verdicts: [], reason: whyRejected(bad[0]?.reason, pushed.stderr) };
  }
  const { outcome, reason: code, text } = complaintOf(pushed);
  return { outcome, code, reason: text, refs: [], verdicts: [] };
}

/** A hook of the host says why in words of its own, not in the status of the ref. */
function whyRejected(reason = 'rejected', stderr: string): string {
  const said = /hook declined/.test(reason) ? [...stderr.matchAll(/^remote: (.*\S)/gm)].map(([, line]) => line) : [];
  return said.length > 0 ? `${oneLine(printable(said.join(' ')), 300)} (${reason})` : reason;
}

/** What became of the ref that carries the sessions. */
function historyOutcome(
  { outcome, refs }: Sent,
  writer: WriterId,
  { history }: Standing,
): Parameters<typeof reconcile>[0]['history'] {
  const said = refs.find(({ ref }) => ref === remoteRef(writer, 'history'))?.outcome;
  if (said === 'ok' || said === 'up-to-date' || history.here === history.there) return 'ok';
  if (said === 'rejected' || said === 'retryable' || said === 'unknown') return said;
  if (outcome === 'ok') return 'ok';
  return outcome === 'unknown' || outcome === 'rejected' || outcome === 'retryable' ? outcome : 'unsent';
}

function isThere({ outcome, refs }: Sent): boolean {
  return outcome === 'ok' && refs.length > 0 && refs.every((ref) => ref.outcome === 'up-to-date');
}
