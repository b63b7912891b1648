import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import type { Said } from '../search-index.ts';

/** What something was said of: a session, or an exchange of it when that is not empty. */
export interface Labelled {
  readonly session: string;
  readonly exchange: string;
}

const labelSchema = z.object({
  session: z.string(),
  exchange: z.string(),
  title: z.string().nullable(),
  hidden: z.number(),
  tags: z.string(),
});
type Label = z.infer<typeof labelSchema>;
const tagsSchema = z.array(z.string());
const documentSchema = z.object({
  doc: z.number(),
  session: z.string(),
  exchange: z.string(),
  ordinal: z.number(),
  name: z.string(),
});

/** Titles, tags and hiding that were said in a project. */
export class Labels {
  private readonly database: StoreDatabase;
  private readonly project: string;
  private read: Map<string, Label> | undefined;

  constructor(database: StoreDatabase, project: string) {
    this.database = database;
    this.project = project;
  }

  /** What a document is called and tagged; `name` is what its session says of itself. Only the first exchange bears the title of its session. */
  of(session: string, exchange: string, ordinal: number, name: string): { title: string; tags: string[] } {
    const [whole, part] = [this.all().get(keyOf(session, '')), this.all().get(keyOf(session, exchange))];
    const titles = [ordinal === 1 ? (whole?.title ?? name) : '', part?.title ?? ''];
    const tags = [whole, part].flatMap((label) => (label ? tagsSchema.parse(JSON.parse(label.tags)) : []));
    return { title: titles.filter((title) => title !== '').join('\n'), tags: [...new Set(tags)] };
  }

  /** Puts these in place of all; gives those that differ from before. */
  replace(labelled: Said['labelled']): Labelled[] {
    const before = this.all();
    const now = new Map(labelled.map((one): [string, Label] => [keyOf(one.session, one.exchange ?? ''), labelOf(one)]));
    const changed = [...new Set([...before.keys(), ...now.keys()])]
      .filter((key) => JSON.stringify(before.get(key)) !== JSON.stringify(now.get(key)))
      .flatMap((key) => now.get(key) ?? before.get(key) ?? []);
    for (const { session, exchange } of changed) {
      const label = now.get(keyOf(session, exchange));
      if (label) this.put(label);
      else
        this.database.run('DELETE FROM search_labels WHERE project = ? AND session = ? AND exchange = ?', [
          ...[this.project, session, exchange],
        ]);
    }
    this.read = undefined;
    return changed;
  }

  /** The documents that these are about, with what they are called and tagged now. */
  *documentsOf(labelled: readonly Labelled[]): Generator<{ doc: number; title: string; tags: string[] }> {
    for (const { session, exchange } of labelled) {
      const sql = `SELECT d.doc, d.session, d.exchange, d.ordinal, s.name FROM search_documents d
        JOIN search_sessions s USING (project, session, writer)
        WHERE d.project = ? AND d.session = ? AND (?3 = '' OR d.exchange = ?3)`;
      for (const row of this.database.rows(sql, [this.project, session, exchange])) {
        const found = documentSchema.parse(row);
        yield { doc: found.doc, ...this.of(found.session, found.exchange, found.ordinal, found.name) };
      }
    }
  }

  private put({ session, exchange, title, hidden, tags }: Label): void {
    this.database.run(
      'INSERT OR REPLACE INTO search_labels (project, session, exchange, title, hidden, tags) VALUES (?, ?, ?, ?, ?, ?)',
      [this.project, session, exchange, title, hidden, tags],
    );
  }

  private all(): Map<string, Label> {
    const sql = 'SELECT session, exchange, title, hidden, tags FROM search_labels WHERE project = ?';
    this.read ??= new Map(
      this.database.rows(sql, [this.project]).map((row) => {
        const label = labelSchema.parse(row);
        return [keyOf(label.session, label.exchange), label];
      }),
    );
    return this.read;
  }
}

const keyOf = (session: string, exchange: string): string => `${exchange} ${session}`;

function labelOf({ session, exchange = undefined, title = undefined, hidden, tags }: Said['labelled'][number]): Label {
  return {
    session,
    exchange: exchange ?? '',
    title: title ?? null,
    hidden: Number(hidden),
    tags: JSON.stringify(tags),
  };
}
