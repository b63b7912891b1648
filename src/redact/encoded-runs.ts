import type { Match, RunDetector, Scan } from './match.ts';

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
