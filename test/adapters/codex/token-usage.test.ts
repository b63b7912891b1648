import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { spent, sum, type Tokens } from '../../../src/adapters/codex/token-usage.ts';
import type { Usage } from '../../../src/core/session.ts';

describe('tokens', () => {
  const tokens = (input: number, output: number): Tokens => ({
    input_tokens: input,
    cached_input_tokens: 0,
    cache_write_input_tokens: 0,
    output_tokens: output,
    reasoning_output_tokens: 0,
  });

  it('add up to the final total, however often a count is repeated', () => {
    const steps = fc.array(fc.tuple(fc.nat(1000), fc.nat(1000), fc.integer({ min: 1, max: 3 })));
    fc.assert(
      fc.property(steps, (list) => {
        let [before, total, counted]: [Tokens | null, Tokens, Usage | null] = [null, tokens(0, 0), null];
        for (const [input, output, times] of list) {
          total = tokens(total.input_tokens + input, total.output_tokens + output);
          for (let i = 0; i < times; i++) {
            const next = spent({ total_token_usage: total, last_token_usage: tokens(input, output) }, before);
            before = next.total;
            if (next.used) counted = sum(counted, next.used);
          }
        }
        expect([counted?.input ?? 0, counted?.output ?? 0]).toEqual([total.input_tokens, total.output_tokens]);
      }),
    );
  });

  it('count from the last answer where totals start again, and bear bad counts', () => {
    const last = tokens(5, 1);
    expect(spent({ total_token_usage: tokens(50, 10), last_token_usage: last }, tokens(90, 20)).used?.input).toBe(5);
    expect(spent(null, tokens(1, 1))).toEqual({ total: tokens(1, 1), used: undefined });
    expect(spent({ total_token_usage: { input_tokens: -1 }, last_token_usage: 'x' }, null).used).toBeUndefined();
  });
});
