/** Documents of one second; with 2^32 seconds (until 2106) a key is a whole number below 2^53. */
export const perSecond = 2 ** 21;
export const lastSecond = 2 ** 32 - 1;

/** The second of a time in milliseconds since 1970; what is before or after all keys is at their ends. */
export const secondOf = (at: number): number => Math.min(Math.max(Math.floor(at / 1000), 0), lastSecond);

/** The keys of the documents at a time or later, and of those at it or earlier. */
export const firstKey = (at: number): number => secondOf(at) * perSecond;
export const lastKey = (at: number): number => firstKey(at) + perSecond - 1;
