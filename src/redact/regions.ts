import { layers, type Match } from './match.ts';
import { placeholder, withheld } from './placeholder.ts';

/**
 * Merges matches into regions that do not overlap, each named after its longest match (the surest of equally long ones),
 * and keeps them off `fixed`, the placeholders that are already there. Both in any order; the result in order of position.
 */
export function regionsOf(matches: readonly Match[], fixed: readonly Span[]): Match[] {
  const ordered = withoutGuesses(matches).sort((a, b) => a.start - b.start);
  const merged: Match[] = [];
  let best: Match | undefined;
  for (const match of ordered) {
    const last = merged.at(-1);
    if (!last || !best || match.start >= last.end) {
      merged.push(match);
      best = match;
      continue;
    }
    if (precedes(match, best)) best = match;
    merged[merged.length - 1] = { ...best, start: last.start, end: Math.max(last.end, match.end) };
  }
  return fixed.length === 0 ? merged : merged.flatMap((region) => without(region, fixed));
}

/** A guess by entropy gives way to what was recognised in the same run; what is left of the run is looked at again. */
function withoutGuesses(matches: readonly Match[]): Match[] {
  const sure = matches.filter(({ layer }) => layer !== 'entropy');
  return matches.filter(
    (match) => match.layer !== 'entropy' || !sure.some(({ start, end }) => start < match.end && end > match.start),
  );
}

export interface Span {
  readonly start: number;
  readonly end: number;
}

/** Whether `a` names the region rather than `b`: what was withheld, then the longer, then the surer. */
function precedes(a: Match, b: Match): boolean {
  if ((a.layer === 'withheld') !== (b.layer === 'withheld')) return a.layer === 'withheld';
  const longer = a.end - a.start - (b.end - b.start);
  return longer === 0 ? rank(a) < rank(b) : longer > 0;
}

const ranks: readonly string[] = layers;

function rank(match: Match): number {
  return ranks.indexOf(match.layer);
}

function without(region: Match, fixed: readonly Span[]): Match[] {
  const pieces: Match[] = [];
  let start = region.start;
  for (const span of fixed) {
    if (span.end <= start || span.start >= region.end) continue;
    if (span.start > start) pieces.push({ ...region, start, end: span.start });
    start = span.end;
  }
  if (start < region.end) pieces.push({ ...region, start });
  return pieces;
}

/** The text with a placeholder for every region; line ends inside a region stay, so that line numbers do. */
export function replace(text: string, regions: readonly Match[]): string {
  let out = '';
  let done = 0;
  for (const region of regions) {
    const gone = text.slice(region.start, region.end);
    out += text.slice(done, region.start) + standIn(region) + (gone.match(/\r\n|\r|\n/g)?.join('') ?? '');
    done = region.end;
  }
  return out + text.slice(done);
}

function standIn({ rule, layer, rest }: Match): string {
  if (rest) return '';
  return layer === 'withheld' ? withheld(rule) : placeholder(rule);
}
