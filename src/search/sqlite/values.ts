import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import type { FactKind } from '../documents.ts';

/** Kinds of facts, and the project as one more. */
export type ValueKind = FactKind | 'project';

const idSchema = z.object({ id: z.number() });
const valueSchema = z.object({ id: z.number(), value: z.string() });

/** The term of a fact in the index. */
export const factTerm = (id: number): string => `f${id.toString(36)}`;
/** The number in such a term; `NaN` for one that has none. */
export const factId = (term: string): number => Number.parseInt(term.slice(1), 36);

/** The term that every document has among its facts. */
export const anyDocument = 'f';

/** Characters of a value that is kept. */
const longest = 1024;

/** Numbers for the values that facts have, by project. Those asked for last are remembered. */
export class Values {
  private readonly database: StoreDatabase;
  private readonly known = new Map<string, number>();

  constructor(database: StoreDatabase) {
    this.database = database;
  }

  /** The number of a value, given out when it has none. */
  take(project: string, kind: ValueKind, given: string): number {
    const value = given.slice(0, longest).toWellFormed();
    const key = `${project} ${kind} ${value}`;
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const id = this.find(project, kind, value) ?? this.add(project, kind, value);
    if (this.known.size >= 50_000) this.known.clear();
    this.known.set(key, id);
    return id;
  }

  /** Forgets what a transaction that was rolled back gave out. */
  forget(): void {
    this.known.clear();
  }

  private find(project: string, kind: ValueKind, value: string): number | undefined {
    const [row] = this.database.rows('SELECT id FROM search_values WHERE project = ? AND kind = ? AND value = ?', [
      ...[project, kind, value],
    ]);
    return row && idSchema.parse(row).id;
  }

  private add(project: string, kind: ValueKind, value: string): number {
    const sql = 'INSERT INTO search_values (project, kind, value) VALUES (?, ?, ?) RETURNING id';
    return idSchema.parse(this.database.rows(sql, [project, kind, value])[0]).id;
  }
}

/** The texts of values by number. */
export function valuesOf(database: StoreDatabase, ids: Iterable<number>): Map<number, string> {
  const sql = 'SELECT id, value FROM search_values WHERE id IN (SELECT value FROM json_each(?))';
  const rows = database.rows(sql, [JSON.stringify([...ids])]).map((row) => valueSchema.parse(row));
  return new Map(rows.map(({ id, value }) => [id, value]));
}
