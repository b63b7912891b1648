/** How far a clock may be ahead of the next smaller one that is known: further is an attack or a fault. */
export const furthestJump = 2 ** 20;

/**
 * The greatest logical time that counts among these: from 0 upwards, each within `furthestJump` of the one below it. Everything
 * greater is refused. A function of the set alone: order and repetition do not matter, and what counts once goes on counting when more become known.
 */
export function greatestClock(clocks: Iterable<number>): number {
  let greatest = 0;
  for (const clock of [...clocks].filter(isClock).sort((a, b) => a - b)) {
    if (clock > greatest + furthestJump) break;
    greatest = clock;
  }
  return greatest;
}

/** Whether a number can be a logical time: whole, from 1, and such that JSON holds it exactly. */
export function isClock(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 1;
}
