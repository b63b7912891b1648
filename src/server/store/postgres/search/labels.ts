import * as z from 'zod';
import type { Said } from '../../../../search/search-index.ts';
import type { Session } from '../database.ts';

const labelSchema = z.object({
  session: z.string(),
  exchange: z.string(),
  title: z.string().nullable(),
  hidden: z.boolean(),
  tags: z.array(z.string()),
});
type Label = z.infer<typeof labelSchema>;

/** Titles, tags and hiding that were said in a project. */
export class Labels {
  private readonly byKey: ReadonlyMap<string, Label>;

  constructor(labels: readonly Label[]) {
    this.byKey = new Map(labels.map((label) => [keyOf(label.session, label.exchange), label]));
  }

  /** What a document is called and tagged; `name` is what its session says of itself. Only the first exchange bears the title of its session. */
  of(session: string, exchange: string, ordinal: number, name: string): { title: string; tags: string[] } {
    const [whole, part] = [this.byKey.get(keyOf(session, '')), this.byKey.get(keyOf(session, exchange))];
    const titles = [ordinal === 1 ? (whole?.title ?? name) : '', part?.title ?? ''];
    const tags = [whole, part].flatMap((label) => label?.tags ?? []);
    return { title: titles.filter((title) => title !== '').join('\n'), tags: [...new Set(tags)] };
  }

  get hides(): boolean {
    return [...this.byKey.values()].some(({ hidden }) => hidden);
  }

  /** Those that differ. */
  differing(other: Labels): Label[] {
    const keys = new Set([...this.byKey.keys(), ...other.byKey.keys()]);
    return [...keys].flatMap((key) => {
      const [before, now] = [this.byKey.get(key), other.byKey.get(key)];
      return JSON.stringify(before) === JSON.stringify(now) ? [] : (now ?? before ?? []);
    });
  }
}

export async function readLabels(session: Session, project: string): Promise<Labels> {
  const sql = 'SELECT session, exchange, title, hidden, tags FROM search.labels WHERE project = $1';
  return new Labels((await session.rows(sql, [project])).map((row) => labelSchema.parse(row)));
}

/** Puts what was said in place of what was said before. Gives all, and those that changed. */
export async function replaceLabels(
  session: Session,
  project: string,
  labelled: Said['labelled'],
): Promise<{ labels: Labels; changed: Label[] }> {
  const before = await readLabels(session, project);
  const said = labelled.map(({ session, exchange = '', title = null, hidden, tags }) => ({
    session,
    exchange,
    title,
    hidden,
    tags: [...tags],
  }));
  const labels = new Labels(said);
  const changed = before.differing(labels);
  if (changed.length === 0) return { labels, changed };
  await session.run('DELETE FROM search.labels WHERE project = $1', [project]);
  await session.run(
    `INSERT INTO search.labels (project, session, exchange, title, hidden, tags)
      SELECT $1, s.session, s.exchange, s.title, s.hidden, ARRAY(SELECT jsonb_array_elements_text(s.tags))
      FROM jsonb_to_recordset($2::jsonb) AS s (session text, exchange text, title text, hidden boolean, tags jsonb)`,
    [project, JSON.stringify(said)],
  );
  return { labels, changed };
}

function keyOf(session: string, exchange: string): string {
  return `${exchange} ${session}`;
}
