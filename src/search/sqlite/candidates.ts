import * as z from 'zod';
import type { Column } from '../../core/host.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import type { Scope } from '../search-index.ts';
import { jsonRow } from './stored-document.ts';

/** A document as far as order, facets and permission go. Numbers of facts are those of `search_values`. */
export interface Candidate {
  readonly doc: number;
  readonly project: string;
  readonly session: string;
  readonly writer: string;
  readonly exchange: string;
  readonly ordinal: number;
  /** Milliseconds since 1970; 0 when it is not known. */
  readonly at: number;
  /** When its session began. */
  readonly born: number;
  readonly state: number;
  readonly agent: number | null;
  readonly branch: number | null;
  readonly author: number | null;
  readonly file: number | null;
  readonly has: number;
  readonly tokens: number | null;
  readonly duration: number | null;
}

const columns = [
  ...(['doc', 'project', 'session', 'writer', 'exchange', 'ordinal', 'at', 'born', 'state'] as const),
  ...(['agent', 'branch', 'author', 'file', 'has', 'tokens', 'duration'] as const),
] as const;
/** A condition on the rows themselves: SQL about a document `d`. */
export interface RowCondition {
  readonly sql: string;
  readonly parameters: readonly Column[];
}

export interface Wish {
  /** For `MATCH`. */
  readonly match: string;
  /** Keys: both ends are included. */
  readonly from: number;
  readonly to: number;
  readonly rows: readonly RowCondition[];
  /** The oldest first, not the newest. */
  readonly isAscending: boolean;
  readonly limit: number;
  /** Documents that are not asked for again. */
  readonly known: ReadonlySet<number>;
}

/** Entries of the index that are looked at for one list of candidates. */
export const mostLooked = 20_000;

/** The SQL of a wish and its parameters, for so many entries of the index; `EXPLAIN QUERY PLAN` of it is tested. */
export function candidatesQuery(scope: Scope, wish: Wish, entries: number): [string, Column[]] {
  const { match, from, to, rows, isAscending, known } = wish;
  const readable = JSON.stringify(scope.projects.map(({ key }) => key));
  const open = JSON.stringify(scope.projects.flatMap(({ key, hidden }) => (hidden ? [key] : [])));
  // Who may see a document is asked before it counts. The entries are counted and the last is told, so that a walk goes on and is never done twice.
  const sql = `SELECT json_array(count(*), ${isAscending ? 'max' : 'min'}(w.rowid),
      json_group_array(json_array(${columns.join(', ')})) FILTER (WHERE d.doc IS NOT NULL)) AS found
    FROM (${walk(isAscending)}) w LEFT JOIN search_documents d ON d.doc = w.rowid
      AND w.rowid NOT IN (SELECT value FROM json_each(?))
      AND d.project IN (SELECT value FROM json_each(?))
      AND (d.state = 0 OR (d.state = 1 AND d.project IN (SELECT value FROM json_each(?))))
      ${rows.map((row) => `AND ${row.sql}`).join(' ')}`;
  const conditions = rows.flatMap((row) => row.parameters);
  return [sql, [match, from, to, entries, JSON.stringify([...known]), readable, open, ...conditions]];
}

/** The index of words is walked in the order of its keys and no further than needed. */
function walk(isAscending: boolean): string {
  // FTS5 takes bounds of its keys that are integers only, and a driver may bind numbers as reals.
  return `SELECT rowid FROM search_words WHERE search_words MATCH ?
    AND rowid >= CAST(? AS INTEGER) AND rowid <= CAST(? AS INTEGER) ORDER BY rowid ${isAscending ? 'ASC' : 'DESC'} LIMIT ?`;
}

const foundSchema = z.tuple([z.number(), z.number().nullable(), z.array(z.array(z.unknown()))]);

/** The candidates of a wish, in the order of their keys; `isCut` when the walk ended before it had as many as wanted. */
export function candidates(database: StoreDatabase, scope: Scope, wish: Wish): { rows: Candidate[]; isCut: boolean } {
  const rows: Candidate[] = [];
  let [looked, { from, to }] = [0, wish];
  const known = new Set([...wish.known].filter((doc) => doc >= from && doc <= to));
  // As many entries as are wanted; where rows refuse some of them, ever more.
  for (let entries = wish.limit + known.size; rows.length < wish.limit; entries *= 4) {
    entries = Math.min(entries, mostLooked - looked);
    if (entries <= 0) return { rows, isCut: true };
    const query = candidatesQuery(scope, { ...wish, from, to, known }, entries);
    const [count, last, found] = foundSchema.parse(jsonRow(database, ...query));
    const fresh = found.map(candidateOf).sort((a, b) => (wish.isAscending ? a.doc - b.doc : b.doc - a.doc));
    rows.push(...fresh.slice(0, wish.limit - rows.length));
    if (count < entries || last === null) break;
    looked += count;
    if (wish.isAscending) from = last + 1;
    else to = last - 1;
  }
  return { rows, isCut: false };
}

/** Which of the documents between two keys match. */
export function matching(database: StoreDatabase, match: string, from: number, to: number, limit: number): Set<number> {
  const sql = `SELECT json_group_array(rowid) AS found FROM (${walk(false)})`;
  return new Set(z.array(z.number()).parse(jsonRow(database, sql, [match, from, to, limit])));
}

/** A row of our own table, whose types SQLite keeps (`STRICT`): a thousand of them are read for one search. */
function candidateOf(row: readonly unknown[]): Candidate {
  const maybe = (at: number): number | null => (row[at] === null ? null : Number(row[at]));
  return {
    doc: Number(row[0]),
    project: String(row[1]),
    session: String(row[2]),
    writer: String(row[3]),
    exchange: String(row[4]),
    ordinal: Number(row[5]),
    at: Number(row[6]),
    born: Number(row[7]),
    state: Number(row[8]),
    agent: maybe(9),
    branch: maybe(10),
    author: maybe(11),
    file: maybe(12),
    has: Number(row[13]),
    tokens: maybe(14),
    duration: maybe(15),
  };
}
