import { createHash, type Hash } from 'node:crypto';
import type { Repository } from './repository.ts';

/** The object id git gives to a file whose content is these texts. */
export function blobId(content: readonly string[], objectFormat: Repository['objectFormat']): string {
  return hashOf(content, createHash(objectFormat).update(`blob ${bytesOf(content)}\0`));
}

/** The bytes of these texts together. */
export function bytesOf(content: readonly string[]): number {
  return content.reduce((sum, text) => sum + Buffer.byteLength(text), 0);
}

/** The hex of a hash over these texts. */
export function hashOf(content: readonly string[], hash: Hash): string {
  for (const text of content) hash.update(text);
  return hash.digest('hex');
}
