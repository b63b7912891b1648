import { reason, SpecstoryError } from '../core/errors.ts';
import { kindOf } from './host.ts';

/** The error for something that could not be written at `path`; one of ours stays as it is. */
export function writeError(path: string, cause: unknown): SpecstoryError {
  if (cause instanceof SpecstoryError) return cause;
  const full = cause instanceof Error && 'code' in cause && (cause.code === 'ENOSPC' || cause.code === 'EDQUOT');
  const hint = full ? 'free some space and try again' : 'check who owns it and its folder';
  return new SpecstoryError(kindOf(cause), `cannot write ${path}: ${reason(cause)}`, { hint, cause });
}
