import { type Annotation, parseAnnotation, parseAnnotationFile } from '../core/annotation.ts';
import type { ExchangeId, ObjectId, SessionId } from '../core/ids.ts';
import { parseExchangeFile, rawPath, sessionPath } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { filesEver } from './files-ever.ts';
import { forget } from './forget.ts';
import type { Identity } from './identity.ts';
import { type Blobs, openBlobs } from './read.ts';
import type { OurRef, RefMove } from './ref-moves.ts';
import type { Repository } from './repository.ts';

/** What has to go from every commit. */
export interface Doomed {
  readonly sessions: readonly SessionId[];
  /** Their exchanges, which may have copies in other sessions. */
  readonly exchanges: ReadonlySet<ExchangeId>;
}

/** A ref, and where it is. */
export interface Place {
  readonly ref: OurRef;
  readonly tip: ObjectId;
}

/** The refs of one writer. */
export interface WriterPlaces {
  readonly histories: readonly Place[];
  readonly raws: readonly Place[];
}

/** A ref that holds something of it, and which files of its commits do. */
interface Holding extends Place {
  readonly isDropped: (path: string, oid: string) => boolean;
}

type FileState = Awaited<ReturnType<typeof filesEver>>[number];

/** The message of commits that touched what was purged: theirs may tell what was in it. To be redacted as every text. */
export const purgedMessage = 'A session was purged on request\n';

/**
 * Rewrites the refs of a writer as if what is doomed had never been in them; gives the moves that were made. What comes of it depends on the commits and on what
 * is doomed alone: a clone and a server that rewrite the same commits get the same ones, so that the next push goes forward. The
 * caller has the repository to itself.
 */
export async function purgeRefs(
  repository: Repository,
  places: WriterPlaces,
  doomed: Doomed,
  { message, who }: { readonly message: Redacted<string>; readonly who: Identity },
): Promise<RefMove[]> {
  const moves: RefMove[] = [];
  for (const { ref, tip, isDropped } of await holdingRefs(repository, places, doomed)) {
    const to = await forget(repository, { ref, tip, keep: [], folders: [], also: isDropped, message }, who);
    if (to !== tip) moves.push({ ref, from: tip, to });
  }
  return moves;
}

/** The refs of a writer that have, or ever had, something of it: its original records first. */
export async function holdingRefs(
  repository: Repository,
  { histories, raws }: WriterPlaces,
  doomed: Doomed,
): Promise<Holding[]> {
  const blobs = openBlobs(repository);
  try {
    const found: Holding[] = [];
    const forks = new Set<string>();
    for (const place of histories) {
      const files = await filesEver(repository, place.tip);
      for (const fork of forksIn(files, doomed)) forks.add(fork);
      found.push({ ...place, ...(await inHistory(blobs, files, forks, doomed)) });
    }
    for (const place of raws) {
      const files = await filesEver(repository, place.tip);
      const folders = [...doomed.sessions.map(rawPath), ...[...forks].map((fork) => `raw/${fork}`)];
      found.unshift({ ...place, ...dropping(files, (path) => folders.some((folder) => isBelow(path, folder))) });
    }
    return found.filter((one) => 'holds' in one && one.holds);
  } finally {
    await blobs.close();
  }
}

/** Other sessions, as `<aa>/<folder>`, that ever had a copy of a doomed exchange. Their original records cannot be told apart, and go whole. */
export function forksIn(files: readonly Pick<FileState, 'path'>[], doomed: Doomed): string[] {
  const whole = new Set(doomed.sessions.map(sessionPath));
  const folders = files.filter(({ path }) => isDoomedExchange(path, doomed)).map(({ path }) => path.split('/'));
  const sessions = folders.map(([place, shard, folder]) => `${place}/${shard}/${folder}`);
  return [...new Set(sessions)]
    .filter((folder) => !whole.has(folder))
    .map((folder) => folder.slice('sessions/'.length));
}

async function inHistory(blobs: Blobs, files: readonly FileState[], forks: ReadonlySet<string>, doomed: Doomed) {
  const folders = doomed.sessions.map(sessionPath);
  const states = await telling(blobs, files, forks, doomed);
  return dropping(
    files,
    (path, oid) =>
      folders.some((folder) => isBelow(path, folder)) || isDoomedExchange(path, doomed) || states.has(`${oid} ${path}`),
  );
}

function dropping(files: readonly FileState[], isDropped: Holding['isDropped']) {
  return { isDropped, holds: files.some(({ path, oid }) => isDropped(path, oid)) };
}

/** States of files that tell of it: tables of contents of forks that name a doomed exchange, and what was said, but for its being deleted. */
async function telling(
  blobs: Blobs,
  files: readonly FileState[],
  forks: ReadonlySet<string>,
  doomed: Doomed,
): Promise<Set<string>> {
  const heads = new Set([...forks].map((fork) => `sessions/${fork}/session.md`));
  const shards = new Set([...doomed.sessions.map(sessionPath), ...heads].map((path) => path.split('/')[1]));
  const asked = files.filter(
    ({ path }) => heads.has(path) || (path.startsWith('annotations/') && shards.has(path.split('/')[1])),
  );
  const found = new Set<string>();
  let at = 0;
  for await (const content of blobs.readAll(asked.map(({ oid }) => oid))) {
    const { path, oid } = asked[at++] ?? { path: '', oid: '' };
    const text = content?.toString('utf8') ?? '';
    if (heads.has(path) ? namesDoomed(text, doomed) : isLabelOf(path, text, doomed)) found.add(`${oid} ${path}`);
  }
  return found;
}

function namesDoomed(head: string, { exchanges }: Doomed): boolean {
  return [...head.matchAll(/\(exchanges\/([^)]+)\)/g)].some(([, name = '']) => {
    const id = parseExchangeFile(name)?.id;
    return id !== undefined && exchanges.has(id);
  });
}

function isLabelOf(path: string, text: string, { sessions, exchanges }: Doomed): boolean {
  const writer = parseAnnotationFile(path)?.writer;
  const said: Annotation | string = writer === undefined ? '' : parseAnnotation(path, text, writer);
  if (typeof said === 'string' || said.statement.kind === 'deleted') return false;
  return sessions.includes(said.session) || (said.exchange !== undefined && exchanges.has(said.exchange));
}

/** Whether a path of the tree of `history` is a file of a doomed exchange, in whatever session. */
function isDoomedExchange(path: string, { exchanges }: Doomed): boolean {
  const file = /^sessions\/[0-9a-f]{2}\/[^/]+\/(exchanges\/[^/]+)$/.exec(path)?.[1];
  const id = file && parseExchangeFile(file)?.id;
  return id !== undefined && id !== '' && exchanges.has(id);
}

function isBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`);
}
