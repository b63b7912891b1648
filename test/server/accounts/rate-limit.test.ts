import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Allowances, allowances, rateLimiter } from '../../../src/server/accounts/rate-limit.ts';

const table = (burst: number, perMinute: number): Allowances => ({ ...allowances, signIn: { burst, perMinute } });

describe('rateLimiter', () => {
  it('lets a burst through, then says how long to wait, and keeps its word', () => {
    let time = 0;
    const { take } = rateLimiter(table(3, 6), () => time);
    expect([take('signIn', 'a'), take('signIn', 'a'), take('signIn', 'a')]).toEqual([0, 0, 0]);
    expect(take('signIn', 'a')).toBe(10_000);
    expect(take('signIn', 'b'), 'another key').toBe(0);
    expect(take('refresh', 'a'), 'another name').toBe(0);
    time = 9_999;
    expect(take('signIn', 'a')).toBe(1);
    time = 10_000;
    expect(take('signIn', 'a')).toBe(0);
  });

  it('never lets more through than burst and rate, whatever the times', () => {
    const steps = fc.array(fc.tuple(fc.nat(30_000), fc.boolean()), { maxLength: 200 });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 10 }),
        fc.integer({ min: 1, max: 120 }),
        steps,
        (burst, perMinute, list) => {
          let time = 0;
          const { take } = rateLimiter(table(burst, perMinute), () => time);
          let through = 0;
          for (const [wait] of list) {
            time += wait;
            if (take('signIn', 'a') === 0) through++;
          }
          expect(through).toBeLessThanOrEqual(burst + (time * perMinute) / 60_000 + 1e-6);
        },
      ),
    );
  });

  it('gives back, never more than there was', () => {
    const { take, giveBack } = rateLimiter(table(1, 1), () => 0);
    giveBack('signIn', 'a');
    expect(take('signIn', 'a')).toBe(0);
    expect(take('signIn', 'a')).toBeGreaterThan(0);
    giveBack('signIn', 'a');
    expect(take('signIn', 'a')).toBe(0);
  });

  it('does not go back in time with the clock', () => {
    let time = 1_000_000;
    const { take } = rateLimiter(table(1, 1), () => time);
    take('signIn', 'a');
    time = 0;
    expect(take('signIn', 'a')).toBe(60_000);
  });

  it('remembers a bounded number of keys, the last ones used', () => {
    const { take } = rateLimiter(table(1, 1), () => 0, 100);
    for (let key = 0; key < 100; key++) take('signIn', `${key}`);
    expect(take('signIn', '0')).toBeGreaterThan(0);
    take('signIn', 'one more');
    expect(take('signIn', '0'), 'used a moment ago').toBeGreaterThan(0);
    expect(take('signIn', '1'), 'forgotten').toBe(0);
  });
});
