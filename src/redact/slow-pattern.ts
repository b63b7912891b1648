const slowestMs = 25;
/** Lengths at which a pattern is tried: an exponential one shows itself at 30 characters, a polynomial one at the size of a chunk. */
const probeSizes = [
  ...Array.from({ length: 17 }, (_, at) => 8 + 2 * at),
  60,
  90,
  135,
  200,
  300,
  450,
  700,
  1000,
  1500,
  2300,
  3500,
  5000,
  7500,
  11_000,
];
const mostProbes = 40;

/**
 * Tries a pattern on texts that make bad ones slow, growing until one is. `hints` are the pattern's source and its samples.
 * Gives the length of a text on which it is too slow, or `undefined` when none was found.
 */
export function slowAt(pattern: RegExp, hints: readonly string[], clock: () => number): number | undefined {
  for (const [head, repeated] of probes(hints)) {
    for (const size of probeSizes) {
      const text = `${head}${repeated.repeat(Math.ceil(size / repeated.length))}\u0000`;
      // Twice, because anything may be slow once.
      if (isSlow(pattern, text, clock) && isSlow(pattern, text, clock)) return text.length;
    }
  }
  return undefined;
}

function isSlow(pattern: RegExp, text: string, clock: () => number): boolean {
  const start = clock();
  pattern.lastIndex = 0;
  pattern.test(text);
  return clock() - start > slowestMs;
}

/** Beginnings and what to repeat behind them: parts of the samples, the letters of the pattern, and what is usual. */
function probes([pattern = '', ...samples]: readonly string[]): [head: string, repeated: string][] {
  const literal = pattern.replace(/\\./g, '').replace(/^\^?(?:\(\?:)?/, '');
  const head = /^[\w-]*/.exec(literal)?.[0] ?? '';
  const cuts = samples.slice(0, 3).flatMap((sample) =>
    Array.from({ length: Math.min(6, sample.length) }, (_, at): [string, string] => {
      const cut = Math.ceil(((at + 1) * sample.length) / 7);
      return [sample.slice(0, cut), sample.charAt(cut - 1)];
    }),
  );
  const repeated = new Set([
    'a',
    '0',
    ' ',
    'ab ',
    ...samples.slice(0, 2).map((sample) => sample.slice(0, 200)),
    ...literal,
  ]);
  const rest = [...repeated].filter(Boolean).flatMap((part): [string, string][] =>
    head === ''
      ? [['', part]]
      : [
          ['', part],
          [head, part],
        ],
  );
  return [...cuts, ...rest].slice(0, mostProbes);
}
