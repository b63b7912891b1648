import { createHash, randomBytes, randomInt } from 'node:crypto';
import { type TokenKind, tokenText } from '../../core/token.ts';

/** A random id: 32 hex. */
export const newId = (): string => randomBytes(16).toString('hex');

export const newToken = (kind: TokenKind): string => tokenText(kind, randomBytes(32));

/** 256 random bits as text, for cookies and codes that no person types. */
export const newSecret = (): string => randomBytes(32).toString('base64url');

/** What is stored of a secret. Secrets have 256 random bits, or live for minutes behind a limit of tries: no slow hash is needed. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Letters that make no word and are told apart: 8 of them are 34.6 bits (RFC 8628, 6.1). */
const userLetters = 'BCDFGHJKLMNPQRSTVWXZ';
/** SpecStory's command line takes 6 letters and digits, and heeds their case; those that look alike are left out. */
const loginLetters = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** The code a person types to let a device in: `WDJB-MJHT`. */
export function newUserCode(): string {
  return draw(userLetters, 8).replace(/^.{4}/, '$&-');
}

/** A user code as it was drawn, from how a person typed it; nothing for what cannot be one. */
export function readUserCode(typed: string): string | undefined {
  const letters = typed.toUpperCase().replace(/[\s-]/g, '');
  return new RegExp(`^[${userLetters}]{8}$`).test(letters) ? letters.replace(/^.{4}/, '$&-') : undefined;
}

export const newLoginCode = (): string => draw(loginLetters, 6);

function draw(letters: string, length: number): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
}
