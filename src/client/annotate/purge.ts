import type { SessionId } from '../../core/ids.ts';
import { refs } from '../../core/layout.ts';
import { type Doomed, holdingRefs } from '../../git/purge-refs.ts';
import { type Tips, tips } from '../../git/read.ts';
import { exclusively } from '../capture/capture.ts';
import type { Context } from '../context.ts';
import { expectReplacement } from '../history/divergence.ts';
import { withHistory } from '../history/open-history.ts';
import { rewriteOwn } from '../history/rewrite-own.ts';
import { deleteUnderLock } from './delete.ts';

export interface PurgeReport {
  /** The sessions that are gone from this clone's refs, sub-agents included. */
  readonly purged: readonly SessionId[];
  /** Refs of this clone that were rewritten. A remote that has them takes no push of them before it was purged as well. */
  readonly rewritten: readonly string[];
  /** Copies of refs of remotes that still hold something of them: `<remote>/<writer>/history` or `…/raw`. */
  readonly remains: readonly string[];
  /** Remotes that have had it. Other clones that fetched from them have it too. */
  readonly remotes: readonly string[];
}

/**
 * Takes sessions out of every commit of this clone's refs, pushed or not, as if they had never been captured, and copies of their exchanges in other sessions with
 * them; that they are deleted stays said. Everything else stays as it is, byte for byte, but for the original records of sessions with such
 * copies, which cannot be told apart. git removes the old objects with `git gc --prune=now`. Sessions that were deleted before can be purged as well.
 */
export async function purgeLocally(context: Context, ids: readonly SessionId[]): Promise<PurgeReport> {
  return exclusively(context, 'purge', undefined, async () => {
    const purged = await deleteAll(context, ids);
    const doomed = await doomedOf(context, purged);
    const before = await tips(context.repository);
    await expectReplacement(context, before);
    const moves = await rewriteOwn(context, before, doomed);
    return { purged, rewritten: moves.map(({ ref }) => ref), ...(await remainsNow(context, doomed)) };
  });
}

/** What copies of refs of remotes still hold of what was purged. */
export async function remainsNow(context: Context, doomed: Doomed): Promise<Pick<PurgeReport, 'remains' | 'remotes'>> {
  const remains = await remainsOf(context, await tips(context.repository), doomed);
  const remotes = [...new Set(remains.map((ref) => ref.replace(/\/[0-9a-f]{16}\/(?:history|raw)$/, '')))];
  return { remains, remotes };
}

/** Deletes what is not deleted yet. Gives the ids, with those of sub-agents. The caller holds the lock. */
export async function deleteAll(context: Context, ids: readonly SessionId[]): Promise<SessionId[]> {
  const listed = await withHistory(context, async ({ sessions }) => new Set(sessions.map(({ meta }) => meta.id)));
  const gone = new Set(ids);
  for (const id of ids) {
    if (!listed.has(id)) continue;
    const { sessions } = await deleteUnderLock(context, { session: id });
    for (const one of sessions) {
      gone.add(one);
      listed.delete(one);
    }
  }
  return [...gone];
}

/** What goes with sessions that are deleted: their exchanges, as the statements about them name them. */
export async function doomedOf(context: Context, sessions: readonly SessionId[]): Promise<Doomed> {
  return withHistory(context, async ({ trees }) => {
    const about = trees.flatMap(({ annotations }) => annotations).filter(({ session }) => sessions.includes(session));
    const exchanges = about.flatMap(({ statement }) => (statement.kind === 'deleted' ? statement.exchanges : []));
    return { sessions, exchanges: new Set(exchanges) };
  });
}

/** Which refs that were fetched, or that show what was pushed, ever had something of it. */
async function remainsOf({ repository }: Context, { tracked }: Tips, doomed: Doomed): Promise<string[]> {
  const found = new Set<string>();
  const fetched = tracked.filter(({ remote }) => remote !== '');
  for (const name of new Set(fetched.map(({ remote, writer }) => `${remote}/${writer}`))) {
    const of = (wanted: keyof typeof refs) =>
      fetched
        .filter(({ remote, writer, kind }) => `${remote}/${writer}` === name && kind === wanted)
        .map(({ oid }) => ({ ref: refs[wanted], tip: oid }));
    const places = { histories: of('history'), raws: of('raw') };
    for (const { ref } of await holdingRefs(repository, places, doomed)) {
      found.add(`${name}/${ref === refs.raw ? 'raw' : 'history'}`);
    }
  }
  return [...found].sort();
}
