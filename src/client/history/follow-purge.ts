import { parseAnnotation, parseAnnotationFile } from '../../core/annotation.ts';
import type { ExchangeId, ObjectId, SessionId, WriterId } from '../../core/ids.ts';
import { parseExchangeFile, sessionPath } from '../../core/layout.ts';
import { filesEver } from '../../git/files-ever.ts';
import { type Doomed, forksIn } from '../../git/purge-refs.ts';
import { type Blobs, openBlobs, type Tips } from '../../git/read.ts';
import { readTombstones } from '../annotate/tombstones.ts';
import { CaptureState } from '../capture/state.ts';
import type { Context } from '../context.ts';
import { divergences } from './divergence.ts';
import { rewriteOwn } from './rewrite-own.ts';

/**
 * Takes out of this clone's refs what a remote purged from its copies of them: sessions that are deleted for ever, that are here and not there any more. A purge rewrites
 * the same commits into the same ones wherever it is done, so that what is unsent goes forward from there. Gives the sessions. The
 * caller holds the lock.
 */
export async function followPurge(context: Context, now: Tips, writer: WriterId): Promise<readonly SessionId[]> {
  const { history } = now;
  const [copy] = await divergences(context, now, writer);
  if (history === undefined || copy === undefined) return [];
  const { doomed, forks } = await purgedFrom(context, history, copy.oid);
  if (doomed.sessions.length === 0 && doomed.exchanges.size === 0) return [];
  await rewriteOwn(context, now, doomed);
  // The next capture reads these sources whole, and meets the tombstones.
  await CaptureState.open(context.place('state')).forget([...doomed.sessions, ...forks]);
  return doomed.sessions;
}

async function purgedFrom(context: Context, here: ObjectId, there: ObjectId) {
  const tombstones = await readTombstones(context);
  const blobs = openBlobs(context.repository);
  try {
    const [own, copy] = [await subjectsIn(context, blobs, here), await subjectsIn(context, blobs, there)];
    const isGone = (subject: string): boolean => own.subjects.has(subject) && !copy.subjects.has(subject);
    const sessions = [...tombstones.sessions].filter((id) => isGone(id) || isGone(sessionPath(id)));
    const exchanges: ReadonlySet<ExchangeId> = new Set([...tombstones.exchanges].filter(isGone));
    const doomed: Doomed = { sessions, exchanges };
    const folders = new Set(forksIn(own.files, doomed).map((fork) => `sessions/${fork}`));
    const forks = [...tombstones.parts, ...tombstones.sessions].filter((id) => folders.has(sessionPath(id)));
    return { doomed, forks };
  } finally {
    await blobs.close();
  }
}

/** What the files behind a tip are of, or say something about: folders of sessions, ids of sessions and of exchanges. */
async function subjectsIn({ repository }: Context, blobs: Blobs, tip: ObjectId) {
  const files = await filesEver(repository, tip);
  const subjects = new Set<string>();
  for (const { path } of files) {
    const parts = path.split('/');
    if (parts[0] === 'sessions') subjects.add(parts.slice(0, 3).join('/'));
    const exchange = parts[3] === 'exchanges' ? parseExchangeFile(parts[4] ?? '')?.id : undefined;
    if (exchange) subjects.add(exchange);
  }
  const said = files.filter(({ path }) => path.startsWith('annotations/'));
  let at = 0;
  for await (const content of blobs.readAll(said.map(({ oid }) => oid))) {
    const { path } = said[at++] ?? { path: '' };
    const writer = parseAnnotationFile(path)?.writer;
    const annotation = writer && parseAnnotation(path, content?.toString('utf8') ?? '', writer);
    if (!annotation || typeof annotation === 'string' || annotation.statement.kind === 'deleted') continue;
    subjects.add(annotation.session);
    if (annotation.exchange) subjects.add(annotation.exchange);
  }
  return { files, subjects };
}
