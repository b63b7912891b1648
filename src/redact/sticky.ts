/** The end of the match of a sticky pattern at `at`, or `undefined` when it does not match there. */
export function past(pattern: RegExp, text: string, at: number): number | undefined {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex : undefined;
}
