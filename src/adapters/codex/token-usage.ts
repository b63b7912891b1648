import * as z from 'zod';
import type { Usage } from '../../core/session.ts';

const count = z.number().int().nonnegative().catch(0).default(0);

/** Token counts as Codex writes them: `input_tokens` includes what was cached, `output_tokens` includes reasoning. */
export const tokensSchema = z.object({
  input_tokens: count,
  cached_input_tokens: count,
  cache_write_input_tokens: count,
  output_tokens: count,
  reasoning_output_tokens: count,
});
export type Tokens = z.infer<typeof tokensSchema>;

const infoSchema = z.looseObject({
  total_token_usage: tokensSchema.optional().catch(undefined),
  last_token_usage: tokensSchema.optional().catch(undefined),
});

/**
 * What a `token_count` adds to what was counted before: nothing when it repeats the totals. Growth of the totals counts,
 * because an interrupted answer is in them only; where they start again, it is the last answer's own count.
 */
export function spent(info: unknown, before: Tokens | null): { total: Tokens | null; used: Usage | undefined } {
  const { total_token_usage: total, last_token_usage: last } = infoSchema.safeParse(info).data ?? {};
  const used = (total && before && growth(total, before)) ?? last ?? total;
  return { total: total ?? before, used: used && normalised(used) };
}

const keys = tokensSchema.keyof().options;

/** By how much totals grew; `undefined` when one of them shrank. */
function growth(total: Tokens, before: Tokens): Tokens | undefined {
  const grown = { ...total };
  for (const key of keys) grown[key] = total[key] - before[key];
  return keys.every((key) => grown[key] >= 0) ? grown : undefined;
}

function normalised(tokens: Tokens): Usage | undefined {
  if (keys.every((key) => tokens[key] === 0)) return undefined;
  const { cached_input_tokens: cacheRead, cache_write_input_tokens: cacheWrite } = tokens;
  return {
    input: Math.max(0, tokens.input_tokens - cacheRead - cacheWrite),
    output: tokens.output_tokens,
    cacheRead,
    ...(cacheWrite > 0 ? { cacheWrite } : {}),
    reasoning: Math.min(tokens.output_tokens, tokens.reasoning_output_tokens),
  };
}

/** Two counts as one. */
export function sum(a: Usage | null, b: Usage): Usage {
  if (a === null) return b;
  const total: Usage = {};
  for (const key of ['input', 'output', 'cacheRead', 'cacheWrite', 'reasoning'] as const) {
    if (a[key] !== undefined || b[key] !== undefined) total[key] = (a[key] ?? 0) + (b[key] ?? 0);
  }
  return total;
}
