import type { Report, Scan, WindowDetector } from './match.ts';

/** Finds secrets behind the escapes of addresses, JSON, programming languages and HTML; only the secret goes. */
export function escapedText(scan: Scan): WindowDetector {
  return {
    keywords: escapes.flatMap(({ keywords }) => keywords),
    find(text, from, to, report) {
      const start = Math.max(0, from - overlap);
      const window = text.slice(start, to + overlap);
      for (const { trigger, pattern, decode, name } of escapes) {
        if (trigger.test(window)) findDecoded({ window, start, scan, report, name }, pattern, decode);
      }
    },
  };
}

const overlap = 1024;
const entities: { readonly [name: string]: string } = {
  quot: '"',
  apos: "'",
  amp: '&',
  lt: '<',
  gt: '>',
  '#34': '"',
  '#39': "'",
  '#61': '=',
  '#x3D': '=',
  '#x27': "'",
  '#x22': '"',
};

const escapes = [
  {
    name: 'percent-encoding',
    keywords: ['%2', '%3a', '%3d', '%40'],
    trigger: /%(?:2[0-9a-fA-F]|3[aAdD]|40)/,
    pattern: /%[0-9a-fA-F]{2}/g,
    decode: (sequence: string) => String.fromCharCode(Number.parseInt(sequence.slice(1), 16)),
  },
  {
    name: 'escapes',
    keywords: ['\\u002', '\\u003', '\\u004', '\\u005', '\\u006', '\\u007', '\\x2', '\\x3', '\\x4', '\\/'],
    trigger: /\\u00[2-7][0-9a-fA-F]|\\x[2-7][0-9a-fA-F]|\\\//,
    pattern: /\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|\\\//g,
    decode: (sequence: string) =>
      sequence === '\\/' ? '/' : String.fromCharCode(Number.parseInt(sequence.slice(2), 16)),
  },
  {
    name: 'HTML',
    keywords: ['&quot;', '&apos;', '&amp;', '&#3', '&#x', '&#6'],
    trigger: /&(?:quot|apos|amp|#\w{2,3});/,
    pattern: /&(?:quot|apos|amp|lt|gt|#34|#39|#61|#x3D|#x27|#x22);/g,
    decode: (sequence: string) => entities[sequence.slice(1, -1)] ?? sequence,
  },
] as const;

interface Window {
  readonly window: string;
  readonly start: number;
  readonly scan: Scan;
  readonly report: Report;
  readonly name: string;
}

function findDecoded(
  { window, start, scan, report, name }: Window,
  pattern: RegExp,
  decode: (sequence: string) => string,
): void {
  let decoded = '';
  let done = 0;
  /** Where each decoded character after an escape comes from: [position in decoded, position in window]. */
  const moves: [number, number][] = [[0, 0]];
  for (const found of window.matchAll(pattern)) {
    decoded += window.slice(done, found.index);
    moves.push([decoded.length, found.index]);
    decoded += decode(found[0]);
    done = found.index + found[0].length;
    moves.push([decoded.length, done]);
  }
  decoded += window.slice(done);
  for (const match of scan(decoded)) {
    const [from, to] = [origin(moves, match.start), origin(moves, match.end)];
    report({ ...match, start: start + from, end: start + to, why: `behind ${name} ${match.why}` });
  }
}

function origin(moves: readonly (readonly [number, number])[], at: number): number {
  let [low, high] = [0, moves.length - 1];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((moves[middle]?.[0] ?? 0) <= at) low = middle;
    else high = middle - 1;
  }
  const [decoded, original] = moves[low] ?? [0, 0];
  return original + at - decoded;
}
