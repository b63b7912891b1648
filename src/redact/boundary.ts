const word = /[A-Za-z0-9]/;

/** What may end just before a token although it ends in a letter or digit: escapes of JSON and addresses, terminal colours. */
const escapeSequence = /(?:\\[nrtbf]|\\u[0-9a-fA-F]{4}|\\x[0-9a-fA-F]{2}|%[0-9a-fA-F]{2}|(?:\x1b|\\e|\\033)\[[\d;]*m)$/;

/** Whether a token may begin at `at`: not in the middle of a word. */
export function beginsToken(text: string, at: number): boolean {
  if (at === 0 || !word.test(text.charAt(at - 1))) return true;
  return escapeSequence.test(text.slice(Math.max(0, at - 12), at));
}
