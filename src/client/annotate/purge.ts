import { annotationPath } from '../../core/annotation.ts';
import type { ExchangeId, ObjectId, SessionId } from '../../core/ids.ts';
import { parseExchangeFile, type RefName, rawPath, refs, sessionPath } from '../../core/layout.ts';
import { expireReflogs } from '../../git/expire.ts';
import { forget } from '../../git/forget.ts';
import { identity } from '../../git/identity.ts';
import { pathsEver } from '../../git/paths-ever.ts';
import { type Blobs, openBlobs, type Tips, tips } from '../../git/read.ts';
import { exclusively } from '../capture/capture.ts';
import { tipOf } from '../capture/desk.ts';
import { CaptureState } from '../capture/state.ts';
import { writerOf } from '../capture/writer.ts';
import type { Context } from '../context.ts';
import { expectReplacement } from '../history/divergence.ts';
import { withHistory } from '../history/open-history.ts';
import { deleteUnderLock } from './delete.ts';

export interface PurgeReport {
  /** The sessions that are gone from this clone's refs, sub-agents included. */
  readonly purged: readonly SessionId[];
  /** Refs of this clone that were rewritten. A remote that has them takes no push of them before it was purged as well. */
  readonly rewritten: readonly RefName[];
  /** Copies of refs of remotes that still hold something of them: `<remote>/<writer>/history` or `…/raw`. */
  readonly remains: readonly string[];
  /** Remotes that have had it. Other clones that fetched from them have it too. */
  readonly remotes: readonly string[];
}

/** What has to go from every commit. */
interface Doomed {
  readonly sessions: readonly SessionId[];
  readonly exchanges: ReadonlySet<ExchangeId>;
  /** What was said of the sessions, by paths, but for their being deleted. */
  readonly labels: readonly string[];
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
    const blobs = openBlobs(context.repository);
    try {
      const rewritten = await rewrite(context, before, blobs, doomed);
      const remains = await remainsOf(context, before, blobs, doomed);
      const remotes = [...new Set(remains.map((ref) => ref.replace(/\/[0-9a-f]{16}\/(?:history|raw)$/, '')))];
      return { purged, rewritten, remains, remotes };
    } finally {
      await blobs.close();
    }
  });
}

/** Deletes what is not deleted yet. Gives the ids, with those of sub-agents. */
async function deleteAll(context: Context, ids: readonly SessionId[]): Promise<SessionId[]> {
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

async function doomedOf(context: Context, sessions: readonly SessionId[]): Promise<Doomed> {
  return withHistory(context, async ({ trees }) => {
    const about = trees.flatMap(({ annotations }) => annotations).filter(({ session }) => sessions.includes(session));
    const exchanges = about.flatMap(({ statement }) => (statement.kind === 'deleted' ? statement.exchanges : []));
    const labels = about.filter(({ statement }) => statement.kind !== 'deleted').map(annotationPath);
    return { sessions, exchanges: new Set(exchanges), labels };
  });
}

async function rewrite(context: Context, before: Tips, blobs: Blobs, doomed: Doomed): Promise<RefName[]> {
  const { repository, redactor } = context;
  if (before.history === undefined) return [];
  const forks = await forksIn(context, before.history, doomed);
  const contents = await contentsOf(blobs, before.history, forks);
  const also = (path: string, oid: string): boolean =>
    isDoomed(path, doomed) || (contents.has(path) && oid !== '' && oid !== contents.get(path));
  const message = redactor.text('A session was purged on request\n');
  const who = await identity(repository);
  await expectReplacement(context, before);
  const state = CaptureState.open(context.place('state'));
  const rewritten: RefName[] = [];
  for (const { ref, folders } of [
    { ref: refs.raw, folders: [...doomed.sessions.map(rawPath), ...forks.map((fork) => `raw/${fork}`)] },
    { ref: refs.history, folders: [...doomed.sessions.map(sessionPath), ...doomed.labels] },
  ]) {
    const tip = tipOf(before, ref);
    if (tip === undefined) continue;
    const moved = await forget(repository, { ref, tip, keep: [], folders, also, message }, who);
    if (moved !== tip) rewritten.push(ref);
    if (ref === refs.history && state.tip !== '') await state.save(moved);
  }
  await expireReflogs(repository, rewritten);
  return rewritten;
}

/** Whether a path of the tree of `history` is a file of a doomed exchange, in whatever session. */
function isDoomed(path: string, { exchanges }: Doomed): boolean {
  const file = /^sessions\/[0-9a-f]{2}\/[^/]+\/(exchanges\/[^/]+)$/.exec(path)?.[1];
  const id = file && parseExchangeFile(file)?.id;
  return id !== undefined && id !== '' && exchanges.has(id);
}

/** Other sessions, as `<aa>/<folder>`, that ever had a copy of a doomed exchange. */
async function forksIn(context: Context, tip: ObjectId, doomed: Doomed): Promise<string[]> {
  const paths = await pathsEver(context.repository, tip);
  const folders = paths.filter((path) => isDoomed(path, doomed)).map((path) => path.split('/').slice(1, 3).join('/'));
  const whole = new Set(doomed.sessions.map((id) => sessionPath(id).slice('sessions/'.length)));
  return [...new Set(folders)].filter((folder) => !whole.has(folder));
}

/** The tables of contents of such sessions as they are now. Earlier states tell what was asked, and go. */
async function contentsOf(blobs: Blobs, tip: ObjectId, forks: readonly string[]): Promise<Map<string, string>> {
  const found = new Map<string, string>();
  for (const fork of forks) {
    const path = `sessions/${fork}/session.md`;
    found.set(path, (await blobs.id(`${tip}:${path}`)) ?? '');
  }
  return found;
}

/** Which refs that were fetched, or that show what was pushed, have something of it at their tips. */
async function remainsOf(context: Context, { tracked }: Tips, blobs: Blobs, doomed: Doomed): Promise<string[]> {
  const places = { history: doomed.sessions.map(sessionPath), raw: doomed.sessions.map(rawPath) };
  const holders = await withHistory(context, async ({ trees }) =>
    trees.flatMap(({ copies }) =>
      copies.filter(({ entries }) => entries.some(({ id }) => doomed.exchanges.has(id))).map(({ tip }) => tip.oid),
    ),
  );
  const own = await writerOf(context);
  const found = await Promise.all(
    tracked.map(async ({ remote, writer, kind, oid }) => {
      const ids = await Promise.all(places[kind].map((path) => blobs.id(`${oid}:${path}`)));
      const has = ids.some((id) => id !== undefined) || holders.includes(oid);
      // Of our own we cannot see at the tip what earlier commits of it have.
      return has || writer === own ? [`${remote}/${writer}/${kind}`] : [];
    }),
  );
  return found.flat().sort();
}
