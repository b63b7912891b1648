import { compilePattern } from './language/pattern.ts';
import type { Condition, Field } from './query.ts';
import { terms, wantedTerms } from './words.ts';

/** A place in a text: UTF-16 units, the end excluded. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** A text that is looked for, as it is found again in what it was found in. */
export interface Wanted {
  readonly field: Field | undefined;
  /** Where it is in a text, in order, at most `limit` places. */
  find(text: string, limit: number): Span[];
}

/** The texts that a condition looks for; those that must not be there are left out. Phrases come first: they tell most. */
export function wantedIn(condition: Condition | undefined): Wanted[] {
  const found = [...leaves(condition)];
  return found.sort((a, b) => a.order - b.order).map(({ wanted }) => wanted);
}

function* leaves(condition: Condition | undefined): Generator<{ order: number; wanted: Wanted }> {
  switch (condition?.kind) {
    case 'all':
    case 'any':
      for (const part of condition.of) yield* leaves(part);
      return;
    case 'phrase':
      yield { order: 0, wanted: { field: condition.in, find: (text, limit) => findText(text, condition.text, limit) } };
      return;
    case 'regex': {
      const pattern = compilePattern(condition.source);
      const find = (text: string, limit: number): Span[] =>
        pattern.find(text, limit).filter(({ from, to }) => to > from);
      yield { order: 0, wanted: { field: condition.in, find } };
      return;
    }
    case 'word':
      yield { order: 1, wanted: wantedWord(condition.text, condition.prefix, condition.in) };
      return;
    case 'filter':
      if (condition.filter === 'cmd')
        yield { order: 2, wanted: { field: 'tool', find: (text, limit) => findText(text, condition.value, limit) } };
      return;
    default:
  }
}

/** Where a text stands, whatever the case. Case must not change lengths for the places to be right; where it does, only the text itself is found. */
function findText(text: string, wanted: string, limit: number): Span[] {
  const [lower, low] = [text.toLowerCase(), wanted.toLowerCase()];
  const [inText, inWanted] = lower.length === text.length ? [lower, low] : [text, wanted];
  const found: Span[] = [];
  for (let at = inText.indexOf(inWanted); at >= 0 && inWanted !== '' && found.length < limit; ) {
    found.push({ from: at, to: at + inWanted.length });
    at = inText.indexOf(inWanted, at + inWanted.length);
  }
  return found;
}

/** Characters around a place that are enough to see which words stand there, and those that are read when nothing else helps. */
const around = 200;
const read = 8192;

function wantedWord(word: string, prefix: boolean, field: Field | undefined): Wanted {
  const alternatives = wantedTerms(word.slice(0, 4096), prefix);
  const wanted = alternatives.flat();
  const isWanted = (term: string): boolean =>
    wanted.some((one) => (one.prefix ? term.startsWith(one.term) : term === one.term));
  const find = (text: string, limit: number): Span[] => {
    const lower = text.toLowerCase();
    const places = [word.toLowerCase(), ...wanted.map(({ term }) => term)].map((one) => lower.indexOf(one));
    const first = Math.min(...places.filter((at) => at >= 0), text.length);
    const from = first === text.length ? 0 : Math.max(0, first - around);
    // Words that are written in another way than their terms (accents, stems) are read from the beginning.
    const found = spans(text.slice(from, from + around * 4), from, isWanted, limit);
    return found.length > 0 ? found : spans(text.slice(0, read), 0, isWanted, limit);
  };
  return { field, find };
}

function spans(text: string, at: number, isWanted: (term: string) => boolean, limit: number): Span[] {
  const found: Span[] = [];
  for (const { term, from, to } of terms(text)) {
    if (!isWanted(term)) continue;
    const last = found.at(-1);
    if (last && at + from < last.to)
      found[found.length - 1] = { from: Math.min(last.from, at + from), to: Math.max(last.to, at + to) };
    else if (found.length >= limit) break;
    else found.push({ from: at + from, to: at + to });
  }
  return found;
}
