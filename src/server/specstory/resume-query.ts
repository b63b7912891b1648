/** What somebody looks for: every term has to be there. */
export interface ResumeQuery {
  /** One pattern for each term, over folded text. */
  readonly terms: readonly RegExp[];
}

const word = '[\\p{L}\\p{N}]';
/** A lone letter finds everything: as SpecStory's clients, two are asked for. */
const shortest = 2;
/** Terms beyond these say nothing more. */
const mostTerms = 32;

/**
 * Reads a query as SpecStory's local search does: words are beginnings of words, `"…"` is a phrase, and a quote that is not closed makes the last
 * word of its phrase a beginning. Letters count without accents and case; there is no stemming, and no sign has a meaning of its own. Nothing when it has
 * fewer than two letters or digits.
 */
export function parseResumeQuery(text: string): ResumeQuery | undefined {
  const folded = foldText(text);
  if ((folded.match(/[\p{L}\p{N}]/gu) ?? []).length < shortest) return undefined;
  const terms: RegExp[] = [];
  for (const [index, part] of folded.split('"').entries()) {
    const words = part.match(/[\p{L}\p{N}]+/gu) ?? [];
    const isPhrase = index % 2 === 1;
    const isClosed = isPhrase && index < folded.split('"').length - 1;
    if (isPhrase && words.length > 0) terms.push(pattern(words, isClosed));
    if (!isPhrase) terms.push(...words.map((one) => pattern([one], false)));
  }
  return terms.length === 0 ? undefined : { terms: terms.slice(0, mostTerms) };
}

/** Words hold letters and digits only: nothing of them means something in a pattern. */
function pattern(words: readonly string[], isWhole: boolean): RegExp {
  const end = isWhole ? `(?!${word})` : '';
  return new RegExp(`(?<!${word})${words.join('[^\\p{L}\\p{N}]{1,16}')}${end}`, 'u');
}

/** A text without accents and case, unit by unit as long as the text itself, so that places in one are places in the other. */
export function foldText(text: string): string {
  const lower = text.replace(/[A-Z]+/g, (run) => run.toLowerCase());
  return lower.replace(/[^\0-\x7f]/g, (unit) => {
    const plain = unit.normalize('NFD').charAt(0).toLowerCase();
    return plain.length === 1 ? plain : unit;
  });
}

const [mark, end] = ['\x02', '\x03'];

/** A few words around the first term that a text has, marked as SpecStory's clients want it; nothing when it has none. */
export function snippetOf({ terms }: ResumeQuery, text: string, folded: string): string | undefined {
  const found = terms.map((term) => term.exec(folded)).find((match) => match !== null);
  if (!found) return undefined;
  const [from, to] = [found.index, found.index + found[0].length];
  const before = text
    .slice(Math.max(0, from - 200), from)
    .split(/\s+/)
    .slice(-6)
    .join(' ');
  const after = text
    .slice(to, to + 200)
    .split(/\s+/)
    .slice(0, 6)
    .join(' ');
  const line = (part: string): string => part.replace(/[\0-\x1f\x7f]+/g, ' ').toWellFormed();
  return `${from > 0 ? '…' : ''}${line(before)}${mark}${line(text.slice(from, to))}${end}${line(after)}…`;
}
