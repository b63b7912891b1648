import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits, parseQuery } from '../../../src/search/language/parse.ts';
import { printQuery } from '../../../src/search/language/print.ts';
import type { Condition } from '../../../src/search/query.ts';

const word = (text: string, more = {}): Condition => ({ kind: 'word', text, prefix: false, ...more });
const phrase = (text: string, more = {}): Condition => ({ kind: 'phrase', text, ...more });
const regex = (source: string, more = {}): Condition => ({ kind: 'regex', source, ...more });
const filter = (name: string, value: string): unknown => ({ kind: 'filter', filter: name, value });
const time = (side: string, value: string): unknown => ({ kind: 'time', side, value });
const number = (name: string, bounds: object): unknown => ({ kind: 'number', filter: name, ...bounds });
const not = (of: unknown): unknown => ({ kind: 'not', of });
const all = (...of: unknown[]): unknown => ({ kind: 'all', of });
const any = (...of: unknown[]): unknown => ({ kind: 'any', of });

/** Pieces of which searches are made, so that chance writes some that nearly mean something. */
const piece = fc.oneof(
  fc.constantFrom(
    ...[
      '(',
      ')',
      '"',
      '|',
      'OR',
      'NOT',
      'AND',
      '-',
      '--no-verify',
      '->',
      '/a b/',
      '/(/',
      '/usr/bin',
      '\\/',
      '\\',
      're:',
      're:a/b',
      're:" x"',
    ],
    ...[
      'in:prompt',
      'in:answer',
      'in:any',
      'in:',
      'in:title',
      'title:a',
      'title:OR',
      'title:/x/',
      'title:"a b"',
      'title:',
      'file:',
      'foo:bar',
    ],
    ...[
      'foo:"a b"',
      'agent:codex',
      'cost:>5',
      'tokens:2k..8k',
      'duration:<5.5m',
      'after:7d',
      'on:"last week"',
      '#214',
      'sort:newest',
      'count:5',
    ],
    ...[
      'group:day',
      'sort:x',
      'foo*',
      '=>*',
      'foo(a|b)',
      'foo(',
      'f:a/b/',
      'cmd:"x\\"y"',
      'has:eror',
      'C++',
      '日本',
      'a:b:c',
      'http://x',
      'is:',
    ],
  ),
  fc.string({ unit: 'binary', maxLength: 8 }),
  fc.string({ maxLength: 8 }),
);
const search = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc
    .array(fc.tuple(piece, fc.constantFrom(' ', ' ', ' ', '', '\n')), { maxLength: 40 })
    .map((pieces) => pieces.flat().join('')),
);

