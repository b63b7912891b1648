import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { distinctNames, indexedTerms, terms, wantedTerms } from '../../src/search/words.ts';

function found(query: string, text: string): boolean {
  const there = indexedTerms(text).split(' ');
  return query
    .split(' ')
    .every((word) =>
      wantedTerms(word).some((all) =>
        all.every(({ term, prefix }) => there.some((one) => (prefix ? one.startsWith(term) : one === term))),
      ),
    );
}

describe('words', () => {
  it.each([
    ['getUserById', 'get user by id getuserbyid'],
    ['get_user-by_id', 'get user by id getuserbyid'],
    ['HTTPServer', 'http server httpserver'],
    ['src/query.ts:120', 'src query queri ts queryts 120'],
    ['Retries', 'retries retri'],
    ['C++ and C#.', 'c cplusplus and c csharp'],
    ['ÉTÉ', 'ete'],
    ['日本語', '日本 本語 語'],
    ['=> …', ''],
  ])('makes %j into %j', (text, expected) => {
    expect(indexedTerms(text)).toBe(expected);
  });

  it.each([
    ['get user by id', 'await getUserById(id)'],
    ['getuserbyid', 'this.getUserById(id)'],
    ['getUserById', 'get_user_by_id'],
    ['foo.bar()', 'x = foo.bar();'],
    ['C++', 'a C++ compiler'],
    ['--no-verify', 'git commit --no-verify'],
    ['src/a-b_c.ts:120', 'at src/a-b_c.ts:120:7'],
    ['auth/login.ts', '/home/me/src/auth/login.ts'],
    ['語', '日本語'],
    ['本語', '日本語を話す'],
    ['cafe', 'un café'],
    ['cafe\u0301', 'CAFÉ'],
    ['retry', 'it retries'],
  ])('finds %j in %j', (query, text) => {
    expect(found(query, text)).toBe(true);
  });

  it.each([
    ['C++', 'plan C'],
    ['本日', '日本'],
    ['getUserById', 'user by id'],
  ])('does not find %j in %j', (query, text) => {
    expect(found(query, text)).toBe(false);
  });

  it('looks for the beginning of a term', () => {
    expect(wantedTerms('idempoten', true)).toEqual([[{ term: 'idempoten', prefix: true }]]);
  });

  it('finds any text by its own words', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const word of text.split(/\s+/)) if (wantedTerms(word).length > 0) expect(found(word, text)).toBe(true);
      }),
    );
  });

  it('makes terms of letters, marks and digits only, each within the text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const { term, from, to } of terms(text)) {
          expect(term).toMatch(/^[\p{L}\p{M}\p{N}]{1,64}$/u);
          expect(term).not.toMatch(/[A-Z]/);
          expect(from).toBeLessThan(to);
          expect(to).toBeLessThanOrEqual(text.length);
        }
        expect([...terms(text)].map(({ term }) => term).join(' ')).toBe(indexedTerms(text));
      }),
    );
  });
});

describe('distinctNames', () => {
  it('has the terms that a text is indexed by, each name once', () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .array(
          fc.constantFrom('getUserById', 'C++', 'c#', 'a-b_c.ts', 'retries', '登录页', 'Gerät', 'x', '++', '-', ' '),
          { maxLength: 12 },
        )
        .map((all) => all.join(' ')),
      fc.string({ maxLength: 60 }),
    );
    fc.assert(
      fc.property(texts, (text) => {
        const found = [...distinctNames(text).values()].flatMap((one) => one.split(' ')).filter(Boolean);
        expect(new Set(found)).toEqual(new Set(indexedTerms(text).split(' ').filter(Boolean)));
      }),
    );
  });
});
