import { normalValue } from '../../search/language/filters.ts';
import { parseQuery } from '../../search/language/parse.ts';
import type { Condition, Query, TextFilter } from '../../search/query.ts';
import type { HitGroup, SearchReader, Snippet } from '../../search/search-index.ts';
import type { Project } from '../access.ts';
import { type Filters, timesOf } from './filters.ts';
import type {
  FoundExchange,
  FoundSession,
  SessionSearch,
  SessionSearchRequest,
  SessionSearchResult,
} from './session-search.ts';

/** Exchanges of a session that are shown. */
const best = 5;

/** Searches the index of what was pushed and received. What is hidden is not found: it is in no list either. */
export class IndexSearch implements SessionSearch {
  private readonly reader: SearchReader;
  private readonly now: number;

  constructor(reader: SearchReader, now: number) {
    this.reader = reader;
    this.now = now;
  }

  async search(projects: readonly Project[], request: SessionSearchRequest): Promise<SessionSearchResult> {
    const { limit, cursor } = request;
    const scope = {
      projects: projects.map(({ key, id, name }) => ({ key, names: [id, name], hidden: false })),
      me: [],
    };
    const page = { limit, cursor, best, facets: true };
    const found = await this.reader.search(queryOf(request, this.now), scope, page, this.now);
    // What was found with a part of the query left out is not what was asked for.
    const groups = found.relaxed ? [] : found.groups;
    return {
      total: found.relaxed ? 0 : found.total.count,
      isMore: !found.relaxed && found.total.isMore,
      sessions: groups.map(sessionOf),
      next: found.relaxed ? undefined : found.next,
      facets: Object.entries(found.facets)
        .filter(([name]) => name !== 'project')
        .map(([name, values]) => ({ name, values })),
    };
  }
}

/** The query as it was typed, by session, and what the filters say of an exchange. */
function queryOf({ query: text, filters }: SessionSearchRequest, now: number): Query {
  const { query } = parseQuery(text);
  const of = [...(query.where ? [query.where] : []), ...conditionsOf(filters, now)];
  const where = of.length > 1 ? { kind: 'all' as const, of } : of[0];
  return { where, sort: query.sort, group: 'session' };
}

function conditionsOf(filters: Filters, now: number): Condition[] {
  const { since, until } = timesOf(filters, now);
  return [
    ...anyOf('agent', [filters.agentName, ...(filters.agentNames ?? [])]),
    ...anyOf('branch', filters.gitBranches ?? []),
    ...anyOf('model', filters.llmModels ?? []),
    ...(since === undefined ? [] : [{ kind: 'time' as const, side: 'after' as const, value: since }]),
    ...(until === undefined ? [] : [{ kind: 'time' as const, side: 'before' as const, value: until }]),
  ];
}

function anyOf(filter: TextFilter, wanted: readonly (string | null | undefined)[]): Condition[] {
  const of = wanted
    .filter((value) => value != null)
    .map((value) => ({ kind: 'filter' as const, filter, value: normalValue(filter, value) }));
  const [only] = of;
  return of.length > 1 ? [{ kind: 'any', of }] : only ? [only] : [];
}

function sessionOf({ project, key, hits }: HitGroup): FoundSession {
  const exchanges = hits.map(({ exchange, ordinal, snippet }): FoundExchange => {
    const text = textOf(snippet);
    return { id: exchange, title: snippet.label, snippet: text, orderNumber: ordinal, matchedIn: snippet.field };
  });
  return { project, session: key, exchanges };
}

function textOf({ pieces }: Snippet): string {
  return pieces.map(({ text }) => text).join('');
}
