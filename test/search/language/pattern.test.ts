import { describe, expect, it } from 'vitest';
import { compilePattern } from '../../../src/search/language/pattern.ts';

describe('compilePattern', () => {
  it.each([
    ['ECONN(RESET|REFUSED)', 'read econnreset', true],
    ['(?-i)ECONN', 'econn', false],
    ['^b', 'a\nb', true],
    ['a.b', 'a\nb', false],
    ['\\bfoo\\b', 'food', false],
    ['\\p{Han}+', '日本', true],
  ])('/%s/ in %j: %s', (source, text, found) => {
    expect(compilePattern(source).test(text)).toBe(found);
  });

  it('tells where it is found', () => {
    expect(compilePattern('a+').find('xaayÄaa', 5)).toEqual([
      { from: 1, to: 3 },
      { from: 5, to: 7 },
    ]);
    expect(compilePattern('').find('abc', 2)).toHaveLength(2);
  });

  it('tells the phrases without which it is nowhere', () => {
    const phrase = (text: string) => ({ kind: 'phrase', text });
    expect(compilePattern('ECONN(RESET|REFUSED)').needs).toEqual({
      kind: 'all',
      of: [phrase('ECONN'), phrase('RE'), { kind: 'any', of: [phrase('SET'), phrase('FUSED')] }],
    });
    expect(compilePattern('fail(ed)?: \\d+').needs).toEqual({ kind: 'all', of: [phrase('fail'), phrase(': ')] });
    expect(compilePattern('a|\\d').needs).toBeUndefined();
    expect(compilePattern('(?i)abc').needs).toBeUndefined();
  });

  it.each([
    '(?=a)',
    '(?<!a)b',
    '(a)\\1',
    '(',
    '[',
    '*',
    '\\',
    'a{2000}',
    'x'.repeat(513),
    '(?:\\p{L}{500}){9}',
    '(?:(?:a{1,30}){1,30}){1,30}',
  ])('refuses %j', (source) => {
    expect(() => compilePattern(source)).toThrow(
      expect.objectContaining({ kind: 'usage', message: expect.stringContaining('cannot search for /') }),
    );
  });

  it.each(['(a+)+$', '(a|a)*b', '([a-z]+)*x$', '(?:a?){50}a{50}', '(.*)*(.*)*(.*)*=', '(x+x+)+y'])(
    'takes no time over %j',
    (source) => {
      const pattern = compilePattern(source);
      expect(typeof pattern.test(`${'a'.repeat(100_000)}!`)).toBe('boolean');
      expect(typeof pattern.test('x'.repeat(100_000))).toBe('boolean');
    },
  );
});
