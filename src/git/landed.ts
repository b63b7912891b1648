import { SpecstoryError } from '../core/errors.ts';
import type { ObjectId } from '../core/ids.ts';
import type { OurRef } from './ref-moves.ts';
import type { Scratch } from './scratch.ts';

/** Where a ref stands after an import into a scratch folder. Throws `unavailable` when it cannot be read. */
export function landed(scratch: Scratch, ref: OurRef): ObjectId {
  const tip = scratch.tip(ref);
  if (tip) return tip;
  const hint = 'check that the disk is neither full nor failing, then try again';
  throw new SpecstoryError('unavailable', `cannot read ${ref} after an import`, { hint });
}