describe('parseQuery', () => {
  it.each<[string, unknown]>([
    ['', undefined],
    ['retry backoff', all(word('retry'), word('backoff'))],
    ['"cannot read properties of undefined"', phrase('cannot read properties of undefined')],
    ['"say \\"no\\" to C:\\temp"', phrase('say "no" to C:\\temp')],
    ['/ECONN(RESET|REFUSED)/', regex('ECONN(RESET|REFUSED)')],
    ['/cannot read/', regex('cannot read')],
    ['/a\\/b/', regex('a/b')],
    ['re:^fix', regex('^fix')],
    ['re:"a b"', regex('a b')],
    ['/usr/bin', word('/usr/bin')],
    ['-x', not(word('x'))],
    ['NOT x', not(word('x'))],
    ['NOT -x', word('x')],
    ['a AND b', all(word('a'), word('b'))],
    ['a b OR c', any(all(word('a'), word('b')), word('c'))],
    ['a | b|c', any(word('a'), word('b'), word('c'))],
    ['(vitest OR jest) -snapshot', all(any(word('vitest'), word('jest')), not(word('snapshot')))],
    ['-(a b)', not(all(word('a'), word('b')))],
    ['idempot*', word('idempot', { prefix: true })],
    ['--no-verify', word('--no-verify')],
    ['foo.bar()', word('foo.bar()')],
    ['(foo(a) OR b)', any(word('foo(a)'), word('b'))],
    ['C++', word('C++')],
    ['src/a-b_c.ts:120', word('src/a-b_c.ts:120')],
    ['=>', phrase('=>')],
    ['->', phrase('->')],
    ['agent:codex', filter('agent', 'codex')],
    ['provider:claude-code', filter('agent', 'claude')],
    ['agent:Copilot', filter('agent', 'copilotide')],
    ['model:opus', filter('model', 'opus')],
    ['project:api', filter('project', 'api')],
    ['repo:.', filter('project', '.')],
    ['p:api', filter('project', 'api')],
    ['branch:fix/*', filter('branch', 'fix/*')],
    ['author:"René D"', filter('author', 'René D')],
    ['by:@me', filter('author', '@me')],
    ['file:src/**', filter('file', 'src/**')],
    ['path:a.ts', filter('file', 'a.ts')],
    ['f:a.ts', filter('file', 'a.ts')],
    ['edited:src/auth/**', filter('edited', 'src/auth/**')],
    ['read:a.ts', filter('read', 'a.ts')],
    ['cmd:"pnpm test"', filter('cmd', 'pnpm test')],
    ['ran:make', filter('cmd', 'make')],
    ['tool:Task', filter('tool', 'Task')],
    ['is:Shared', filter('is', 'shared')],
    ['has:correction', filter('has', 'correction')],
    ['no:commit', filter('no', 'commit')],
    ['commit:4F2A', filter('commit', '4f2a')],
    ['sha:4f2a', filter('commit', '4f2a')],
    ['pr:214', filter('pr', '214')],
    ['pr:#214', filter('pr', '214')],
    ['issue:7', filter('issue', '7')],
    ['#214', any(filter('pr', '214'), filter('issue', '214'))],
    ['tag:incident', filter('tag', 'incident')],
    ['session:4f2a', filter('session', '4f2a')],
    ['like:x-4f2a', filter('like', 'x-4f2a')],
    ['similar:x-4f2a', filter('like', 'x-4f2a')],
    ['before:2026-01-01', time('before', '2026-01-01')],
    ['until:7d', time('before', '7d')],
    ['after:v1.4', time('after', 'v1.4')],
    ['since:yesterday', time('after', 'yesterday')],
    ['on:"last week"', time('on', 'last week')],
    ['cost:>5', number('cost', { above: 5 })],
    ['cost:>=$2.50', number('cost', { least: 2.5 })],
    ['tokens:<5k', number('tokens', { below: 5000 })],
    ['exchanges:2..8', number('exchanges', { least: 2, most: 8 })],
    ['exchanges:8..2', number('exchanges', { least: 2, most: 8 })],
    ['duration:..1h', number('duration', { most: 3600 })],
    ['exchanges:1', number('exchanges', { least: 1, most: 1 })],
    ['-agent:codex', not(filter('agent', 'codex'))],
    ['in:prompt deploy', word('deploy', { in: 'prompt' })],
    ['deploy in:prompt', word('deploy', { in: 'prompt' })],
    ['a in:prompt b in:any "c"', all(word('a'), word('b', { in: 'prompt' }), phrase('c'))],
    [
      'in:output (/x/ OR y) z',
      all(any(regex('x', { in: 'output' }), word('y', { in: 'output' })), word('z', { in: 'output' })),
    ],
    ['in:prompt a OR b', any(word('a', { in: 'prompt' }), word('b'))],
    ['title:deploy', word('deploy', { in: 'title' })],
    ['title:"a b" c', all(phrase('a b', { in: 'title' }), word('c'))],
    ['Agent:codex', filter('agent', 'codex')],
    [
      'http://localhost:3000 std::vector Error: x',
      all(word('http://localhost:3000'), word('std::vector'), word('Error:'), word('x')),
    ],
    ['a\0b', word('a␀b')],
  ])('reads %j', (text, where) => {
    const { query, diagnostics } = parseQuery(text);
    expect({ where: query.where, diagnostics }).toEqual({ where, diagnostics: [] });
    expect(parseQuery(printQuery(query))).toEqual({ query, diagnostics: [] });
  });

  it('keeps what concerns the whole search apart', () => {
    const { query, diagnostics } = parseQuery('sort:newest a (group:file OR b) count:20 sort:oldest');
    expect(query).toEqual({ where: all(word('a'), word('b')), sort: 'oldest', group: 'file', count: 20 });
    expect(diagnostics).toEqual([]);
    expect(printQuery(query)).toBe('a b sort:oldest group:file count:20');
  });

  it.each<[string, unknown, string, string]>([
    [
      'fil:a.ts',
      word('fil:a.ts'),
      'fil:a.ts',
      'There is no filter fil:, did you mean file:? It is looked for as a text',
    ],
    ['nonsense:b', word('nonsense:b'), 'nonsense:b', 'There is no filter nonsense: It is looked for as a text'],
    ['x fo:"a b"', all(word('x'), phrase('a b')), 'fo:"a b"', 'looked for as a text'],
    ['a "b c', all(word('a'), phrase('b c')), '"b c', 'This quote is not closed'],
    ['(a OR b', any(word('a'), word('b')), '(', 'This parenthesis is not closed'],
    ['a) b', all(word('a'), word('b')), ')', 'Nothing was opened'],
    ['a OR', word('a'), 'OR', 'Nothing follows OR'],
    ['OR a', word('a'), 'OR', 'Nothing comes before OR'],
    ['a NOT', word('a'), 'NOT', 'Nothing follows that could be excluded'],
    ['a file:', word('a'), 'file:', 'file: needs a value'],
    ['a *', word('a'), '*', 'There is no word in "*"'],
    ['has:eror', filter('has', 'eror'), 'has:eror', 'has: does not know "eror"; did you mean error?'],
    ['in:promt a', word('a'), 'in:promt', 'did you mean prompt?'],
    ['sort:newst a', word('a'), 'sort:newst', 'did you mean newest?'],
    ['count:0 a', word('a'), 'count:0', 'a number from 1 to 1000'],
    ['-sort:newest a', word('a'), '-', 'sort: cannot be excluded'],
    ['cost:much a', word('a'), 'cost:much', 'cost: takes a number'],
    ['after:yesteday', time('after', 'yesteday'), 'after:yesteday', 'did you mean yesterday?'],
    [
      '/a(?=b)/',
      phrase('a(?=b)'),
      '/a(?=b)/',
      'Cannot search for /a(?=b)/: invalid or unsupported Perl syntax: `(?=`; looked for as a text',
    ],
    ['/(a)\\1/', phrase('(a)\\1'), '/(a)\\1/', 'invalid escape sequence'],
  ])('says what it noticed in %j', (text, where, place, message) => {
    const { query, diagnostics } = parseQuery(text);
    expect(query.where).toEqual(where);
    expect(diagnostics.map(({ from, to }) => text.slice(from, to))).toEqual([place]);
    expect(diagnostics[0]?.message).toContain(message);
  });

  it('bounds how long and how deep a search is', () => {
    const long = parseQuery('a '.repeat(limits.length));
    expect(long.diagnostics.at(-1)).toMatchObject({ from: limits.length, to: 2 * limits.length });
    const deep = parseQuery(`${'(-'.repeat(40)}x${')'.repeat(40)} y`);
    expect(deep.query.where).toEqual(all(word('x'), word('y')));
    expect(deep.diagnostics).toHaveLength(8);
    expect(parseQuery('('.repeat(1_000_000)).diagnostics.length).toBeLessThanOrEqual(limits.length + 1);
  });

  it('makes a search of any text, the same one when it is printed and read again', () => {
    fc.assert(
      fc.property(search, (text) => {
        const { query, diagnostics } = parseQuery(text);
        for (const { from, to, message } of diagnostics) {
          expect(message).not.toBe('');
          expect(from >= 0 && from < to && to <= text.length).toBe(true);
        }
        const written = printQuery(query);
        expect(written.length).toBeLessThanOrEqual(limits.length);
        expect(parseQuery(written).query).toEqual(query);
        expect(printQuery(parseQuery(written).query)).toBe(written);
      }),
      { numRuns: 500 },
    );
  });

  it('does so for long texts as well', () => {
    const part = fc.array(piece, { minLength: 1, maxLength: 20 }).map((pieces) => pieces.join(' '));
    fc.assert(
      fc.property(part, fc.integer({ min: 10, max: 3000 }), (text, times) => {
        const { query } = parseQuery(`${text} `.repeat(times).slice(0, 5000));
        expect(parseQuery(printQuery(query)).query).toEqual(query);
      }),
      { numRuns: 30 },
    );
  });
});
