import { SpecstoryError } from '../../core/errors.ts';
import { packObjects } from '../../git/pack-objects.ts';
import { adoptPacks, releasePacks } from '../../git/packs.ts';
import { moveRefs, removeStaleLocks } from '../../git/ref-moves.ts';
import type { Repository } from '../../git/repository.ts';
import type { Scratch } from '../../git/scratch.ts';
import { writerTips } from '../../git/writer-ref.ts';
import { serverIdentity } from '../repositories/server-identity.ts';
import { stale } from './authorise.ts';
import type { Decisions, Move } from './decision.ts';

/**
 * Moves the objects of a push into the repository, then its refs, in one transaction: they are on the disk when this returns. The caller has the
 * repository to itself. A ref that moved since the decision is refused; nobody else moves refs meanwhile.
 */
export async function land(
  repository: Repository,
  quarantine: Scratch,
  lying: readonly string[],
  decisions: Decisions,
): Promise<void> {
  const now = new Map<string, string>((await writerTips(repository)).map(({ ref, oid }) => [ref, oid]));
  for (const { ref, from, isDone } of decisions.moves()) {
    if (!isDone && now.get(ref) !== from) decisions.refuse(ref, stale);
  }
  const moves = decisions.moves().filter(({ isDone }) => !isDone);
  if (moves.length === 0) return;
  // A gc may drop what lies about unreachable at any moment, unless it comes along.
  const more = lying.length > 0 ? await packObjects(quarantine, 'ids', lying.map((oid) => `${oid}\n`).join('')) : '';
  await adoptPacks(repository, quarantine.packs);
  if (more !== '') await adoptPacks(repository, more);
  await move(repository, moves);
  letGo(repository);
}

/** The refs were moved, and that is what counts: packs that stay kept are let go of by the next push, or the next start. */
function letGo(repository: Repository): void {
  try {
    releasePacks(repository);
  } catch {
    // They are only kept.
  }
}

/** The records come first: what a history says of them must be true at any moment. */
async function move(repository: Repository, moves: readonly Move[]): Promise<void> {
  const order = [...moves.filter(({ kind }) => kind === 'raw'), ...moves.filter(({ kind }) => kind === 'history')];
  try {
    await moveRefs(repository, order, serverIdentity);
  } catch (thrown) {
    if (!(thrown instanceof SpecstoryError && thrown.kind === 'conflict')) throw thrown;
    // We alone move refs here: what is in the way is a lock that a crash left.
    await removeStaleLocks(
      repository,
      order.map(({ ref }) => ref),
    );
    await moveRefs(repository, order, serverIdentity);
  }
}
