import type { SessionId } from '../../core/ids.ts';
import { type Tips, tips } from '../../git/read.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { pointPushes } from '../remote/point-pushes.ts';
import { followPurge } from './follow-purge.ts';
import { type Mended, settleClone } from './mend-copy.ts';
import { isNews, noteFetched, type Rollback } from './rollbacks.ts';

/** How the histories stand once nothing about them is in doubt. */
export interface Settled {
  readonly now: Tips;
  /** Set when this repository turned out to be a copy of another clone, and was made a writer of its own. */
  readonly mended: Mended | undefined;
  /** Sessions that were purged from this clone's refs on a remote, and taken out here as well. */
  readonly followed: readonly SessionId[];
  /** What remotes took back since the last time; it is kept here. */
  readonly rollbacks: readonly Rollback[];
}

/**
 * Looks at what may have happened to the histories behind our back: a copied clone becomes a writer of its own, and what a remote took back is kept. To be
 * done before something is written on top of them, and when something was fetched. The caller holds the lock.
 */
export async function settleHistory(context: Context): Promise<Settled> {
  const found = await tips(context.repository);
  const writer = await writerOf(context);
  const followed = isNews(context, found, writer) ? await followPurge(context, found, writer) : [];
  const before = followed.length > 0 ? await tips(context.repository) : found;
  const mended = await settleClone(context, before);
  if (mended) await pointPushes(context, mended);
  const now = mended ? await tips(context.repository) : before;
  return { now, mended, followed, rollbacks: await noteFetched(context, now) };
}
