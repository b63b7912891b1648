import { type WantedTerm, wantedTerms } from './words.ts';

/** A part of a word, at the beginning or the end of a phrase: it may go on outside of it. */
export interface Piece {
  readonly term: string;
  /** The word may begin before it, end behind it. */
  readonly openBefore: boolean;
  readonly openAfter: boolean;
}

/** What every text that has a phrase in it has in an index of words. Necessary, not enough: who looks there looks at the text as well. */
export interface PhraseTerms {
  readonly terms: readonly WantedTerm[];
  readonly pieces: readonly Piece[];
}

/** Parts of a phrase that are looked for; the rest is seen in the text. */
const most = 12;

const name = /[\p{L}\p{N}][\p{L}\p{N}\p{M}]*(?:(?:_+|[.-])[\p{L}\p{N}][\p{L}\p{N}\p{M}]*)*/gu;
/** What joins two parts of one name (`words.ts`), when nothing else stands there. */
const joint = /^(?:_+|[.-]|\p{M}+)?$/u;
const unspaced =
  /[\p{scx=Han}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Hangul}\p{scx=Thai}\p{scx=Lao}\p{scx=Khmer}\p{scx=Myanmar}]/u;

export function phraseTerms(phrase: string): PhraseTerms {
  const terms: WantedTerm[] = [];
  const pieces: Piece[] = [];
  for (const match of phrase.slice(0, 2000).matchAll(name)) {
    if (terms.length + pieces.length >= most) break;
    const [text, from, to] = [match[0], match.index, match.index + match[0].length];
    // In scripts without spaces every pair of neighbours is a term wherever words begin: nothing there is open.
    const isUnspaced = unspaced.test(text);
    const openBefore = joint.test(phrase.slice(0, from)) && !isUnspaced;
    const openAfter = joint.test(phrase.slice(to)) && !isUnspaced;
    const wanted = wantedTerms(text)[0] ?? [];
    const [only] = wanted;
    if (!openBefore && !openAfter) terms.push(...wanted);
    else if (only && wanted.length === 1) pieces.push({ term: only.term, openBefore, openAfter });
  }
  return { terms, pieces };
}
