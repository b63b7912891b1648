/** The alphabets of `Samples` in src/redact/rules/rule.ts. */
const digits = '0123456789';
const lower = 'abcdefghijklmnopqrstuvwxyz';
const upper = lower.toUpperCase();
const alphabets: { readonly [name: string]: string } = {
  w: lower + upper + digits,
  a: lower + upper,
  l: lower + digits,
  u: upper + digits,
  d: digits,
  x: `${digits}abcdef`,
  X: `${digits}ABCDEF`,
  z: `${lower}234567`,
  b: `${lower}${upper}${digits}-_`,
  s: `${lower}${upper}${digits}+/`,
};

/** Random numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A sample with its blanks filled in. The same text and seed give the same sample; nothing in it was ever a live token. */
export function fill(sample: string, seed = 1): string {
  return fillParts(sample, seed).text;
}

/** As `fill`, and the longest part that was filled in: it must not survive. */
export function fillParts(sample: string, seed = 1): { text: string; secret: string } {
  const next = random([...sample].reduce((sum, char) => Math.imul(sum, 31) + char.charCodeAt(0), seed * 7919));
  let secret = '';
  const text = sample
    .replaceAll('·', '')
    .replace(/«(guid|([a-zA-Z])(\d+))»/g, (_, kind: string, name = 'x', count = '0') => {
      const made = kind === 'guid' ? guid(next) : letters(alphabets[name] ?? '', Number(count), next);
      if (made.length > secret.length) secret = made;
      return made;
    });
  return { text, secret };
}

function letters(alphabet: string, count: number, next: () => number): string {
  // A mark at an end would be taken for one of the text around it.
  const ends = alphabet.replace(/[-_+/]/g, '');
  return Array.from({ length: count }, (_, at) => {
    const from = at === 0 || at === count - 1 ? ends : alphabet;
    return from[Math.floor(next() * from.length)];
  }).join('');
}

function guid(next: () => number): string {
  const hex = (count: number) => letters(alphabets.x ?? '', count, next);
  return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
}
