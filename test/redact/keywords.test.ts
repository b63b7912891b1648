import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCodes } from '../../src/redact/codes.ts';
import { Keywords } from '../../src/redact/keywords.ts';

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c', '_', '1'), minLength: 1, maxLength: 5 });
const text = fc.string({ unit: fc.constantFrom('a', 'B', 'b', 'c', 'C', '_', '1', ' ', 'é', '😀'), maxLength: 60 });

function naive(words: readonly string[], content: string, from: number, to: number): string[] {
  const found: string[] = [];
  for (const [number, sought] of words.entries()) {
    for (let at = 0; at + sought.length <= to; at++) {
      const end = at + sought.length;
      if (end > from && content.slice(at, end).toLowerCase() === sought) found.push(`${at}:${number}`);
    }
  }
  return found.sort();
}

function codesOf(content: string): Uint8Array {
  const codes = new Uint8Array(content.length);
  readCodes(content, 0, content.length, codes);
  return codes;
}

describe('keywords', () => {
  it('finds what a search for every word finds, in any part of a text', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(word, { minLength: 1, maxLength: 12 }),
        text,
        fc.nat(60),
        fc.nat(60),
        (words, content, a, b) => {
          const [from, to] = [Math.min(a, b, content.length), Math.min(Math.max(a, b), content.length)];
          const hits: number[] = [];
          new Keywords(words).find(codesOf(content), from, to, 0, hits);
          const found = hits.flatMap((start, at) => (at % 2 === 0 ? [`${start}:${hits[at + 1]}`] : [])).sort();
          expect(found).toEqual(naive(words, content, from, to));
        },
      ),
    );
  });

  it('has an automaton for no words', () => {
    const hits: number[] = [];
    new Keywords([]).find(codesOf('text'), 0, 4, 0, hits);
    expect(hits).toEqual([]);
  });
});
