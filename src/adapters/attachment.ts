import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Part } from '../core/session.ts';
import { storable } from '../core/text.ts';

/** Characters of Base64 beyond which hashing would cost more than it tells. */
const hashLimit = 16 << 20;

/** What is known of something attached. */
export interface Attached {
  readonly name?: string | undefined;
  readonly mime?: string | undefined;
  /** The content, or its Base64 (with or without `data:` in front): measured and hashed, never kept. */
  readonly content?: Uint8Array | string | undefined;
}

/** An attachment part: name, type, size and hash of the content, without the content. */
export function attachment({ name, mime, content }: Attached): Part {
  const bytes = typeof content === 'string' ? fromBase64(content) : content;
  return {
    kind: 'attachment',
    ...(name ? { name: storable(name) } : {}),
    ...(mime ? { mime: storable(mime) } : {}),
    ...(bytes ? { bytes: bytes.length, sha256: bytesToHex(sha256(bytes)) } : {}),
  };
}

/** The bytes behind Base64; `undefined` for what is not Base64 or too long to be worth it. */
function fromBase64(text: string): Uint8Array | undefined {
  if (text.length > hashLimit) return undefined;
  try {
    const content = atob(text.replace(/^data:[^,]*,/, ''));
    const bytes = new Uint8Array(content.length);
    // A loop: `Uint8Array.from` with a function takes forty times as long.
    for (let at = 0; at < bytes.length; at++) bytes[at] = content.charCodeAt(at);
    return bytes;
  } catch {
    return undefined;
  }
}
