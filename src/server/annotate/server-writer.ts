import { digest, isWriterId, type WriterId } from '../../core/ids.ts';

/**
 * The writer under which the server writes into a project: made from the project's key, so that it is kept wherever the project is. No account has it, and nobody can
 * push to it.
 */
export function serverWriter(project: string): WriterId {
  const id = digest(`the server in ${project}`).slice(0, 16);
  if (isWriterId(id)) return id;
  throw new RangeError('a digest is hex');
}
