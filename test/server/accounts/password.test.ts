import { describe, expect, it } from 'vitest';
import { checkPassword, hashPassword, isPassword } from '../../../src/server/accounts/password.ts';

const cheap = { ln: 4, r: 1, p: 1 };

describe('passwords', () => {
  it('are stored with salt and cost, and known again at any cost', async () => {
    const stored = await hashPassword('correct horse', cheap);
    expect(stored).toMatch(/^\$scrypt\$ln=4,r=1,p=1\$[\w-]{22}\$[\w-]{43}$/);
    expect(await hashPassword('correct horse', cheap)).not.toBe(stored);
    expect(await isPassword('correct horse', stored, { ln: 5, r: 1, p: 1 })).toBe(true);
    expect(await isPassword('correct hors', stored, cheap)).toBe(false);
    expect(await isPassword('', stored, cheap)).toBe(false);
  });

  it('take 32 MiB and three rounds unless told, as OWASP advises', async () => {
    expect(await hashPassword('correct horse')).toMatch(/^\$scrypt\$ln=15,r=8,p=3\$/);
  });

  it('are the same however a keyboard composes their letters', async () => {
    expect(await isPassword('Zu\u0308rich und so', await hashPassword('Z\u00fcrich und so', cheap), cheap)).toBe(true);
  });

  it('are of nobody when there is none', async () => {
    expect(await isPassword('', undefined, cheap)).toBe(false);
    expect(await isPassword('anything', undefined, cheap)).toBe(false);
  });

  it('are refused when too short or too long', () => {
    for (const password of ['', 'ninechars', 'x'.repeat(201), '😀'.repeat(9)])
      expect(() => checkPassword(password), password).toThrow(expect.objectContaining({ kind: 'usage' }));
    for (const password of ['tencharact', '😀'.repeat(10), 'x'.repeat(200)]) checkPassword(password);
  });

  it('are worked on by two at a time, and many who wait are sent away', async () => {
    const all = await Promise.allSettled(Array.from({ length: 80 }, () => hashPassword('x', { ln: 10, r: 8, p: 1 })));
    expect(all.filter(({ status }) => status === 'fulfilled')).toHaveLength(52);
    for (const one of all)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'rate_limited', retryAfter: 5 });
    expect(await hashPassword('x', cheap)).toMatch(/^\$scrypt/);
  });
});
