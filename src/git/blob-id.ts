import { createHash } from 'node:crypto';
import type { Repository } from './repository.ts';

/** The object id git gives to a file with this content. */
export function blobId(text: string, objectFormat: Repository['objectFormat']): string {
  const bytes = Buffer.from(text);
  return createHash(objectFormat).update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
