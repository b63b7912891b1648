import { SpecstoryError } from '../../core/errors.ts';
import { type ObjectId, type SessionId, sessionFolder } from '../../core/ids.ts';
import { exchangeFile, sessionPath } from '../../core/layout.ts';
import type { Exchange, Session } from '../../core/session.ts';
import { type Blobs, listTree, openBlobs, tips } from '../../git/read.ts';
import { parseExchange } from '../../markdown/parse.ts';
import { parseSession, parseSessionHead, type SessionFile, type SessionHead } from '../../markdown/session-file.ts';
import type { Context } from '../context.ts';

/** One session of a listing. */
export interface Listed extends SessionHead {
  /** Folder of the session in the tree of the history. */
  readonly path: string;
}

/** The sessions in the history, oldest first; sub-agent sessions stand behind their parent. A file that cannot be read is left out and told to `problem`. */
export async function listSessions(
  context: Context,
  problem: (path: string, thrown: unknown) => void = () => {},
): Promise<Listed[]> {
  const { history } = await tips(context.repository);
  if (history === undefined) return [];
  const files = await listTree(context.repository, history, ['sessions/']);
  const heads = files.filter(({ path }) => path.endsWith('/session.md'));
  const found = await withBlobs(context, (blobs) => Promise.all(heads.map((file) => headOf(blobs, file, problem))));
  return nested(found.filter((session) => session !== undefined));
}

async function headOf(
  blobs: Blobs,
  file: { path: string; oid: ObjectId },
  problem: (path: string, thrown: unknown) => void,
): Promise<Listed | undefined> {
  try {
    const text = await blobs.read(file.oid);
    return text && { ...parseSessionHead(text.toString('utf8')), path: file.path.slice(0, -'/session.md'.length) };
  } catch (thrown) {
    problem(file.path, thrown);
    return undefined;
  }
}

function nested(sessions: readonly Listed[]): Listed[] {
  const sorted = [...sessions].sort((a, b) => order(a).localeCompare(order(b)));
  const ids = new Set(sorted.map(({ meta }) => meta.id));
  const children = new Map<SessionId | undefined, Listed[]>();
  for (const session of sorted) {
    const { parent } = session.meta;
    const under = parent && parent !== session.meta.id && ids.has(parent) ? parent : undefined;
    children.set(under, [...(children.get(under) ?? []), session]);
  }
  const walk = (parent: SessionId | undefined): Listed[] =>
    (children.get(parent) ?? []).flatMap((session) => [session, ...walk(session.meta.id)]);
  return walk(undefined);
}

function order({ meta }: Listed): string {
  return `${meta.createdAt ?? ''} ${meta.id}`;
}

/** The session that a person means: its id, or the beginning of one id. Throws `not-found`, or `usage` when several begin so. */
export async function findSession(context: Context, name: string): Promise<Listed> {
  const all = await listSessions(context);
  const exact = all.find(({ meta }) => meta.id === name);
  if (exact) return exact;
  const matches = name === '' ? [] : all.filter(({ meta }) => meta.id.startsWith(name));
  const [only] = matches;
  if (only && matches.length === 1) return only;
  if (matches.length > 1) {
    const hint = `give more of it: ${matches
      .slice(0, 5)
      .map(({ meta }) => meta.id)
      .join(', ')}`;
    throw new SpecstoryError('usage', `${matches.length} sessions begin with '${name}'`, { hint });
  }
  throw new SpecstoryError('not-found', `no session '${name}' in the history`, {
    hint: 'specstory list shows what there is',
  });
}

/** A session of the history, whole, with the texts it is made of. Throws `not-found`. */
export async function readSession(
  context: Context,
  id: SessionId,
): Promise<{ file: SessionFile; session: Session; texts: string[] }> {
  const { history } = await tips(context.repository);
  return withBlobs(context, async (blobs) => {
    const folder = `${history}:${sessionPath(id)}`;
    const head = history && (await blobs.read(`${folder}/session.md`));
    if (!head) throw new SpecstoryError('not-found', `no session ${sessionFolder(id)} in the history`);
    const file = parseSession(head.toString('utf8'));
    const texts = await Promise.all(
      file.exchanges.map((entry) => textOf(blobs, `${folder}/${exchangeFile(entry.ordinal, entry.id)}`)),
    );
    const exchanges: Exchange[] = texts.map(parseExchange);
    return { file, session: { meta: file.meta, exchanges }, texts };
  });
}

async function textOf(blobs: Blobs, path: string): Promise<string> {
  const text = await blobs.read(path);
  if (text) return text.toString('utf8');
  throw new SpecstoryError('unavailable', `the history lacks ${path}`, { hint: 'git fsck tells what is damaged' });
}

async function withBlobs<T>(context: Context, work: (blobs: Blobs) => Promise<T>): Promise<T> {
  const blobs = openBlobs(context.repository);
  try {
    return await work(blobs);
  } finally {
    await blobs.close();
  }
}
