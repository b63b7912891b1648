const alphabet = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const prefixes = { access: 'ss_at_', refresh: 'ss_rt_', personal: 'ss_pat_' } as const;
/** Characters of 32 bytes, and of a CRC-32, in base62. */
const width = { secret: 43, check: 6 };

/** What a token is: `access` for an hour, `refresh` to get the next one, `personal` made by hand for programs. */
export type TokenKind = keyof typeof prefixes;

/** The text of a token around 32 random bytes. Its form and its check sum let a scanner find it wherever it leaks. */
export function tokenText(kind: TokenKind, secret: Uint8Array): string {
  const body = `${prefixes[kind]}${base62(
    secret.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n),
    width.secret,
  )}`;
  return body + check(body);
}

/** The kind of a token; nothing for a text that is none, or was mistyped or cut. */
export function tokenKind(text: string): TokenKind | undefined {
  const match = /^(ss_(?:at|rt|pat)_)[0-9A-Za-z]{49}$/.exec(text);
  if (!match || check(text.slice(0, -width.check)) !== text.slice(-width.check)) return undefined;
  return match[1] === prefixes.access ? 'access' : match[1] === prefixes.refresh ? 'refresh' : 'personal';
}

function check(body: string): string {
  return base62(BigInt(crc32(body)), width.check);
}

function base62(value: bigint, length: number): string {
  let text = '';
  for (let rest = value; text.length < length; rest /= 62n) text = `${alphabet[Number(rest % 62n)]}${text}`;
  return text;
}

/** CRC-32 of ASCII, as in gzip and zip. */
function crc32(text: string): number {
  let crc = -1;
  for (let at = 0; at < text.length; at++) {
    crc ^= text.charCodeAt(at);
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}
