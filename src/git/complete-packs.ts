import { packObjects } from './pack-objects.ts';
import type { RefMove } from './ref-moves.ts';
import type { Scratch } from './scratch.ts';

/**
 * The folder with the packs of a finished import, on which the refs may be moved. fast-import leaves out what it finds in any pack, reachable
 * or not, and a `git gc` at the same moment may drop an unreachable one. Only when it reports such a find (or says nothing we
 * understand) is the pack made again: then it has all that the refs did not reach where they were.
 */
export async function completePacks(
  scratch: Scratch,
  report: string,
  moves: readonly Pick<RefMove, 'from' | 'to'>[],
): Promise<string> {
  if (/^Total objects: +\d+ \( +0 duplicates/m.test(report)) return scratch.packs;
  const wanted = moves.map(({ to }) => `${to}\n`);
  const there = moves.map(({ from }) => (from ? `^${from}\n` : ''));
  return packObjects(scratch, '--revs', [...wanted, ...there].join(''));
}
