import { malformed, type ReadBlock } from './marker.ts';

/**
 * A text behind a line that opens it on a page; nothing to open when there is no text. `summary` is one line of HTML.
 */
export function folded(summary: string, text: string): string {
  const line = `<details><summary>${summary}</summary>`;
  return text === '' ? `${line}</details>\n` : `${line}\n\n${text}\n</details>\n`;
}

/** The text in a block that `folded` wrote. */
export function unfolded({ body, line }: ReadBlock): string {
  const head = body.indexOf('\n');
  const first = body.slice(0, head);
  if (!first.startsWith('<details><summary>')) malformed(line, 'a folded block without <details>');
  if (first.endsWith('</summary></details>') && body.length === head + 1) return '';
  const whole = body.startsWith('\n\n', head) && body.endsWith('\n</details>\n') && body.length >= head + 13;
  return whole ? body.slice(head + 2, -'\n</details>\n'.length) : malformed(line, 'a folded block without its end');
}
