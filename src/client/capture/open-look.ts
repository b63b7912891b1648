import { FullLook } from './full-look.ts';
import type { Look } from './look.ts';
import { QuickLook } from './quick-look.ts';
import { recent } from './recent.ts';
import { readResting } from './resting-files.ts';

/** Milliseconds after which everything is looked at again, as if nothing were known: not every file system tells the times of its folders. */
const trusted = 3_600_000;

/** Opens a look at `now`. `awake` is the number of sources that never rest. */
export function openLook(folder: string, now: number, awake = recent.sources): Look {
  const resting = readResting(folder);
  const isFresh = resting !== undefined && resting.made <= now && now - resting.made < trusted;
  return isFresh ? new QuickLook(folder, awake, resting) : new FullLook(folder, now, awake);
}
