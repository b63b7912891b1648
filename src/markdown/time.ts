/** A stored instant as SpecStory prints it: `2026-01-02 03:04:05Z`. */
export function printedTime(instant: string): string {
  return `${instant.slice(0, 10)} ${instant.slice(11, 19)}Z`;
}
