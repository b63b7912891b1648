/** Text as it may be stored: lone surrogates and NUL become visible stand-ins, because git would call a file with NUL binary. */
export function storable(text: string): string {
  return (text.isWellFormed() ? text : text.toWellFormed()).replaceAll('\0', '\u2400');
}

/** One line: white space collapsed, cut at `limit` characters on a word where possible. */
export function oneLine(text: string, limit = 100): string {
  const line = text.replace(/\s+/g, ' ').trim();
  if (line.length <= limit) return line;
  const cut = line
    .slice(0, limit - 1)
    .toWellFormed()
    .replace(/\uFFFD$/, '');
  const space = cut.lastIndexOf(' ');
  return `${(space > limit / 2 ? cut.slice(0, space) : cut).trimEnd()}…`;
}

/** A number with its noun: `1 session`, `2 sessions`. */
export function counted(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

/**
 * The slug of a prompt by SpecStory's rules (tags dropped, marks stripped, first four words),
 * so that files exported here and there get the same name. Empty for a prompt without Latin letters or digits.
 */
export function slug(prompt: string): string {
  return prompt
    .slice(0, 4096)
    .replace(/<([a-zA-Z][\w-]*)[^>]*>[\s\S]*?<\/[^>]+>|<[a-zA-Z][^>]*\/>/g, ' ')
    .trim()
    .replace(/^#{1,6}\s+/, '')
    .normalize('NFD')
    .replace(/\p{Mn}/gu, '')
    .normalize('NFC')
    .toLowerCase()
    .replaceAll('@', ' at ')
    .replaceAll('&', ' and ')
    .replaceAll('#', ' hash ')
    .replace(/[^a-z0-9\s]+/g, ' ')
    .trim()
    .split(/\s+/)
    .slice(0, 4)
    .join('-');
}

/** An instant in the one form that is stored (`2026-01-02T03:04:05.678Z`), or `undefined` for what is not a time between 1970 and 9999. */
export function instant(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const time = new Date(value);
  const ms = time.getTime();
  return ms > 0 && ms < 253_402_300_800_000 ? time.toISOString() : undefined;
}

/** CSI sequences; strings (OSC, DCS …) with their end; other escapes; then single controls, C1 and marks of direction. */
const escapes = new RegExp(
  [
    '\\x1b\\[[0-?]*[ -/]*[@-~]',
    '\\x1b[\\]PX^_][^\\x07\\x1b]*(?:\\x07|\\x1b\\\\)',
    '\\x1b[ -/]*[0-~]',
    '[\\x00-\\x08\\x0b-\\x1f\\x7f-\\x9f\\u061c\\u200e\\u200f\\u202a-\\u202e\\u2066-\\u2069]',
  ].join('|'),
  'g',
);

/**
 * Text of a transcript as it may be shown on a terminal: escape sequences, control characters (but for line end and tab) and
 * marks that change the direction of writing are taken out, because a transcript may hold text made to deceive.
 */
export function printable(text: string): string {
  return text.replace(escapes, '');
}

/** Orders texts by code units: not by the rules of a language, which differ between machines. */
export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
