import * as z from 'zod';
import type { Column, Row } from '../../core/host.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import { fields } from '../query.ts';
import { distinctNames } from '../words.ts';

/** The texts of a document, in the order of `fields`. */
export type Texts = readonly string[];

/** Different names of one field; what has more is data. */
const mostNames = 8000;

/** A document as the index of words takes it. */
export interface IndexedDocument {
  readonly doc: number;
  /** The terms of each field with a space between them, in the order of `fields`. */
  readonly terms: readonly string[];
  readonly facts: string;
}

/** The terms of a text, those of each name once; `learn` hears of every name. */
export function termsOf(text: string, learn: (name: string, terms: string) => void): string {
  const all: string[] = [];
  for (const [name, terms] of text === '' ? [] : distinctNames(text)) {
    if (all.length >= mostNames) break;
    if (terms === '') continue;
    all.push(terms);
    learn(name, terms);
  }
  return all.join(' ');
}

/** Puts a document into the index of words. */
export function indexWords(database: StoreDatabase, { doc, terms, facts }: IndexedDocument): void {
  const sql = `INSERT INTO search_words (rowid, ${fields.join(', ')}, facts) VALUES (?, ${fields.map(() => '?').join(', ')}, ?)`;
  database.run(sql, [doc, ...terms, facts]);
}

/** Takes a document out of the indexes of words. */
export function forgetWords(database: StoreDatabase, doc: number): void {
  database.run('DELETE FROM search_words WHERE rowid = ?', [doc]);
}

const textsSchema = z.tuple([z.string(), z.string(), z.string(), z.string(), z.string(), z.string(), z.string()]);

/** The texts of some documents; the fields in their order. */
export function textsOf(database: StoreDatabase, docs: readonly number[]): Map<number, Texts> {
  const sql = `SELECT json_group_array(json_array(doc, ${fields.join(', ')})) AS found FROM search_texts
    WHERE doc IN (SELECT value FROM json_each(?))`;
  const [row] = database.rows(sql, [JSON.stringify(docs)]);
  const found = z.array(z.tuple([z.number(), ...textsSchema.def.items])).parse(JSON.parse(textOf(row, 'found')));
  return new Map(found.map(([doc, ...texts]) => [doc, texts]));
}

/** A column that is text. */
export function textOf(row: Row | undefined, column: string): string {
  return z.string().parse(row?.[column]);
}

/** Runs a query of one column of JSON and gives its value. */
export function jsonRow(database: StoreDatabase, sql: string, parameters: readonly Column[]): unknown {
  return JSON.parse(textOf(database.rows(sql, parameters)[0], 'found'));
}
