/** A fenced code block that holds `text` exactly: its fence is longer than any run of backticks inside. */
export function fence(info: string, text: string): string {
  const ticks = '`'.repeat(Math.max(3, longestRun(text) + 1));
  return `${ticks}${info}\n${text}\n${ticks}\n`;
}

/** A fence as it was read: its info word, its text, and where it ends. */
export interface Fence {
  readonly info: string;
  readonly text: string;
  readonly end: number;
}

/**
 * The first fence in `text` at or after `from`, skipping the lines before it; `undefined` when there is none or it has
 * no end.
 */
export function nextFence(text: string, from: number): Fence | undefined {
  const opening = /^(`{3,})([^`\n]*)\n/gm;
  opening.lastIndex = from;
  const match = opening.exec(text);
  if (!match) return undefined;
  // From the line break before the text, so that an empty text is found as well.
  const start = opening.lastIndex;
  const close = text.indexOf(`\n${match[1]}\n`, start);
  if (close < 0) return undefined;
  return { info: match[2] ?? '', text: text.slice(start, close), end: close + (match[1]?.length ?? 0) + 2 };
}

function longestRun(text: string): number {
  if (!text.includes('```')) return 0;
  let longest = 0;
  for (const [run] of text.matchAll(/`{3,}/g)) longest = Math.max(longest, run.length);
  return longest;
}

/**
 * The fence that would close the one this Markdown leaves open, or `''`. Text that was cut, or that shows half of a
 * block, must not turn everything behind it into code on a page.
 */
export function openFence(text: string): string {
  if (!text.includes('```') && !text.includes('~~~')) return '';
  let open = '';
  for (const [, run = '', rest = ''] of text.matchAll(/^ {0,3}(`{3,}|~{3,})([^\n\r]*)/gm)) {
    if (open === '') open = run.startsWith('`') && rest.includes('`') ? '' : run;
    else if (run.startsWith(open) && rest.trim() === '') open = '';
  }
  return open;
}
