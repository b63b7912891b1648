import fc from 'fast-check';
import picomatch from 'picomatch';
import { describe, expect, it } from 'vitest';
import { pathGlob, wildcard } from '../../../src/search/language/glob.ts';

describe('pathGlob', () => {
  it.each([
    ['*.ts', 'src/a.ts', true],
    ['*.ts', 'src/a.tsx', false],
    ['src/*.ts', 'src/a/b.ts', false],
    ['src/**/*.ts', 'src/b.ts', true],
    ['src/**/*.ts', 'src/a/c/b.TS', true],
    ['auth/*', 'src/auth/x', true],
    ['**/test/**', 'a/test/b/c', true],
    ['*.{ts,js{,x}}', 'a.jsx', true],
    ['*.{ts,js{,x}}', 'a.mjs', false],
    ['a[!b]?.ts', 'acc.ts', true],
    ['a[!b].ts', 'ab.ts', false],
    ['a[.ts', 'a[.ts', true],
    ['{a.ts', '{a.ts', true],
    ['a.c*', 'abc', false],
    ['.*', '.env', true],
    ['[z-a]*', 'z', false],
    [`${'{'.repeat(400)}a${'}'.repeat(400)}`, 'a', false],
  ])('%s and %s: %s', (glob, path, fits) => {
    expect(pathGlob(glob)(path)).toBe(fits);
  });

  const sign = fc.constantFrom(
    'a',
    'b',
    '.',
    '/',
    '*',
    '**',
    '?',
    '{',
    '}',
    ',',
    '[',
    ']',
    '!',
    '(',
    ')',
    '|',
    '+',
    '@',
    '\\',
  );

  it('never throws, and ends in time that grows with the path only', () => {
    const hostile = fc.oneof(
      fc.array(sign, { maxLength: 60 }).map((signs) => signs.join('')),
      fc
        .tuple(fc.array(sign, { minLength: 1, maxLength: 5 }), fc.integer({ min: 1, max: 80 }))
        .map(([signs, n]) => signs.join('').repeat(n)),
      fc.string({ unit: 'binary', maxLength: 30 }),
    );
    const path = `${'a/'.repeat(200)}${'a'.repeat(3000)}!`;
    fc.assert(
      fc.property(hostile, (glob) => {
        expect(typeof pathGlob(glob)(path)).toBe('boolean');
      }),
    );
  });

  it.each([
    ['fix/*', 'Fix/a/b', true],
    ['fix/?', 'fix/ab', false],
    ['a.b*', 'axb', false],
    ['*a'.repeat(100), `${'a'.repeat(3000)}!`, false],
    ['*a'.repeat(400), 'a', false],
  ])('as a wildcard %s and %s: %s', (glob, text, fits) => {
    expect(wildcard(glob)(text)).toBe(fits);
  });

  it('fits what picomatch does', () => {
    const plain = fc.array(fc.constantFrom('a', 'b', '.x', '/', '*', '?', '**/', '{a,b}', '[ab]'), {
      minLength: 1,
      maxLength: 6,
    });
    const path = fc.array(fc.constantFrom('a', 'b', 'c', '.x'), { minLength: 1, maxLength: 4 });
    const isSound = (glob: string): boolean => !/^\/|\/\/|\/$|\*{2}[^/]|[^/]\*\*|\*{3}/.test(glob);
    fc.assert(
      fc.property(plain, fc.array(path, { minLength: 1, maxLength: 3 }), (signs, names) => {
        const [glob, file] = [signs.join(''), names.map((one) => one.join('')).join('/')];
        fc.pre(isSound(glob));
        expect(pathGlob(glob)(file), `${glob} ${file}`).toBe(
          picomatch([glob, `**/${glob}`], { dot: true, nocase: true })(file),
        );
      }),
    );
  });
});
