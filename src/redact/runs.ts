/** Runs shorter than this are neither random tokens nor worth decoding. */
export const shortestRun = 20;

/** 1 for the characters of tokens: letters, digits and `+ / _ - =`. */
const member = new Uint8Array(128);
for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/_-=')
  member[char.charCodeAt(0)] = 1;

/** Whether the character at `at` may be part of a token. */
export function isTokenAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code < 128 && member[code] === 1;
}

/**
 * Appends (start, end) of every run of token characters that starts in [from, to) and is at least `shortestRun` long.
 * Looks at every twentieth character first: a shorter run cannot hide between two of them.
 */
export function findRuns(text: string, from: number, to: number, runs: number[]): void {
  let at = from;
  if (at > 0 && isTokenAt(text, at - 1)) while (at < to && isTokenAt(text, at)) at++;
  while (at < to) {
    let probe = at + shortestRun - 1;
    if (probe >= text.length) return;
    while (probe >= at && isTokenAt(text, probe)) probe--;
    if (probe >= at) {
      at = probe + 1;
      continue;
    }
    let end = at + shortestRun;
    while (end < text.length && isTokenAt(text, end)) end++;
    runs.push(at, end);
    at = end + 1;
  }
}
