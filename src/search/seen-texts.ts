import { commandMark } from './document-texts.ts';
import { compilePattern, type Pattern } from './language/pattern.ts';
import { type Bounds, type Condition, type Field, fields } from './query.ts';

// What an index of words cannot tell of a condition, and the texts of a document can. Texts are in the order of `fields`.

/** Whether a condition can be told from texts only. */
export function needsTexts(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(needsTexts);
  if (condition.kind === 'not') return needsTexts(condition.of);
  return (
    condition.kind === 'phrase' ||
    condition.kind === 'regex' ||
    (condition.kind === 'filter' && condition.filter === 'cmd')
  );
}

/** Whether a phrase stands in a field, or in any. */
export function hasPhrase(
  texts: readonly string[],
  { text, in: field }: Extract<Condition, { kind: 'phrase' }>,
): boolean {
  return textsIn(texts, field).some((one) => hasText(one, text));
}

/** Whether a command ran that has a text in it. */
export function ran(texts: readonly string[], wanted: string): boolean {
  const lines = (texts[fields.indexOf('tool')] ?? '').split('\n');
  return lines.some((line) => line.startsWith(commandMark) && hasText(line.slice(commandMark.length), wanted));
}

/** Whether a number that is known lies within bounds. */
export function inBounds(value: number | null, { least, above, most, below }: Bounds): boolean {
  if (value === null) return false;
  const isHigh = (least === undefined || value >= least) && (above === undefined || value > above);
  return isHigh && (most === undefined || value <= most) && (below === undefined || value < below);
}

/** Milliseconds that regular expressions may take in one search. */
const patience = 1000;

/** The regular expressions of one search. */
export class Patterns {
  private readonly compiled = new Map<string, Pattern>();
  private readonly deadline = performance.now() + patience;
  /** Whether it had to give up. */
  isLate = false;

  /** Whether one matches in a field, or in any; nothing does once time is up. */
  match(texts: readonly string[], { source, in: field }: Extract<Condition, { kind: 'regex' }>): boolean {
    return textsIn(texts, field).some((text) => text !== '' && this.matches(source, text));
  }

  private matches(source: string, text: string): boolean {
    const pattern = this.compiled.get(source) ?? compilePattern(source);
    this.compiled.set(source, pattern);
    if (this.isLate) return false;
    const found = pattern.test(text);
    this.isLate = performance.now() > this.deadline;
    return found;
  }
}

function textsIn(texts: readonly string[], field: Field | undefined): readonly string[] {
  return field === undefined ? texts : [texts[fields.indexOf(field)] ?? ''];
}

function hasText(text: string, wanted: string): boolean {
  return wanted !== '' && text.toLowerCase().includes(wanted.toLowerCase());
}
