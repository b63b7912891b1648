/** A text as one word of a POSIX shell, whatever is in it (but NUL, which no path can hold). */
export function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
