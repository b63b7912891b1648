import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TokenKind, tokenKind, tokenText } from '../../src/core/token.ts';

const kinds: readonly TokenKind[] = ['access', 'refresh', 'personal'];
const secrets = fc.uint8Array({ minLength: 32, maxLength: 32 });

describe('tokens', () => {
  it('have one form, whatever their bytes', () => {
    expect(tokenText('personal', new Uint8Array(32))).toBe(
      `ss_pat_${'0'.repeat(43)}${tokenText('personal', new Uint8Array(32)).slice(-6)}`,
    );
    expect(tokenText('access', new Uint8Array(32).fill(255))).toMatch(/^ss_at_[0-9A-Za-z]{49}$/);
    expect(new Set(Array.from({ length: 1000 }, () => tokenText('access', randomBytes(32)))).size).toBe(1000);
  });

  it('carry the CRC-32 that zip uses', () => {
    // crc32("ss_at_" + 43 zeros), from Python's zlib.
    expect(tokenText('access', new Uint8Array(32)).slice(-6)).toBe('0Xr9CY');
  });

  it('are known again by kind', () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), secrets, (kind, secret) => tokenKind(tokenText(kind, secret)) === kind),
    );
  });

  it('are not known with one character changed, missing or too much', () => {
    const change = fc.tuple(secrets, fc.nat(55), fc.constantFrom('', 'A', 'b', '7', ' ', 'é'));
    fc.assert(
      fc.property(change, ([secret, at, character]) => {
        const text = tokenText('refresh', secret);
        const other = text.slice(0, at) + character + text.slice(at + 1);
        return other === text || tokenKind(other) === undefined;
      }),
    );
    const text = tokenText('access', randomBytes(32));
    for (const other of [`${text} `, ` ${text}`, `${text}\n`, text.toUpperCase(), '']) {
      expect(tokenKind(other), JSON.stringify(other)).toBeUndefined();
    }
  });
});
