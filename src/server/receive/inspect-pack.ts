import { SpecstoryError } from '../../core/errors.ts';
import { type Commit, newCommits, newObjects, objectSizes } from '../../git/incoming.ts';
import { ObjectReader } from '../../git/object-reader.ts';
import type { PackIds } from '../../git/pack-index.ts';
import type { Repository } from '../../git/repository.ts';
import type { PushLimits } from './limits.ts';
import { TreeWalk } from './tree-walk.ts';

/** A push whose objects wait in a quarantine. */
export interface Incoming {
  /** The quarantine: its own objects, and those of the repository behind it. */
  readonly repository: Repository;
  /** What came; nothing when the push brought no objects. */
  readonly pack: PackIds | undefined;
  /** Where the refs shall be. */
  readonly tips: readonly string[];
  /** Where all refs of the repository are. */
  readonly known: readonly string[];
}

/** What is known of the new commits of a push. */
export interface Inspected {
  /** Commits by id: the new ones, and those they build on. */
  readonly commits: ReadonlyMap<string, Commit>;
  /** Objects that the new refs reach, that no ref reaches yet, and that did not come with the pack: they lay about in the repository. */
  readonly lying: readonly string[];
}

/** Bytes of a tree or commit. */
const largest: Readonly<Record<string, number>> = { tree: 8 << 20, commit: 1 << 20 };

/**
 * Looks at everything that came with a push before anything of it is read: kinds and sizes first, then every folder, then whether all is there.
 * Throws `unsupported` with the reason when the push is not to be taken.
 */
export async function inspectPack(incoming: Incoming, limits: PushLimits): Promise<Inspected> {
  try {
    return await inspect(incoming, limits);
  } catch (cause) {
    const isMissing = cause instanceof SpecstoryError && /object is missing/.test(cause.message);
    throw isMissing ? new SpecstoryError('unsupported', 'the pack lacks objects it needs', { cause }) : cause;
  }
}

async function inspect(incoming: Incoming, limits: PushLimits): Promise<Inspected> {
  const { repository, tips, known } = incoming;
  const trees = await checkSizes(incoming, limits);
  const commits = new Map<string, Commit>();
  for await (const commit of newCommits(repository, tips, known, limits.git)) commits.set(commit.oid, commit);
  await checkTrees(repository, commits, trees, limits);
  const lying: string[] = [];
  for await (const oid of newObjects(repository, tips, known, limits.git)) {
    if (!incoming.pack?.has(oid)) lying.push(oid);
  }
  return { commits, lying };
}

/** Gives the trees that came. */
async function checkSizes({ repository, pack }: Incoming, limits: PushLimits): Promise<Set<string>> {
  const trees = new Set<string>();
  let sum = 0;
  if (!pack) return trees;
  for await (const { oid, type, size } of objectSizes(repository, pack, limits.git)) {
    const most = type === 'blob' ? limits.blobBytes : largest[type];
    if (most === undefined) throw refused('a tag: a history has none');
    if (size > most) throw refused(`item_too_large: a ${named(type)} of ${size} bytes, at most ${most}`);
    sum += size;
    if (sum > limits.unpackedBytes)
      throw refused(`more than ${limits.unpackedBytes} bytes when unpacked: push less at once`);
    if (type === 'tree') trees.add(oid);
  }
  return trees;
}

async function checkTrees(
  repository: Repository,
  commits: ReadonlyMap<string, Commit>,
  trees: ReadonlySet<string>,
  limits: PushLimits,
): Promise<void> {
  const reader = new ObjectReader(repository);
  const walk = new TreeWalk(reader, limits);
  try {
    let changes = 0;
    for (const { tree, parents, isKnown } of commits.values()) {
      if (isKnown) continue;
      changes += await walk.root(tree, commits.get(parents[0] ?? '')?.tree);
      if (changes > limits.changes)
        throw refused(`more than ${limits.changes} changed files in one push: push less at once`);
    }
    // What no commit names lies in the pack all the same.
    for (const oid of trees) if (!walk.seen.has(oid)) await walk.entries(oid);
  } finally {
    await reader.close();
  }
}

function named(type: string): string {
  return type === 'blob' ? 'file' : type === 'tree' ? 'folder' : type;
}

function refused(why: string): SpecstoryError {
  return new SpecstoryError('unsupported', why);
}
