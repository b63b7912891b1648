import { oneLine, printable } from '../core/text.ts';

/** A text as one short line for people, without control characters and marks that could hide or forge what it says. */
export function visibleLine(text: string, limit = 100): string {
  // What is cut off anyway is not looked at.
  return oneLine(printable(text.slice(0, limit * 10)), limit);
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** A text inside HTML. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => entities[sign] ?? sign);
}

/** A text inside a line of Markdown, as it is and nothing more. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_[\]<>&~|!]/g, '\\$&');
}
