import { compareText } from '../../../../core/text.ts';
import { type FacetName, type Facets, type FacetValue, facetNames } from '../../../../search/search-index.ts';
import type { Found } from './project-search.ts';

/** Values of one facet that are told. */
const most = 100;

export const noFacets: Facets = { project: [], agent: [], branch: [], author: [], month: [], has: [] };

/** Exchanges by fact, the most first. */
export function facetsOf(found: readonly Found[]): Facets {
  const counts = new Map<FacetName, Map<string, number>>(facetNames.map((name) => [name, new Map()]));
  for (const one of found) {
    for (const name of facetNames) {
      const count = counts.get(name);
      for (const value of new Set(valuesOf(name, one))) count?.set(value, (count.get(value) ?? 0) + 1);
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

function valuesOf(name: FacetName, { project, at, facts }: Found): readonly string[] {
  if (name === 'project') return [project];
  if (name === 'month') return at === 0 ? [] : [new Date(at).toISOString().slice(0, 7)];
  return facts[name] ?? [];
}
