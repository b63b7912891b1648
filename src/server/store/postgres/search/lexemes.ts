import type { Fact } from '../../../../search/documents.ts';
import { type Field, fields } from '../../../../search/query.ts';
import { indexedTerms } from '../../../../search/words.ts';

/**
 * What a document is found by. A term stands as it is, and once more behind the letter of each field that it is in (`p:retry`). Facts begin with
 * `=`, which no term does: `=agent=codex`, and `=agent` for that it has one at all. Paths are there backwards as well (`=edited~st.nigol/htua/crs`),
 * so that the end of a path is the beginning of a lexeme.
 */
const letters: Readonly<Record<Field, string>> = {
  prompt: 'p:',
  answer: 'a:',
  thinking: 'h:',
  tool: 't:',
  output: 'o:',
  diff: 'd:',
  title: 'i:',
};

/** The terms of one field; what has more is data. */
const mostTerms = 8000;
/** Bytes of all lexemes; PostgreSQL refuses a vector of more than 1 MB. */
const mostBytes = 900_000;
/** Characters of a fact; a lexeme has at most 2046 bytes. */
const longestFact = 400;

export const termLexeme = (term: string, field?: Field): string => (field === undefined ? term : letters[field] + term);
export const kindLexeme = (kind: string): string => `=${kind}`;
export const factLexeme = (kind: string, value: string): string => `=${kind}=${folded(value)}`;
/** The beginning of the lexemes of paths that end so. */
export const endLexeme = (kind: string, end: string): string => `=${kind}~${backwards(folded(end))}`;
export const projectLexeme = (project: string): string => `=project=${project}`;

export function folded(value: string): string {
  return value.toLowerCase().toWellFormed().replaceAll('\0', '').slice(0, longestFact).toWellFormed();
}

/** A document as PostgreSQL reads a `tsvector`, and the terms in it. */
export function vectorOf(
  project: string,
  texts: readonly string[],
  facts: readonly Fact[],
): { vector: string; terms: Set<string> } {
  const terms = new Set<string>();
  const lexemes = new Set<string>([projectLexeme(project), ...facts.flatMap(factLexemes)]);
  for (const [index, field] of fields.entries()) {
    const found = indexedTerms(texts[index] ?? '').split(' ');
    for (const term of new Set(found.slice(0, mostTerms * 4))) {
      if (term === '') continue;
      terms.add(term);
      lexemes.add(term);
      lexemes.add(termLexeme(term, field));
    }
  }
  return { vector: printed(lexemes), terms };
}

/** A lexeme in a `tsvector` or `tsquery`. */
export function quoted(lexeme: string): string {
  return `'${lexeme.replace(/['\\]/g, '$&$&')}'`;
}

function factLexemes({ kind, value }: Fact): string[] {
  const plain = [kindLexeme(kind), factLexeme(kind, value)];
  if (kind === 'edited' || kind === 'read') return [...plain, endLexeme(kind, value)];
  if (kind !== 'model') return plain;
  const words = value.split('-');
  return [...plain, ...words.slice(1, 8).map((_, at) => factLexeme(kind, words.slice(at + 1).join('-')))];
}

function printed(lexemes: Iterable<string>): string {
  const all: string[] = [];
  let bytes = 0;
  for (const lexeme of lexemes) {
    bytes += Buffer.byteLength(lexeme);
    if (bytes > mostBytes) break;
    all.push(quoted(lexeme));
  }
  return all.join(' ');
}

function backwards(text: string): string {
  return [...text].reverse().join('');
}
