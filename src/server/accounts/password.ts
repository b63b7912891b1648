import { randomBytes, type ScryptOptions, scrypt, timingSafeEqual } from 'node:crypto';
import { SpecstoryError } from '../../core/errors.ts';
import { Refusal } from '../refusal.ts';

/** Work of scrypt: 2^ln blocks of 128·r bytes, p times. */
export interface PasswordCost {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
}

/** 32 MiB, three times: one of the settings of the OWASP Password Storage Cheat Sheet. */
export const passwordCost: PasswordCost = { ln: 15, r: 8, p: 3 };

/** Characters. Longer ones would only be work for the server. */
const length = { least: 10, most: 200 };

/** Throws `usage` for a password that is too short or too long. */
export function checkPassword(password: string): void {
  const characters = [...password].length;
  if (characters >= length.least && characters <= length.most) return;
  throw new SpecstoryError('usage', `a password has ${length.least} to ${length.most} characters`);
}

/** A password as it is stored: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, so that the cost can change without a migration. */
export async function hashPassword(password: string, cost: PasswordCost = passwordCost): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${salt.toString('base64url')}$${key.toString('base64url')}`;
}

/** Whether a password is the stored one. Without a stored one the work of a new password is done, and the answer is no. */
export async function isPassword(password: string, stored: string | undefined, cost: PasswordCost): Promise<boolean> {
  const match = /^\$scrypt\$ln=(\d+),r=(\d+),p=(\d+)\$([\w-]+)\$([\w-]+)$/.exec(stored ?? nobodys(cost));
  if (!match) throw new SpecstoryError('bug', 'a stored password that is none');
  const [, ln, r, p, salt = '', key = ''] = match;
  const derived = await derive(password, Buffer.from(salt, 'base64url'), {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
  });
  return timingSafeEqual(derived, Buffer.from(key, 'base64url')) && stored !== undefined;
}

/** Stands in for the password of an account that does not exist. */
function nobodys({ ln, r, p }: PasswordCost): string {
  return `$scrypt$ln=${ln},r=${r},p=${p}$${'A'.repeat(22)}$${'A'.repeat(43)}`;
}

/** Each takes 32 MiB: two at a time, and those who come when many wait are sent away. */
const room = { working: 2, waiting: 50 };
let working = 0;
const waiting: (() => void)[] = [];

async function derive(password: string, salt: Buffer, cost: PasswordCost): Promise<Buffer> {
  if (waiting.length >= room.waiting)
    throw new Refusal('rate_limited', 'too many people sign in at once', { retryAfter: 5 });
  if (working >= room.working) await new Promise<void>((resolve) => waiting.push(resolve));
  else working++;
  try {
    return await derived(password.normalize('NFKC'), salt, cost);
  } finally {
    const next = waiting.shift();
    if (next) next();
    else working--;
  }
}

function derived(password: string, salt: Buffer, { ln, r, p }: PasswordCost): Promise<Buffer> {
  const options: ScryptOptions = { N: 2 ** ln, r, p, maxmem: 256 * r * 2 ** ln };
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}
