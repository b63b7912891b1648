import * as z from 'zod';
import { exchangeIdSchema, sessionIdSchema } from '../../../../core/session.ts';
import type { Condition, Group } from '../../../../search/query.ts';
import type { Grouped } from '../../../../search/ranking.ts';
import type { HitGroup, Scope, Hit as ShownHit } from '../../../../search/search-index.ts';
import { snippetOf } from '../../../../search/snippet.ts';
import { states } from '../../../../search/states.ts';
import { type Wanted, wantedIn } from '../../../../search/wanted.ts';
import { writerSchema } from '../../index-rows.ts';
import type { PostgresDatabase } from '../database.ts';
import { projectLexeme, quoted } from './lexemes.ts';
import type { Found } from './project-search.ts';

interface Asked {
  readonly where: Condition | undefined;
  /** Hits of a group that are shown. */
  readonly best: number;
  readonly group: Group;
}

const detailSchema = z.object({
  doc: z.number(),
  texts: z.array(z.string()),
  name: z.string(),
  agent: z.string(),
  branch: z.string().nullable(),
  author: z.string().nullable(),
  also: z.array(sessionIdSchema),
});
type Detail = z.infer<typeof detailSchema>;

/** Groups as they are shown: the best hits of each, with what is known of their sessions. */
export async function shownGroups(
  database: PostgresDatabase,
  scope: Scope,
  groups: readonly Grouped<{ readonly found: Found }>[],
  { where, best, group }: Asked,
): Promise<HitGroup[]> {
  const shown = groups.map(({ key, hits }) => ({
    key,
    found: hits.slice(0, best).map((hit) => hit.found),
    more: hits.length,
  }));
  const details = await detailsOf(
    database,
    scope,
    shown.flatMap(({ found }) => found),
  );
  const wanted = wantedIn(where);
  return shown.flatMap(({ key, found, more }) => {
    const [first] = found;
    const about = first && details.get(`${first.project} ${first.doc}`);
    if (!first || !about) return [];
    const hits = found.map((one) => hitOf(one, details.get(`${one.project} ${one.doc}`), wanted));
    const { agent, branch, author } = about;
    return {
      ...{
        key: keyOf(key, first, group),
        title: about.name,
        agent,
        branch: branch ?? undefined,
        author: author ?? undefined,
      },
      ...{ project: first.project, hits, more: more - hits.length },
    };
  });
}

function keyOf(key: string, { session, exchange }: Found, group: Group): string {
  if (group === 'session') return session;
  return group === 'none' ? exchange : key;
}

function hitOf(found: Found, detail: Detail | undefined, wanted: readonly Wanted[]): ShownHit {
  return {
    project: found.project,
    session: sessionIdSchema.parse(found.session),
    writer: writerSchema.parse(found.writer),
    exchange: exchangeIdSchema.parse(found.exchange),
    ordinal: found.ordinal,
    at: found.at === 0 ? undefined : new Date(found.at).toISOString(),
    hidden: found.state === states.hidden,
    snippet: snippetOf(detail?.texts ?? [], wanted),
    alsoIn: detail?.also ?? [],
  };
}

/** Texts, sessions (whose names are of their first prompt, for those who may see that) and copies of some documents: one statement for each project that they are of. */
async function detailsOf(
  database: PostgresDatabase,
  scope: Scope,
  found: readonly Found[],
): Promise<Map<string, Detail>> {
  const sql = `SELECT d.doc, t.texts, coalesce(l.title, CASE WHEN EXISTS (SELECT 1 FROM search.documents c JOIN search.words w ON w.project = $1 AND w.doc = c.doc
        WHERE c.project = $1 AND c.session = d.session AND c.writer = d.writer AND c.ordinal = 1 AND w.state <= $3)
      THEN s.name ELSE '' END) AS name, s.agent, coalesce(d.facts->'branch'->>0, s.branch) AS branch,
      coalesce(d.facts->'author'->>0, s.author) AS author,
      ARRAY(SELECT DISTINCT c.session FROM search.documents c JOIN search.words w ON w.project = $1 AND w.doc = c.doc
        WHERE c.project = $1 AND c.exchange = d.exchange AND c.session <> d.session AND w.state <= $3
        ORDER BY c.session LIMIT 100) AS also
    FROM search.documents d JOIN search.texts t ON t.project = $1 AND t.doc = d.doc
      JOIN search.sessions s ON s.project = $1 AND s.session = d.session AND s.writer = d.writer
      LEFT JOIN search.labels l ON l.project = $1 AND l.session = d.session AND l.exchange = ''
    WHERE d.project = $1 AND d.doc = ANY($2::bigint[])`;
  const details = new Map<string, Detail>();
  for (const { key, hidden } of scope.projects) {
    const docs = found.flatMap(({ project, doc }) => (project === key ? [doc] : []));
    if (docs.length === 0) continue;
    const rows = await database.inProject(key, async (session) => {
      await session.rows("SELECT set_config('specstory.wanted', $1, true)", [quoted(projectLexeme(key))]);
      return session.rows(sql, [key, docs, hidden ? states.hidden : states.shown]);
    });
    for (const row of rows) {
      const detail = detailSchema.parse(row);
      details.set(`${key} ${detail.doc}`, detail);
    }
  }
  return details;
}
