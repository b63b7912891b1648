import fc from 'fast-check';
import { afterEach, describe, expect, it } from 'vitest';
import { SpecstoryError } from '../../src/core/errors.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { readFrontmatter, writeFrontmatter } from '../../src/markdown/frontmatter.ts';

const traps = [
  '2026-11-20', '2026-01-02T03:04:05Z', '0123', '0o17', '0x1F', '1e3', '1E400', '123e4567', '1.0', '+1', '.inf', '.nan', 'yes', 'no', 'y', 'on',
  'off', 'null', 'Null', '~', 'true', 'TRUE', '', ' ', ' a', 'a ', 'a: b', 'a #b', '#a', '- a', '? a', ': a', '&a', '*a', '!a', '!!js/function x',
  '|', '>', '%YAML', '@a', '`a', '"', "'", '{a}', '[a]', 'a,b', '---', '...', 'a\n---\nb', 'a\r\nb', '\t', '\u2028', '\u0085', '\uFEFF', '\u001b[31m',
  '190:20:30', '1_000', '123456789012345678901', '=', '<<', '\ud83d\ude00', 'C:\\x', 'a\\', '-', '.', 'NaN', 'inf', '/a:',
]; // biome-ignore format: a list of traps
const trap = fc.constantFrom(...traps, '__proto__', 'constructor', 'toString', '/', 'a b');
const word = fc.oneof(trap, fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }));
const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { maxDepth: 4 },
    word,
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    fc.maxSafeInteger(),
    fc.boolean(),
    fc.constant(null),
    fc.array(tie('tree')),
    fc.dictionary(
      word.filter((key) => key !== '__proto__'),
      tie('tree'),
      { noNullPrototype: true },
    ),
  ),
}));
const data = fc.dictionary(
  word.filter((key) => key !== '__proto__'),
  tree,
  { noNullPrototype: true },
) as fc.Arbitrary<JsonObject>;

describe('frontmatter', { timeout: 60_000 }, () => {
  afterEach(() => {
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('gives back every value and every text', () => {
    fc.assert(
      fc.property(data, fc.oneof(word, fc.constant('---\na: 1\n---\n')), (values, body) => {
        const text = writeFrontmatter(values, body);
        expect(readFrontmatter(text, Number.POSITIVE_INFINITY)).toEqual({ data: values, body });
      }),
      { numRuns: 2000 },
    );
  });

  it.each(traps)('quotes %j so that no YAML reads anything else in it', (value) => {
    const text = writeFrontmatter({ value, [value]: 1, list: [value] }, '');
    expect(readFrontmatter(text).data).toEqual({ value, [value]: 1, list: [value] });
    expect(text).toMatch(/^---\nvalue: "/);
  });

  it('leaves ordinary words plain', () => {
    const values = {
      format: 1,
      cwd: '/home/me/my-app',
      branch: 'feature/x_1',
      models: ['claude-opus-4'],
      tools: { Bash: 2 },
    };
    expect(writeFrontmatter(values, '\nText\n')).toBe(
      '---\nformat: 1\ncwd: /home/me/my-app\nbranch: feature/x_1\nmodels: [claude-opus-4]\ntools: {Bash: 2}\n---\n\nText\n',
    );
  });

  it('reads YAML of others without changing the type of a text', () => {
    const text =
      '---\nwhen: 2026-11-20\nold: 0123\nbig: 1e3\nyes: yes\nn: 3\nlist:\n  - a\n  - "b"\nmore: |\n  x\n  y\nnone:\n---\r\nBody';
    expect(readFrontmatter(text)).toEqual({
      data: {
        when: '2026-11-20',
        old: '0123',
        big: '1e3',
        yes: 'yes',
        n: 3,
        list: ['a', 'b'],
        more: 'x\ny\n',
        none: null,
      },
      body: 'Body',
    });
    expect(readFrontmatter('\uFEFF---\r\na: 1\r\n---\r\n\r\nBody').data).toEqual({ a: 1 });
    expect(readFrontmatter('---\n---\nBody')).toEqual({ data: {}, body: 'Body' });
    expect(readFrontmatter('No frontmatter\n---\na: 1\n---\n').data).toEqual({});
    expect(readFrontmatter('----\nA rule').data).toEqual({});
  });

  const bomb = `a: &a [x,x]\n${'bcdefgh'.split('').map((key, i) => `${key}: &${key} [*${'abcdefg'[i]},*${'abcdefg'[i]}]\n`).join('')}`; // biome-ignore format: one line
  it.each([
    ['code in js', '---js\nglobalThis.polluted = 1\n---\n'],
    ['code in javascript', '---javascript\n(() => { Object.prototype.polluted = 1 })()\n---\n'],
    ['another language', '---toml\na = 1\n---\n'],
    ['json', '---json\n{"a":1}\n---\n'],
    ['coffee', '---coffee\na: 1\n---\n'],
    ['a tag of code', '---\na: !!js/function "function () { return 1 }"\n---\n'],
    ['another tag', '---\na: !!binary aGVsbG8=\n---\n'],
    ['an alias bomb', `---\n${bomb}---\n`],
    ['an anchor of a word', '---\na: &x b\n---\n'],
    ['an alias', '---\na: &x b\nc: *x\n---\n'],
    ['an alias of nothing', '---\nc: *x\n---\n'],
    ['a merge', '---\na: &x {b: 1}\nc:\n  <<: *x\n---\n'],
    ['a duplicate key', '---\na: 1\na: 2\n---\n'],
    ['a tab as indentation', '---\na: 1\n\tb: 2\n---\n'],
    ['a list', '---\n- a\n---\n'],
    ['a word', '---\nword\n---\n'],
    ['1 MB', `---\na: "${'x'.repeat(1 << 20)}"\n---\n`],
    ['no end', '---\na: 1\n'],
    ['deep nesting', `---\na: ${'['.repeat(30_000)}\n---\n`],
    ['a control character', '---\na: "\u0007"\n---\n'],
    ['a second document', '---\na: 1\n---x\nb: 2\n---\n'],
  ])('refuses %s, twice', (_what, text) => {
    for (let time = 0; time < 2; time++) {
      expect(() => readFrontmatter(text)).toThrow(SpecstoryError);
      expect(() => readFrontmatter(text)).toThrow(expect.objectContaining({ kind: 'unsupported' }));
    }
    expect(Object.hasOwn(globalThis, 'polluted')).toBe(false);
  });

  it('lets __proto__ do no harm', () => {
    const { data: read } = readFrontmatter('---\n__proto__: {polluted: 1}\na: {__proto__: {polluted: 1}}\n---\n');
    expect(Reflect.get(read, 'polluted')).toBeUndefined();
    expect(Reflect.get(read.a as object, 'polluted')).toBeUndefined();
  });
});
