import { readSpeaker, type Speaker } from './specstory-head.ts';

/** What stands between two announcements of a speaker. */
export interface SpokenLines {
  readonly speaker: Speaker;
  readonly lines: readonly string[];
}

/**
 * The document by speakers. A line inside a fence of three backticks counts as well, because older versions put text
 * that holds backticks into such fences and they leak; only a longer fence, which is chosen to fit its text, hides what
 * it holds.
 */
export function speakersOf(lines: readonly string[]): SpokenLines[] {
  const hidden = longFences(lines);
  const found: { speaker: Speaker; at: number }[] = [];
  for (let at = 0; at < lines.length; at++) {
    at = hidden.get(at) ?? at;
    const speaker = readSpeaker(lines[at] ?? '');
    if (speaker) found.push({ speaker, at });
  }
  return found.map(({ speaker, at }, index) => {
    const next = found[index + 1]?.at;
    return { speaker, lines: trimmed(lines.slice(at + 1, next), next !== undefined) };
  });
}

/** First and last line of every fence of four or more signs that has an end. */
export function longFences(lines: readonly string[]): Map<number, number> {
  const fences = new Map<number, number>();
  // A fence this long was opened and never closed, so no longer one can be.
  let leaking = Number.POSITIVE_INFINITY;
  for (let at = 0; at < lines.length; at++) {
    const [, run = ''] = /^ {0,3}(`{4,}|~{4,})[^`]*$/.exec(lines[at] ?? '') ?? [];
    if (run === '' || run.length >= leaking) continue;
    const end = fenceEnd(lines, at + 1, run);
    if (end < 0) leaking = run.length;
    else {
      fences.set(at, end);
      at = end;
    }
  }
  return fences;
}

/** The line that closes a fence like `run`, or -1. */
export function fenceEnd(lines: readonly string[], from: number, run: string): number {
  for (let at = from; at < lines.length; at++) {
    const line = lines[at]?.trim() ?? '';
    if (line.startsWith(run) && line === run.charAt(0).repeat(line.length)) return at;
  }
  return -1;
}

/** Without empty lines around, and without the rule before the next speaker. */
function trimmed(lines: readonly string[], isFollowed: boolean): string[] {
  let [start, end] = [0, lines.length];
  const isEmpty = (at: number) => lines[at]?.trim() === '';
  while (start < end && isEmpty(start)) start++;
  while (end > start && isEmpty(end - 1)) end--;
  if (isFollowed && end > start && lines[end - 1] === '---') end--;
  while (end > start && isEmpty(end - 1)) end--;
  return lines.slice(start, end);
}
