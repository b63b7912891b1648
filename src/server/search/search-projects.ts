import { parseQuery } from '../../search/language/parse.ts';
import type { Diagnostic, Query } from '../../search/query.ts';
import type { Explain, ReadableProject, Scope, SearchResult } from '../../search/search-index.ts';
import type { Caller } from '../accounts/access.ts';
import { Refusal } from '../refusal.ts';
import { namedProjects } from '../routes/specstory-projects.ts';
import type { Services } from '../services.ts';
import type { Membership } from '../store/account-store.ts';

/** The most groups on a page, and characters of a query. */
export const searchLimits = { groups: 100, text: 4096 } as const;

/** What somebody asks for. */
export interface SearchRequest {
  /** As a person types it: docs/search.md. */
  readonly text: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly facets?: boolean;
  readonly explain?: boolean;
  /** Only this project, by its id. */
  readonly project?: string | undefined;
  /** Whatever the query says of groups. */
  readonly group?: Query['group'];
}

export interface FoundInProjects {
  readonly query: Query;
  readonly diagnostics: readonly Diagnostic[];
  readonly result: SearchResult;
  readonly explain: Explain | undefined;
  /** The projects that were searched, by key. */
  readonly projects: ReadonlyMap<string, Membership>;
}

/**
 * Searches the projects of an account, and nothing else; what is hidden only in those it owns. Throws `unavailable` where there is no search, `not_found`
 * for a project that the account is no member of, and `usage` for a cursor that is none.
 */
export async function searchProjects(
  services: Services,
  caller: Caller,
  request: SearchRequest,
): Promise<FoundInProjects> {
  const { search, registry } = services;
  if (!search) throw new Refusal('unavailable', 'this server has no search');
  const all = await namedProjects(services, caller.account);
  const rows = all.filter(({ id }) => request.project === undefined || id === request.project);
  if (request.project !== undefined && rows.length === 0) throw new Refusal('not_found', 'there is no such project');
  const { query, diagnostics } = bounded(request);
  const scope: Scope = { projects: rows.map(readable), me: [caller.name] };
  const { limit, cursor, facets } = request;
  const now = registry.now();
  const result = await search.search(query, scope, { limit, cursor, facets }, now);
  const explain = request.explain ? await search.explain(query, scope, now) : undefined;
  return { query, diagnostics, result, explain, projects: new Map(rows.map((row) => [row.key, row])) };
}

/** A `count:` of the query is no way around the most that is given at once. */
function bounded({ text, group }: SearchRequest): ReturnType<typeof parseQuery> {
  const { query, diagnostics } = parseQuery(text);
  const count = query.count === undefined ? undefined : Math.min(query.count, searchLimits.groups);
  return { query: { ...query, count, group: group ?? query.group }, diagnostics };
}

function readable({ key, id, name, role }: Membership): ReadableProject {
  return { key, names: [id, name], hidden: role === 'owner' };
}
