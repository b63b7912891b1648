import type { Usage } from './session.ts';

/** How an agent counts: the names of its fields, and what it counts twice. */
interface Counting {
  readonly cacheRead: string;
  readonly cacheWrite?: string;
  readonly reasoning?: string;
  /** `inputTokens` includes what came from the cache. */
  readonly inputHasCache?: true;
  /** `outputTokens` leaves out what was thought. */
  readonly outputWithoutReasoning?: true;
}

const claude: Counting = { cacheRead: 'cacheReadInputTokens', cacheWrite: 'cacheCreationInputTokens' };
const droid: Counting = { ...claude, reasoning: 'thinkingTokens' };
const countings: Readonly<Record<string, Counting>> = {
  'codex-cli': { cacheRead: 'cachedInputTokens', reasoning: 'reasoningOutputTokens', inputHasCache: true },
  'gemini-cli': {
    cacheRead: 'cachedTokens',
    reasoning: 'thoughtTokens',
    inputHasCache: true,
    outputWithoutReasoning: true,
  },
  'droid-cli': droid,
};

function countingOf(provider: string): Counting {
  return (Object.hasOwn(countings, provider) ? countings[provider] : undefined) ?? claude;
}

/** Tokens in the words and the way of counting of a SessionData provider. */
export function toProviderUsage(usage: Usage, provider: string): Record<string, number> {
  const how = countingOf(provider);
  const { input, output, cacheRead, cacheWrite, reasoning } = usage;
  const named: [string | undefined, number | undefined][] = [
    ['inputTokens', input === undefined ? undefined : input + (how.inputHasCache ? (cacheRead ?? 0) : 0)],
    ['outputTokens', output === undefined ? undefined : less(output, how.outputWithoutReasoning ? reasoning : 0)],
    [how.cacheRead, cacheRead],
    [how.cacheWrite, cacheWrite],
    [how.reasoning, reasoning],
  ];
  const present = named.filter((pair): pair is [string, number] => pair[0] !== undefined && pair[1] !== undefined);
  return Object.fromEntries(present);
}

/** The reverse; what is not a whole number of tokens is left out. */
export function fromProviderUsage(usage: Readonly<Record<string, number>>, provider: string): Usage {
  const how = countingOf(provider);
  const value = (name: string | undefined): number | undefined => {
    const count = name !== undefined && Object.hasOwn(usage, name) ? usage[name] : undefined;
    return count !== undefined && Number.isSafeInteger(count) && count >= 0 ? count : undefined;
  };
  const [cacheRead, cacheWrite, reasoning] = [value(how.cacheRead), value(how.cacheWrite), value(how.reasoning)];
  const [input, output] = [value('inputTokens'), value('outputTokens')];
  return {
    ...(input === undefined ? {} : { input: less(input, how.inputHasCache ? cacheRead : 0) }),
    ...(output === undefined ? {} : { output: output + (how.outputWithoutReasoning ? (reasoning ?? 0) : 0) }),
    ...(cacheRead === undefined ? {} : { cacheRead }),
    ...(cacheWrite === undefined ? {} : { cacheWrite }),
    ...(reasoning === undefined ? {} : { reasoning }),
  };
}

function less(count: number, part = 0): number {
  return Math.max(0, count - part);
}
