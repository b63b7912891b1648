import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readCodes } from '../../src/redact/codes.ts';
import { findRuns } from '../../src/redact/runs.ts';

const text = fc
  .array(fc.tuple(fc.constantFrom('a', 'Z', '9', '_', '='), fc.nat(30), fc.constantFrom(' ', '.', '\n', 'é', '')), {
    maxLength: 12,
  })
  .map((parts) => parts.map(([char, count, gap]) => char.repeat(count) + gap).join(''));

describe('runs', () => {
  it('are those that an expression finds, each in the part of the text where it starts', () => {
    fc.assert(
      fc.property(text, fc.nat(200), (content, cut) => {
        const runs: number[] = [];
        const middle = Math.min(cut, content.length);
        for (const [from, to] of [
          [0, middle],
          [middle, content.length],
        ] as const) {
          const codes = new Uint8Array(to - from);
          readCodes(content, from, to, codes);
          findRuns(codes, 0, to - from, content, from, runs);
        }
        const expected = [...content.matchAll(/[A-Za-z0-9+/_=-]{20,}/g)].flatMap(({ 0: run, index }) => [
          index,
          index + run.length,
        ]);
        expect(runs).toEqual(expected);
      }),
    );
  });
});
