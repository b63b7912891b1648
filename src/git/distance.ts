import { createInterface } from 'node:readline';
import type { ObjectId } from '../core/ids.ts';
import { gitError } from './errors.ts';
import type { Repository } from './repository.ts';
import { placeOf, runGit, startGit } from './run.ts';

/** Commits between two sets of tips: reachable from `to` and not from `from`. */
interface Span {
  readonly to: readonly ObjectId[];
  readonly from: readonly ObjectId[];
}

/** What git may map of the packs at once: what it reads counts as its memory, and all of a large history otherwise stays mapped. */
const config = ['core.packedGitWindowSize=16m', 'core.packedGitLimit=64m'];

const revisions = ({ to, from }: Span): string => [...to, ...from.map((oid) => `^${oid}`), ''].join('\n');

/** The number of commits in a span, by one process; none when both ends are the same. */
export async function countCommits(repository: Repository, span: Span): Promise<number> {
  if (span.to.every((oid) => span.from.includes(oid))) return 0;
  const output = await runGit(['rev-list', '--count', '--stdin'], {
    ...placeOf(repository),
    config,
    input: revisions(span),
  });
  return Number(output.toString('utf8').trim());
}

/**
 * The folders of the sessions (`sessions/<aa>/<session>`) that the commits of a span touched, by one process. Cost follows what is
 * new; nothing is held but the names.
 */
export async function changedSessions(repository: Repository, span: Span): Promise<ReadonlySet<string>> {
  const folders = new Set<string>();
  if (span.to.every((oid) => span.from.includes(oid))) return folders;
  const args = ['log', '--format=', '--name-only', '--no-renames', '--root', '--stdin', '--', 'sessions'];
  const child = await startGit(args, { ...placeOf(repository), config });
  child.stdin.end(revisions(span));
  for await (const line of createInterface({ input: child.stdout, crlfDelay: Number.POSITIVE_INFINITY })) {
    const folder = /^(sessions\/[0-9a-f]{2}\/[A-Za-z0-9._-]+)\//.exec(line)?.[1];
    if (folder) folders.add(folder);
  }
  const ending = await child.ended;
  if (ending.code !== 0) throw gitError(args, repository.root, { ...ending, stderr: child.stderr() });
  return folders;
}

/** When a commit was made, in milliseconds since 1970. */
export async function commitTime(repository: Repository, commit: ObjectId): Promise<number> {
  const output = await runGit(['log', '-1', '--format=%ct', '--end-of-options', commit], placeOf(repository));
  return Number(output.toString('utf8').trim()) * 1000;
}
