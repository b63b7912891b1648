import { isObjectId, type ObjectId } from '../core/ids.ts';
import { gitRecords } from './git-records.ts';
import type { Limits } from './limits.ts';
import type { Repository } from './repository.ts';
import { placeOf } from './run.ts';

interface ObjectSize {
  readonly oid: ObjectId;
  readonly type: string;
  /** Bytes when it is unpacked. */
  readonly size: number;
}

/** Type and size of objects, by one `cat-file` that reads no content. Objects that are not there are left out. */
export async function* objectSizes(
  repository: Repository,
  ids: Iterable<string>,
  limits: Limits,
): AsyncGenerator<ObjectSize> {
  const args = ['cat-file', '--batch-check', '--buffer'];
  for await (const line of gitRecords(args, placeOf(repository), { separator: '\n', input: onLines(ids), limits })) {
    const [oid = '', type = '', size] = line.split(' ');
    if (size !== undefined && isObjectId(oid)) yield { oid, type, size: Number(size) };
  }
}

export interface Commit {
  readonly oid: string;
  readonly tree: string;
  readonly parents: readonly string[];
  /** The repository has it already; it is here because it is the parent of a new one. */
  readonly isKnown: boolean;
}

/** The commits that `tips` reach and `known` do not, parents first, and the known commits they build on, by one `rev-list`. */
export async function* newCommits(
  repository: Repository,
  tips: readonly string[],
  known: readonly string[],
  limits: Limits,
): AsyncGenerator<Commit> {
  const args = ['rev-list', '--topo-order', '--reverse', '--boundary', '--no-commit-header', '--format=%m %H %T %P'];
  const options = { separator: '\n', input: revisions(tips, known), limits } as const;
  for await (const line of gitRecords([...args, '--stdin'], placeOf(repository), options)) {
    const [mark, oid = '', tree = '', ...parents] = line.trim().split(' ');
    if (isObjectId(oid)) yield { oid, tree, parents, isKnown: mark === '-' };
  }
}

/** Every object that `tips` reach and `known` do not, by one `rev-list`. Throws when one of them is missing. */
export async function* newObjects(
  repository: Repository,
  tips: readonly string[],
  known: readonly string[],
  limits: Limits,
): AsyncGenerator<string> {
  const options = { separator: '\n', input: revisions(tips, known), limits } as const;
  for await (const line of gitRecords(['rev-list', '--objects', '--stdin'], placeOf(repository), options)) {
    yield line.split(' ', 1)[0] ?? '';
  }
}

function* onLines(words: Iterable<string>): Generator<string> {
  for (const word of words) yield `${word}\n`;
}

function* revisions(tips: readonly string[], known: readonly string[]): Generator<string> {
  yield* onLines(tips);
  for (const oid of known) yield `^${oid}\n`;
}
