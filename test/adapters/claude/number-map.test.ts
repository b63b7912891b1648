import fc from 'fast-check';
import { expect, it } from 'vitest';
import { NumberMap } from '../../../src/adapters/claude/number-map.ts';

it('holds what a Map holds', () => {
  const entry = fc.tuple(fc.oneof(fc.maxSafeNat(), fc.nat(50)), fc.nat(1_000_000));
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 3000 }), fc.array(fc.maxSafeNat()), (entries, others) => {
      const [map, expected] = [new NumberMap(), new Map<number, number>()];
      for (const [key, value] of entries) {
        map.set(key, value);
        expected.set(key, value);
      }
      for (const key of [...expected.keys(), ...others]) {
        expect(map.get(key)).toBe(expected.get(key));
        expect(map.has(key)).toBe(expected.has(key));
      }
    }),
  );
});
