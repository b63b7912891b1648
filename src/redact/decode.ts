import type { Match, Report, RunDetector, WindowDetector } from './match.ts';

/** The plain detectors, for what comes out of a decoder: one level, so that nobody can make us dig for ever. */
export type Scan = (text: string) => readonly Match[];

/** More than this in one run is an archive or an image; if it reads like text it is withheld, because it is not looked at. */
const longestRun = 1 << 20;

/** Finds secrets inside base64 and hex; the whole run goes, because a part of it would not decode. */
export function encodedRuns(scan: Scan): RunDetector {
  return (text, start, end, report) => {
    for (const { name, startsText, decode } of codecs) {
      if (!startsText(text, start)) continue;
      if (end - start > longestRun) {
        const why = `is more than 1 MiB of text in ${name}`;
        report({ start, end, rule: 'encoded-too-long', layer: 'withheld', why });
        continue;
      }
      const inner = longest(scan(decode(text.slice(start, end)) ?? ''));
      if (inner) report({ ...inner, start, end, why: `holds, in ${name}, what ${inner.why}` });
    }
  };
}

const codecs = [
  { name: 'base64', startsText: base64StartsText, decode: fromBase64 },
  { name: 'hex', startsText: hexStartsText, decode: fromHex },
] as const;

/** The value of each base64 digit of both alphabets; 255 for other characters. */
const sextets = new Uint8Array(128).fill(255);
for (const [value, digit] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries()) {
  sextets[digit.charCodeAt(0)] = value;
}
sextets[45] = 62;
sextets[95] = 63;

/** Whether the first twelve digits are text. Asked of every long run, so it makes no strings. */
function base64StartsText(text: string, start: number): boolean {
  for (let at = start; at < start + 12; at += 4) {
    let bits = 0;
    for (let digit = 0; digit < 4; digit++) {
      const value = sextets[text.charCodeAt(at + digit)] ?? 255;
      if (value === 255) return false;
      bits = (bits << 6) | value;
    }
    if (!isText(bits >> 16) || !isText((bits >> 8) & 255) || !isText(bits & 255)) return false;
  }
  return true;
}

function hexStartsText(text: string, start: number): boolean {
  for (let at = start; at < start + 16; at += 2) {
    const [high, low] = [nibble(text.charCodeAt(at)), nibble(text.charCodeAt(at + 1))];
    if (high < 0 || low < 0 || !isText(high * 16 + low)) return false;
  }
  return true;
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  const letter = (code | 32) - 97;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}

function isText(code: number): boolean {
  return (code >= 32 && code < 127) || code === 10 || code === 9 || code === 13;
}

const decoder = new TextDecoder();

function fromBase64(text: string): string | undefined {
  const plain = text.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
  try {
    const bytes = atob(plain.slice(0, plain.length % 4 === 1 ? -1 : undefined));
    return decoder.decode(Uint8Array.from(bytes, (byte) => byte.charCodeAt(0)));
  } catch {
    return undefined;
  }
}

function fromHex(text: string): string | undefined {
  if (!/^(?:[0-9a-fA-F]{2})+$/.test(text)) return undefined;
  return decoder.decode(Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16)));
}

function longest(matches: readonly Match[]): Match | undefined {
  return matches.reduce<Match | undefined>(
    (best, next) => (best && best.end - best.start >= next.end - next.start ? best : next),
    undefined,
  );
}

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
