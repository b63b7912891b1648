/** Runs shorter than this are neither random tokens nor worth decoding. */
const shortestRun = 20;

/** 1 for the codes (see `readCodes`) of tokens: letters, digits and `+ / _ - =`. */
const member = new Uint8Array(256);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=')
  member[char.charCodeAt(0)] = 1;

function isTokenAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && member[code] === 1;
}

/**
 * Appends (start, end) of every run of at least `shortestRun` token characters that starts in [from, to) of `codes`, the codes
 * of `text` from `offset` on. Looks at every twentieth character first: a long run cannot hide between two of them.
 */
export function findRuns(
  codes: Uint8Array,
  from: number,
  to: number,
  text: string,
  offset: number,
  runs: number[],
): void {
  let at = from;
  // The rest of a run that an earlier part of the text has reported.
  if (offset + at > 0 && isTokenAt(text, offset + at - 1)) while (at < to && member[codes[at] ?? 0] === 1) at++;
  while (at < to) {
    let probe = Math.min(at + shortestRun, to) - 1;
    while (probe >= at && member[codes[probe] ?? 0] === 1) probe--;
    if (probe >= at) {
      at = probe + 1;
      continue;
    }
    let end = Math.min(at + shortestRun, to);
    while (end < to && member[codes[end] ?? 0] === 1) end++;
    const start = at;
    at = end + 1;
    if (end === to) end = endOf(text, offset + to) - offset;
    if (end - start >= shortestRun) runs.push(offset + start, offset + end);
  }
}

function endOf(text: string, from: number): number {
  let at = from;
  while (at < text.length && isTokenAt(text, at)) at++;
  return at;
}
