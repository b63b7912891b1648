import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';

/** Units of a term that is worth looking into; shorter ones are found as they are. */
const shortest = 4;
/** Names remembered as known: texts say the same ones again and again. */
const remembered = 200_000;

/** Projects whose rows are read for one term that all of them have. */
const mostRepeated = 10;

const markSchema = z.object({ cleared: z.number() });

/** The terms of each project, and which have a text in them. */
export class Vocabulary {
  private readonly database: StoreDatabase;
  private known = new Set<string>();
  private fresh: string[] = [];
  private readonly marks = new Map<string, number>();

  constructor(database: StoreDatabase) {
    this.database = database;
  }

  /** Before terms are added in a transaction: another process may have cleared the project meanwhile. */
  begin(project: string): void {
    const [row] = this.database.rows('SELECT cleared FROM search_marks WHERE project = ?', [project]);
    const mark = row ? markSchema.parse(row).cleared : 0;
    if ((this.marks.get(project) ?? mark) !== mark) this.forget();
    this.marks.set(project, mark);
  }

  /** Takes note of a name and its terms, with a space between them; `flush` writes them. */
  add(project: string, name: string, terms: string): void {
    if (name.length < shortest) return;
    const key = `${project}${name}`;
    if (this.known.has(key)) return;
    if (this.known.size >= remembered) this.known = new Set();
    this.known.add(key);
    for (const term of terms.split(' ')) if (term.length >= shortest) this.fresh.push(term);
  }

  /** Writes what was added to a project, in the order of the tables, which is many times faster than in that of the texts. */
  flush(project: string): void {
    if (this.fresh.length === 0) return;
    const [row] = this.database.rows('SELECT coalesce(max(id), 0) AS id FROM search_terms');
    const last = z.number().parse(row?.id);
    this.database.run('INSERT OR IGNORE INTO search_terms (project, term) SELECT ?, value FROM json_each(?)', [
      ...[project, JSON.stringify([...new Set(this.fresh)].sort())],
    ]);
    this.database.run('INSERT INTO search_pieces (rowid, term) SELECT id, term FROM search_terms WHERE id > ?', [last]);
    this.fresh = [];
  }

  /** Forgets what a transaction that was rolled back added. */
  forget(): void {
    this.known = new Set();
    this.fresh = [];
  }

  clear(project: string): void {
    const rows = 'SELECT id FROM search_terms WHERE project = ?';
    this.database.run(`DELETE FROM search_pieces WHERE rowid IN (${rows})`, [project]);
    this.database.run('DELETE FROM search_terms WHERE project = ?', [project]);
    this.database.run(
      'INSERT INTO search_marks (project, cleared) VALUES (?, 1) ON CONFLICT DO UPDATE SET cleared = cleared + 1',
      [project],
    );
    this.forget();
  }
}

/**
 * The different terms of some projects that have a text of three units or more in them (at their end only with `atEnd`). Nothing when there may be
 * more than `most`.
 */
export function termsWith(
  database: StoreDatabase,
  projects: readonly string[],
  { text, atEnd }: { readonly text: string; readonly atEnd: boolean },
  most: number,
): readonly string[] | undefined {
  const characters = [...text];
  const trigrams = new Set(characters.slice(0, -2).map((_, at) => characters.slice(at, at + 3).join('')));
  const match = [...trigrams].map((trigram) => `"${trigram.replaceAll('"', '""')}"`).join(' AND ');
  const isThere = atEnd ? 'substr(t.term, -length(?2)) = ?2' : 'instr(t.term, ?2) > 0';
  const sql = `SELECT t.term FROM search_pieces CROSS JOIN search_terms t ON t.id = search_pieces.rowid
    WHERE search_pieces MATCH ?1 AND ${isThere} AND t.project IN (SELECT value FROM json_each(?3)) LIMIT ?4`;
  // Every project has a row of its own for a term.
  const limit = most * Math.min(projects.length, mostRepeated) + 1;
  const rows = database.rows(sql, [match, text, JSON.stringify(projects), limit]);
  const found = new Set(rows.map((row) => z.string().parse(row.term)));
  return rows.length < limit && found.size <= most ? [...found] : undefined;
}
