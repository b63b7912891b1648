import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import { parseJson } from '../../core/json.ts';

const pairSchema = z.strictObject({
  access_token: z.string(),
  refresh_token: z.string(),
  /** When the access token expires. */
  expires_at: z.string(),
  /** The name of the account. */
  name: z.string(),
});

/** What a sign-in or a refresh gives, in the words of the protocol. */
export type TokenPair = z.infer<typeof pairSchema>;

/**
 * A pair of tokens as it may be stored for the moment in which a client may ask again: only who holds the refresh token before it can
 * open it, so that the database alone gives no token away.
 */
export function seal(pair: TokenPair, holder: string): string {
  const nonce = randomBytes(12);
  const cipher = createCipheriv('aes-256-gcm', keyOf(holder), nonce);
  const bytes = Buffer.concat([nonce, cipher.update(JSON.stringify(pair)), cipher.final(), cipher.getAuthTag()]);
  return bytes.toString('base64url');
}

/** The pair that `seal` made for the same holder. Throws `bug` for another one. */
export function unseal(sealed: string, holder: string): TokenPair {
  const bytes = Buffer.from(sealed, 'base64url');
  const decipher = createDecipheriv('aes-256-gcm', keyOf(holder), bytes.subarray(0, 12));
  try {
    decipher.setAuthTag(bytes.subarray(-16));
    const text = Buffer.concat([decipher.update(bytes.subarray(12, -16)), decipher.final()]).toString();
    return pairSchema.parse(parseJson(text));
  } catch (cause) {
    throw new SpecstoryError('bug', 'sealed tokens that cannot be opened', { cause });
  }
}

function keyOf(holder: string): Buffer {
  return Buffer.from(hkdfSync('sha256', holder, '', 'sealed token pair', 32));
}
