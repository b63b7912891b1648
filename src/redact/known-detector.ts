import type { KnownValue } from './known-values.ts';
import type { Detector, Match, WindowDetector } from './match.ts';

const shortest = 8;
const shortestKey = 4;
const longestKey = 10;
const longestEncoded = 4096;

/** Finds known values exactly: as they are, as JSON and addresses escape them, and inside base64 and hex. */
export function knownDetectors(known: readonly KnownValue[]): { detectors: Detector[]; windows: WindowDetector[] } {
  const rules = new Map<string, string>();
  for (const { value, rule } of known) {
    if (value.length < shortest) continue;
    for (const form of formsOf(value)) if (!rules.has(form)) rules.set(form, rule);
  }
  const detectors: Detector[] = [];
  const windows: WindowDetector[] = [];
  for (const [value, rule] of rules) {
    const key = longestAscii(value);
    if (key.length >= shortestKey) detectors.push(byKey(value, rule, key));
    else windows.push(bySearch(value, rule));
  }
  return { detectors, windows };
}

function byKey(value: string, rule: string, key: string): Detector {
  const offset = value.indexOf(key);
  return {
    keywords: [key.toLowerCase()],
    probe(text, start, _end, report) {
      const from = start - offset;
      if (from >= 0 && text.startsWith(value, from)) report(known(from, value, rule));
    },
  };
}

/** For values without a stretch of ASCII to look for. */
function bySearch(value: string, rule: string): WindowDetector {
  return {
    find(text, from, to, report) {
      const window = text.slice(from, to + value.length);
      for (let at = window.indexOf(value); at >= 0; at = window.indexOf(value, at + 1))
        report(known(from + at, value, rule));
    },
  };
}

function known(start: number, value: string, rule: string): Match {
  const why = 'is a value of your environment or credential files';
  return { start, end: start + value.length, rule, layer: 'known', why };
}

function longestAscii(value: string): string {
  const stretches = value.match(/[\x01-\x7f]+/g) ?? [];
  return stretches.reduce((best, next) => (next.length > best.length ? next : best), '').slice(0, longestKey);
}

function formsOf(value: string): string[] {
  const escaped = [JSON.stringify(value).slice(1, -1), encodeURIComponent(value.toWellFormed())];
  if (value.length > longestEncoded) return [value, ...escaped];
  const bytes = new TextEncoder().encode(value);
  const base64 = [0, 1, 2].map((shift) => base64At(bytes, shift));
  const base64url = base64.map((form) => form.replaceAll('+', '-').replaceAll('/', '_'));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [value, ...escaped, ...base64, ...base64url, hex, hex.toUpperCase()];
}

/** The digits that stand for these bytes alone when `shift` other bytes come before them in the same group of three. */
function base64At(bytes: Uint8Array, shift: number): string {
  const text = btoa(String.fromCharCode(...new Uint8Array(shift), ...bytes)).replace(/=+$/, '');
  const whole = (shift + bytes.length) % 3 === 0;
  return text.slice(shift === 0 ? 0 : shift + 1, whole ? undefined : -1);
}
