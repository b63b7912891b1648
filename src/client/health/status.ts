import { tips } from '../../git/read.ts';
import { readIfThere } from '../../platform/atomic-file.ts';
import { findSources } from '../capture/find-sources.ts';
import { ignoredSessions } from '../capture/ignored.ts';
import { CaptureState } from '../capture/state.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { withHistory } from '../history/open-history.ts';
import { type Warning, warningsOf } from '../history/warnings.ts';
import { type InstallReport, inspectInstall } from '../install/inspect-install.ts';
import { installOptions } from '../install/setup.ts';

/** How things stand, in numbers taken from the refs and the stores themselves. */
export interface Status {
  readonly initialised: boolean;
  readonly writer: string | null;
  /** Everybody's sessions as they are known here, without those that are hidden. */
  readonly history: {
    readonly tip: string | null;
    readonly sessions: number;
    readonly exchanges: number;
    readonly hidden: number;
    readonly forked: number;
  };
  /** Whose histories are here: this clone's, and what was fetched. */
  readonly writers: readonly { readonly writer: string; readonly author: string; readonly own: boolean }[];
  /** Per agent: sources of this repository, and how many of them are new or have grown. */
  readonly agents: readonly { readonly agent: string; readonly sources: number; readonly pending: number }[];
  readonly hooks: readonly { readonly hook: string; readonly state: string; readonly hint?: string }[];
  readonly ignored: number;
  /** What the last capture in the background stumbled over. */
  readonly problem: string | null;
  readonly unreadable: readonly { readonly agent: string; readonly path: string; readonly reason: string }[];
  /** What is wrong with the histories, and what to do about it. */
  readonly warnings: readonly Warning[];
}

/** Reads only. */
export async function statusOf(context: Context): Promise<Status> {
  const initialised = context.isInitialised;
  const state = CaptureState.open(context.place('state'));
  const { found, failed } = findSources(context, state);
  const install: InstallReport = await inspectInstall(context.repository, installOptions(context, false));
  const agents = context.adapters.map(({ id }) => {
    const own = found.filter(({ source }) => source.agent === id).map(({ source }) => source);
    return {
      agent: id,
      sources: own.length,
      pending: own.filter((source) => state.get(source)?.version !== source.version).length,
    };
  });
  return {
    initialised,
    writer: initialised ? await writerOf(context) : null,
    ...(await historyOf(context)),
    agents,
    hooks: install.hooks.map(({ hook, state: how, hint }) => ({ hook, state: how, ...(hint ? { hint } : {}) })),
    ignored: ignoredSessions(context).length,
    problem: (await readIfThere(context.place('problem')))?.trim() ?? null,
    unreadable: failed,
  };
}

async function historyOf(context: Context): Promise<Pick<Status, 'history' | 'writers' | 'warnings'>> {
  const { history: tip } = await tips(context.repository);
  return withHistory(context, async (history) => {
    const visible = history.sessions.filter(({ hidden }) => !hidden);
    return {
      history: {
        tip: tip ?? null,
        sessions: visible.length,
        exchanges: visible.reduce((sum, { count }) => sum + count, 0),
        hidden: history.sessions.length - visible.length,
        forked: history.sessions.filter(({ forked }) => forked).length,
      },
      writers: history.tips.map(({ writer, author, isOwn: own }) => ({ writer, author, own })),
      warnings: await warningsOf(context, history),
    };
  });
}
