import type { ObjectId } from '../../core/ids.ts';
import { type RefName, rawPath, refs, sessionPath } from '../../core/layout.ts';
import { forget } from '../../git/forget.ts';
import { identity } from '../../git/identity.ts';
import { type Tips, tips } from '../../git/read.ts';
import { exclusively } from '../capture/capture.ts';
import { tipOf } from '../capture/desk.ts';
import { ignoredSessions, saveIgnoredSessions } from '../capture/ignored.ts';
import { CaptureState } from '../capture/state.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { type Listed, listSessions } from './query.ts';

export interface IgnoreReport {
  /** Sessions that were in the history and are not any more, sub-agents included. */
  readonly removed: readonly string[];
  /** Sessions of which a remote has something: only a purge on the server takes that back. */
  readonly pushed: readonly string[];
}

/** The sessions that are left out in this clone. */
export const listIgnored = ignoredSessions;

/** Leaves sessions out from now on, and takes them out of what no remote has seen. Ids need not be in the history. */
export async function ignoreSessions(context: Context, ids: readonly string[]): Promise<IgnoreReport> {
  return exclusively(context, 'ignore', undefined, async () => {
    await saveIgnoredSessions(context, [...ignoredSessions(context), ...ids]);
    const before = await ownSessions(context);
    const wanted = withChildren(before, ids);
    const now = await tips(context.repository);
    const pushed = await pushedTips(context, now);
    await rewrite(context, now, pushed, wanted);
    const after = new Set((await ownSessions(context)).map(({ meta }) => meta.id));
    const removed = wanted.map(({ meta }) => meta.id).filter((id) => !after.has(id));
    return { removed, pushed: wanted.map(({ meta }) => meta.id).filter((id) => after.has(id)) };
  });
}

/** Saves sessions again; the next capture reads them from the agents' stores. */
export async function stopIgnoring(context: Context, ids: readonly string[]): Promise<void> {
  await exclusively(context, 'ignore', undefined, async () => {
    await saveIgnoredSessions(
      context,
      ignoredSessions(context).filter((id) => !ids.includes(id)),
    );
    const state = CaptureState.open(context.place('state'));
    await state.forget(ids);
  });
}

/** What this clone captured: what others have is not its to rewrite. */
function ownSessions(context: Context): Promise<readonly Listed[]> {
  return listSessions(context, undefined, { own: true });
}

function withChildren(sessions: readonly Listed[], ids: readonly string[]): Listed[] {
  const wanted = new Set<string>(ids);
  // Parents stand before their children in a listing.
  for (const { meta } of sessions) if (meta.parent && wanted.has(meta.parent)) wanted.add(meta.id);
  return sessions.filter(({ meta }) => wanted.has(meta.id));
}

async function pushedTips(context: Context, { tracked }: Tips): Promise<{ ref: RefName; oid: ObjectId }[]> {
  const writer = await writerOf(context);
  const own = tracked.filter((tip) => tip.writer === writer);
  return own.map(({ kind, oid }) => ({ ref: refs[kind], oid }));
}

async function rewrite(
  context: Context,
  now: Tips,
  pushed: readonly { ref: RefName; oid: ObjectId }[],
  sessions: readonly Listed[],
): Promise<void> {
  if (sessions.length === 0) return;
  const { repository, redactor } = context;
  const who = await identity(repository);
  const ids = sessions.map(({ meta }) => meta.id);
  const state = CaptureState.open(context.place('state'));
  for (const [ref, folders] of [
    [refs.history, ids.map(sessionPath)],
    [refs.raw, ids.map(rawPath)],
  ] as const) {
    const tip = tipOf(now, ref);
    if (tip === undefined) continue;
    const keep = pushed.filter((other) => other.ref === ref).map(({ oid }) => oid);
    const message = redactor.text('A session was taken out on request\n');
    const moved = await forget(repository, { ref, tip, keep, folders, message }, who);
    if (ref === refs.history) await state.save(moved);
  }
}
