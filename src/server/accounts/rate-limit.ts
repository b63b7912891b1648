/** How often something may be done: `burst` times at once, and `perMinute` in the long run. */
export interface Allowance {
  readonly burst: number;
  readonly perMinute: number;
}

/**
 * Allowances by name. Each kind of sign-in has its own, so that a program that tries a dead refresh token all day does not keep a person from
 * signing in again. Keyed by address unless the name says otherwise.
 */
export const allowances = {
  /** Every request, by address. */
  address: { burst: 5000, perMinute: 6000 },
  /** Every request, by token. */
  token: { burst: 500, perMinute: 3000 },
  /** Requests of SpecStory's clients, by token: they send what a machine has ever seen at once, and try nothing again. */
  specstory: { burst: 5000, perMinute: 6000 },
  signIn: { burst: 10, perMinute: 5 },
  /** By the name that was given, from everywhere: guessing from many addresses. */
  signInName: { burst: 50, perMinute: 5 },
  setUp: { burst: 10, perMinute: 5 },
  deviceCode: { burst: 20, perMinute: 10 },
  deviceToken: { burst: 120, perMinute: 120 },
  /** By account and address: 5 guesses in the 15 minutes that a code lives. */
  userCode: { burst: 5, perMinute: 1 / 3 },
  loginCode: { burst: 5, perMinute: 1 },
  /** From everywhere: 6 characters are few. */
  everyLoginCode: { burst: 100, perMinute: 20 },
  refresh: { burst: 120, perMinute: 120 },
  deviceRefresh: { burst: 120, perMinute: 120 },
  revoke: { burst: 60, perMinute: 60 },
} as const satisfies Record<string, Allowance>;

export type AllowanceName = keyof typeof allowances;
export type Allowances = Readonly<Record<AllowanceName, Allowance>>;

export interface Limiter {
  /** Takes one from what is left for a key; gives 0, or the milliseconds until there is one again. */
  take(name: AllowanceName, key: string): number;
  /** Gives one back: it was used well, and only what fails is to count. */
  giveBack(name: AllowanceName, key: string): void;
  /** What is left for a key, of how much, and the time at which all of it will be there again. Takes nothing. */
  state(name: AllowanceName, key: string): { readonly limit: number; readonly left: number; readonly full: number };
}

interface Bucket {
  readonly left: number;
  readonly at: number;
}

/**
 * Token buckets in memory, at most `most` per name: the one that was not used for longest is forgotten, which gives its key a full bucket again.
 * Each server counts for itself.
 */
export function rateLimiter(table: Allowances, now: () => number, most = 20_000): Limiter {
  const all = new Map<AllowanceName, Map<string, Bucket>>();
  const change = (name: AllowanceName, key: string, by: number): number => {
    const { burst, perMinute } = table[name];
    const perMs = perMinute / 60_000;
    const buckets = all.get(name) ?? new Map<string, Bucket>();
    all.set(name, buckets);
    const at = now();
    const before = buckets.get(key) ?? { left: burst, at };
    const left = Math.min(burst, before.left + Math.max(0, at - before.at) * perMs);
    const enough = left + by >= 0;
    // What was used last is last in the map.
    buckets.delete(key);
    buckets.set(key, { left: enough ? Math.min(burst, left + by) : left, at });
    const [oldest] = buckets.keys();
    if (buckets.size > most && oldest !== undefined) buckets.delete(oldest);
    return enough ? 0 : Math.ceil(-(left + by) / perMs);
  };
  return {
    take: (name, key) => change(name, key, -1),
    giveBack: (name, key) => void change(name, key, 1),
    state: (name, key) => {
      const { burst, perMinute } = table[name];
      const at = now();
      const { left, at: then } = all.get(name)?.get(key) ?? { left: burst, at };
      const there = Math.min(burst, left + (Math.max(0, at - then) * perMinute) / 60_000);
      return { limit: burst, left: Math.floor(there), full: at + ((burst - there) / perMinute) * 60_000 };
    },
  };
}
