import type { WriterId } from '../../core/ids.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import type { Condition, Query } from '../query.ts';
import { compareRanks, cursorAt, grouped, parseCursor, sortOf } from '../ranking.ts';
import { looser, mostParts, partsOf } from '../relax.ts';
import type {
  Explain,
  Facets,
  Page,
  PartCount,
  Relaxed,
  Said,
  Scope,
  SearchIndex,
  SearchReader,
  SearchResult,
  SearchStep,
} from '../search-index.ts';
import { isAboutText } from './compile.ts';
import { Finder, type Found, mostHits } from './find.ts';
import { Presenter } from './present.ts';
import { SearchWriter } from './search-writer.ts';

/** Groups on one page at most. */
const mostGroups = 200;

/** Reads a search index whose tables are in a database, brought up to date. */
export class SqliteSearchReader implements SearchReader {
  protected readonly database: StoreDatabase;

  constructor(database: StoreDatabase) {
    this.database = database;
  }

  async search(query: Query, scope: Scope, page: Page, now: number): Promise<SearchResult> {
    const finder = new Finder(this.database, scope, now);
    const found = finder.find(query.where, orderOf(query));
    const result = this.page(query, found, scope, page);
    const notes = [...finder.notes, ...boundNotes(query, found)];
    const about = { ...result, total: totalOf(found), relaxed: undefined, parts: [], notes };
    if (found.hits.length > 0 || found.isMore || scope.projects.length === 0) return about;
    const parts = countParts(finder, query);
    const relaxed = this.relax(finder, query, parts, scope, page);
    return { ...about, ...relaxed, notes: [...new Set([...notes, ...finder.notes])], parts };
  }

  async explain(query: Query, scope: Scope, now: number): Promise<Explain> {
    const start = performance.now();
    const finder = new Finder(this.database, scope, now);
    finder.find(query.where, orderOf(query));
    const plan = [...finder.steps];
    return { query, plan, parts: countParts(finder, query), ms: performance.now() - start };
  }

  private page(query: Query, { hits }: Found, scope: Scope, { limit, cursor, best = 3, facets }: Page) {
    const sort = orderOf(query);
    const group = query.group ?? 'session';
    const presenter = new Presenter(this.database, scope);
    const groups = grouped(hits, presenter.keysOf(hits, group));
    const after = cursor === undefined ? undefined : parseCursor(cursor, sort);
    const rest = groups.filter(({ hits: [first] }) => !after || (first && compareRanks(first.rank, after) > 0));
    const shown = rest.slice(0, Math.max(1, Math.min(query.count ?? limit, mostGroups)));
    const last = shown.at(-1)?.hits[0];
    return {
      groups: presenter.groups(shown, best, group, query.where),
      next: rest.length > shown.length && last ? cursorAt(last.rank, sort) : undefined,
      facets: facets ? presenter.facets(hits) : noFacets,
    };
  }

  /** With a part left out, when that finds something. */
  private relax(finder: Finder, query: Query, parts: readonly PartCount[], scope: Scope, page: Page) {
    for (const { where, dropped } of looser(query.where, parts)) {
      const wider = { ...query, where };
      const found = finder.find(where, orderOf(wider));
      if (found.hits.length === 0) continue;
      const relaxed: Relaxed = { query: wider, dropped };
      return { groups: this.page(wider, found, scope, page).groups, relaxed };
    }
    return {};
  }
}

/** A search index in a database of its own, or beside other tables. Its tables must be there. */
export class SqliteSearchIndex extends SqliteSearchReader implements SearchIndex {
  private readonly writer: SearchWriter;

  constructor(database: StoreDatabase) {
    super(database);
    this.writer = new SearchWriter(database);
  }

  async apply(step: SearchStep): Promise<void> {
    this.write((writer) => writer.apply(step));
  }

  async state(project: string, said: Said): Promise<void> {
    this.write((writer) => writer.state(project, said));
  }

  async clear(project: string, writer?: WriterId): Promise<void> {
    this.write((into) => into.clear(project, writer));
    // Bytes that were taken away are overwritten (`secure_delete`), and the log of them goes.
    this.database.rows('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  async close(): Promise<void> {
    this.database.close();
  }

  private write(work: (writer: SearchWriter) => void): void {
    try {
      this.database.transaction(() => work(this.writer));
    } catch (thrown) {
      this.writer.forget();
      throw thrown;
    }
  }
}

const noFacets: Facets = { project: [], agent: [], branch: [], author: [], month: [], has: [] };

function orderOf(query: Query) {
  return sortOf(query, query.where !== undefined && isAboutText(query.where));
}

function totalOf({ hits, isMore }: Found) {
  return { count: hits.length, isMore };
}

function countParts(finder: Finder, { where }: Query): PartCount[] {
  return partsOf(where)
    .slice(0, mostParts)
    .map((part) => ({ part, ...totalOf(finder.find(part, 'newest')) }));
}

function boundNotes(query: Query, { isMore }: Found): string[] {
  const noted = new Set<string>();
  if (isMore && orderOf(query) === 'cost') noted.add(`ordered among the newest ${mostHits} only`);
  if (mentionsCost(query.where) || query.sort === 'cost')
    noted.add('no agent says what an exchange cost: by cost nothing is found, and sort:cost goes by tokens');
  return [...noted];
}

function mentionsCost(condition: Condition | undefined): boolean {
  if (condition?.kind === 'all' || condition?.kind === 'any') return condition.of.some(mentionsCost);
  if (condition?.kind === 'not') return mentionsCost(condition.of);
  return condition?.kind === 'number' && condition.filter === 'cost';
}
