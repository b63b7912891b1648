import { type Tips, tips } from '../../git/read.ts';
import type { Context } from '../context.ts';
import { pointPushes } from '../remote/point-pushes.ts';
import { type Mended, settleClone } from './mend-copy.ts';
import { noteFetched, type Rollback } from './rollbacks.ts';

/** How the histories stand once nothing about them is in doubt. */
export interface Settled {
  readonly now: Tips;
  /** Set when this repository turned out to be a copy of another clone, and was made a writer of its own. */
  readonly mended: Mended | undefined;
  /** What remotes took back since the last time; it is kept here. */
  readonly rollbacks: readonly Rollback[];
}

/**
 * Looks at what may have happened to the histories behind our back: a copied clone becomes a writer of its own, and what a remote took back is kept. To be
 * done before something is written on top of them, and when something was fetched. The caller holds the lock.
 */
export async function settleHistory(context: Context): Promise<Settled> {
  const before = await tips(context.repository);
  const mended = await settleClone(context, before);
  if (mended) await pointPushes(context, mended);
  const now = mended ? await tips(context.repository) : before;
  return { now, mended, rollbacks: await noteFetched(context, now) };
}
