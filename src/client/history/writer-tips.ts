import { reason } from '../../core/errors.ts';
import type { ObjectId, WriterId } from '../../core/ids.ts';
import { printable } from '../../core/text.ts';
import { independent } from '../../git/independent.ts';
import type { Commit, Objects } from '../../git/objects.ts';
import { type Tips, tips } from '../../git/read.ts';
import { knownWriter, mintWriter, writerOfHistory } from '../capture/writer.ts';
import type { Context } from '../context.ts';

/** Where the history of one writer stands, as far as it is known here. */
export interface WriterTip {
  readonly writer: WriterId;
  readonly oid: ObjectId;
  readonly tree: ObjectId;
  /** Who made its last commit, `Name <email>`. */
  readonly author: string;
  /** What this clone captured, or a remote's copy of that. */
  readonly isOwn: boolean;
}

/** Something in a history that was passed over. */
export interface Problem {
  /** A path in a writer's tree, or the writer. */
  readonly path: string;
  readonly reason: string;
}

/** The tips that count. A writer has several when copies of its history contradict each other. */
export interface WriterTips {
  readonly tips: readonly WriterTip[];
  readonly problems: readonly Problem[];
}

type Candidate = Pick<WriterTip, 'writer' | 'oid'>;

/**
 * The tips of this clone's history and of what was fetched. Of several copies of one writer's history those count that lie behind no other: a
 * remote that is behind takes nothing away. Two git processes, and one more when there are such copies.
 */
export async function writerTips(context: Context, objects: Objects): Promise<WriterTips> {
  const now = await tips(context.repository);
  const problems: Problem[] = [];
  const own = await ownWriter(context, problems);
  const candidates = candidatesOf(now, own);
  const commits = await Promise.all(candidates.map(({ oid }) => objects.commit(oid).catch(() => undefined)));
  const found: WriterTip[] = [];
  for (const [index, candidate] of candidates.entries()) {
    const commit = commits[index];
    if (commit) found.push({ ...candidate, ...about(commit), isOwn: candidate.writer === own });
    else problems.push({ path: candidate.writer, reason: `${candidate.oid} is no commit, or not there` });
  }
  try {
    return { tips: await leading(context, found), problems };
  } catch (thrown) {
    return { tips: found, problems: [...problems, { path: 'refs/specstory', reason: reason(thrown) }] };
  }
}

/** Without a writer's name, or with a damaged one, the history can still be read: under a name for the moment. */
async function ownWriter(context: Context, problems: Problem[]): Promise<WriterId> {
  try {
    return (await knownWriter(context)) ?? mintWriter();
  } catch (thrown) {
    problems.push({ path: context.place('writer'), reason: reason(thrown) });
    return (await writerOfHistory(context.repository)) ?? mintWriter();
  }
}

function about({ tree, author }: Commit): Pick<WriterTip, 'tree' | 'author'> {
  return { tree, author: printable(author).replace(/\s+/g, ' ').slice(0, 200) };
}

function candidatesOf(now: Tips, own: WriterId): Candidate[] {
  const found = new Map<string, Candidate>();
  const add = (writer: WriterId, oid: ObjectId) => found.set(`${writer} ${oid}`, { writer, oid });
  if (now.history) add(own, now.history);
  for (const { writer, oid, kind } of now.tracked) if (kind === 'history') add(writer, oid);
  return [...found.values()];
}

async function leading(context: Context, found: readonly WriterTip[]): Promise<WriterTip[]> {
  const numbers = new Map<WriterId, number>();
  for (const { writer } of found) numbers.set(writer, (numbers.get(writer) ?? 0) + 1);
  const several = found.filter(({ writer }) => numbers.get(writer) !== 1);
  const ahead = new Set(
    await independent(
      context.repository,
      several.map(({ oid }) => oid),
    ),
  );
  return found.filter((tip) => !several.includes(tip) || ahead.has(tip.oid));
}
