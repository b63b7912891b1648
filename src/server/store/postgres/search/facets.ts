import * as z from 'zod';
import { compareText } from '../../../../core/text.ts';
import { type FacetName, type Facets, type FacetValue, facetNames } from '../../../../search/search-index.ts';
import type { PostgresDatabase } from '../database.ts';
import type { Found } from './project-search.ts';

/** Values of one facet that are told. */
const most = 100;

export const noFacets: Facets = { project: [], agent: [], branch: [], author: [], month: [], has: [] };

const list = z.array(z.string()).nullable();
const factsSchema = z.object({
  doc: z.number(),
  agent: list,
  branch: list,
  author: list,
  has: list,
  file: z.string().nullable(),
});
type Facts = Omit<z.infer<typeof factsSchema>, 'doc'>;

/** What is known of a document that was found. */
export type FactsOf = (found: Found) => Facts;

const none: Facts = { agent: [], branch: [], author: [], has: [], file: null };

/** Reads what groups and facets need of documents: one statement for each project. */
export async function factsOf(database: PostgresDatabase, found: readonly Found[]): Promise<FactsOf> {
  const sql = `SELECT doc, facts->'agent' AS agent, facts->'branch' AS branch, facts->'author' AS author, facts->'has' AS has,
      coalesce(facts->'edited'->>0, facts->'read'->>0) AS file
    FROM search.documents WHERE project = $1 AND doc = ANY($2::bigint[])`;
  const known = new Map<string, Facts>();
  for (const key of new Set(found.map(({ project }) => project))) {
    const docs = found.flatMap(({ project, doc }) => (project === key ? [doc] : []));
    for (const row of await database.rowsOf(key, sql, [docs])) {
      const { doc, ...facts } = factsSchema.parse(row);
      known.set(`${key} ${doc}`, facts);
    }
  }
  return ({ project, doc }) => known.get(`${project} ${doc}`) ?? none;
}

/** Exchanges by fact, the most first. */
export function facetsOf(found: readonly Found[], factsOf: FactsOf): Facets {
  const counts = new Map<FacetName, Map<string, number>>(facetNames.map((name) => [name, new Map()]));
  for (const one of found) {
    for (const name of facetNames) {
      const count = counts.get(name);
      for (const value of new Set(valuesOf(name, one, factsOf(one)))) count?.set(value, (count.get(value) ?? 0) + 1);
    }
  }
  const of = (name: FacetName): FacetValue[] =>
    [...(counts.get(name) ?? [])]
      .map(([value, count]) => ({ value, count }))
      .sort((a, b) => b.count - a.count || compareText(a.value, b.value))
      .slice(0, most);
  return {
    project: of('project'),
    agent: of('agent'),
    branch: of('branch'),
    author: of('author'),
    month: of('month'),
    has: of('has'),
  };
}

function valuesOf(name: FacetName, { project, at }: Found, facts: Facts): readonly string[] {
  if (name === 'project') return [project];
  if (name === 'month') return at === 0 ? [] : [new Date(at).toISOString().slice(0, 7)];
  return facts[name] ?? [];
}
