import type { Condition, Group, Query, Sort } from '../../../../search/query.ts';
import { compareRanks, type Grouped, grouped, sortOf, withoutCopies } from '../../../../search/ranking.ts';
import { looser, mostParts, partsOf } from '../../../../search/relax.ts';
import type {
  Explain,
  Page,
  PartCount,
  Scope,
  SearchIndex,
  SearchReader,
  SearchResult,
  Total,
} from '../../../../search/search-index.ts';
import type { PostgresDatabase } from '../database.ts';
import { migratePostgres } from '../migrate.ts';
import { alikeTo } from './alike.ts';
import { isAboutText } from './compile.ts';
import { cursorAfter, pageOf } from './cursor.ts';
import { type FactsOf, facetsOf, factsOf, noFacets } from './facets.ts';
import { shownGroups } from './hits.ts';
import { searchMigrations, trigrams } from './migrations.ts';
import { notesOn } from './notes.ts';
import { type Found, ProjectSearch, prepare } from './project-search.ts';
import { applyStatements, applyStep, clear } from './search-writer.ts';
import { settleIndexes, writing } from './writing.ts';

/** Exchanges of a search that are counted, grouped and paged through; of what is beyond it is only said that there is more. */
const window = 1000;
/** Documents that are looked at in one search, where lexemes do not tell all. */
const mostLooked = 4000;

/** Opens a search index by itself in a PostgreSQL database, made when there is none. Throws as `migrateSearch`. */
export async function openPostgresSearchIndex(database: PostgresDatabase): Promise<SearchIndex> {
  await migrateSearch(database);
  return new PostgresSearchIndex(database);
}

/** Brings the tables of the search index up to date. Throws `unsupported` for those that a newer version wrote. */
export async function migrateSearch(database: PostgresDatabase): Promise<void> {
  await migratePostgres(database, 'search', searchMigrations);
  await addTrigrams(database);
}

/** Without the extension, or the right to it, texts that begin inside a word are found more slowly. */
async function addTrigrams(database: PostgresDatabase): Promise<void> {
  const [row] = await database.rows("SELECT to_regclass('search.terms_by_piece') IS NULL AS is_missing");
  if (row?.is_missing !== true) return;
  await database
    .transaction(async (session) => {
      for (const statement of trigrams) await session.run(statement);
    })
    .catch(() => {});
}

/** Found in all projects, in order, each exchange once. */
interface Gathered {
  readonly hits: readonly Hit[];
  readonly total: Total;
  readonly isBounded: boolean;
}
type Hit = ReturnType<typeof hitOf>;

/** Reads a search index whose tables are in a database, brought up to date. */
export class PostgresSearchReader implements SearchReader {
  protected readonly database: PostgresDatabase;

  constructor(database: PostgresDatabase) {
    this.database = database;
  }

  async search(query: Query, scope: Scope, page: Page, now: number): Promise<SearchResult> {
    const sort = sortOf(query, query.where !== undefined && isAboutText(query.where));
    const start = pageOf(page.cursor, sort);
    const gathered = await this.gather(query.where, sort, scope, now);
    const isNothing = gathered.hits.length === 0;
    const parts = isNothing ? await this.parts(query.where, scope, now) : [];
    const relaxed = isNothing ? await this.relax(query, parts, sort, scope, now) : undefined;
    const shown = relaxed?.gathered ?? gathered;
    const facts = await factsOf(
      this.database,
      page.facets || query.group === 'file' ? shown.hits.map(({ found }) => found) : [],
    );
    const groups = groupsOf(shown.hits, query.group ?? 'session', facts);
    const { from, to } = start(groups, page.limit);
    const where = (relaxed?.query ?? query).where;
    return {
      total: gathered.total,
      groups: await shownGroups(this.database, scope, groups.slice(from, to), {
        where,
        best: page.best ?? 3,
        group: query.group ?? 'session',
      }),
      next: to < groups.length ? cursorAfter(groups[to - 1], sort) : undefined,
      facets:
        page.facets && !isNothing
          ? facetsOf(
              gathered.hits.map(({ found }) => found),
              facts,
            )
          : noFacets,
      notes: await notesOn(this.database, query.where, scope, { now, isNothing, isBounded: gathered.isBounded }),
      relaxed: relaxed && { query: relaxed.query, dropped: relaxed.dropped },
      parts,
    };
  }

  async explain(query: Query, scope: Scope, now: number): Promise<Explain> {
    const begin = performance.now();
    const plan: { step: string; rows: number; ms: number }[] = [];
    const sort = sortOf(query, query.where !== undefined && isAboutText(query.where));
    for (const project of scope.projects) {
      const from = performance.now();
      const { hits } = await this.gather(query.where, sort, { ...scope, projects: [project] }, now);
      plan.push({ step: `project ${project.key}, by ${sort}`, rows: hits.length, ms: performance.now() - from });
    }
    const from = performance.now();
    const parts = await this.parts(query.where, scope, now);
    plan.push({ step: 'each part by itself', rows: parts.length, ms: performance.now() - from });
    return { query, plan, parts, ms: performance.now() - begin };
  }

  private async gather(where: Condition | undefined, sort: Sort, scope: Scope, now: number): Promise<Gathered> {
    let found: Hit[] = [];
    let [isMore, isBounded] = [false, false];
    const asked = { now, me: scope.me, alike: await alikeTo(this.database, scope, where), left: mostLooked };
    for (const project of scope.projects) {
      const floor = sort === 'cost' ? undefined : found[window];
      const one = await this.database.inProject(project.key, async (session) => {
        await prepare(session);
        return new ProjectSearch(session, project, asked).find(where, sort, window, floor?.found);
      });
      found = found.concat(one.found.map((each) => hitOf(each, sort))).sort((a, b) => compareRanks(a.rank, b.rank));
      isMore ||= one.isMore || found.length > window;
      isBounded ||= one.isBounded;
      if (sort !== 'cost') found = found.slice(0, window + 1);
    }
    const hits = withoutCopies(found).sort((a, b) => compareRanks(a.rank, b.rank));
    const total = { count: Math.min(hits.length, window), isMore: isMore || hits.length > window };
    return { hits: hits.slice(0, window), total, isBounded };
  }

  /** What each part of a query finds by itself. */
  private async parts(where: Condition | undefined, scope: Scope, now: number): Promise<PartCount[]> {
    const counts: PartCount[] = [];
    for (const part of partsOf(where).slice(0, mostParts)) {
      const { total } = await this.gather(part, 'newest', scope, now);
      counts.push({ part, ...total });
    }
    return counts;
  }

  /** What is found instead of nothing. */
  private async relax(query: Query, parts: readonly PartCount[], sort: Sort, scope: Scope, now: number) {
    for (const { where, dropped } of looser(query.where, parts)) {
      const gathered = await this.gather(where, sort, scope, now);
      if (gathered.hits.length > 0) return { query: { ...query, where }, dropped, gathered };
    }
    return undefined;
  }
}

class PostgresSearchIndex extends PostgresSearchReader implements SearchIndex {
  async apply(step: Parameters<SearchIndex['apply']>[0]) {
    if (step.sessions.length === 0) return;
    await writing(this.database, step.project, (session) => applyStep(session, step));
    await settleIndexes(this.database);
  }

  async state(project: string, statements: Parameters<SearchIndex['state']>[1]) {
    await writing(this.database, project, (session) => applyStatements(session, project, statements));
    await settleIndexes(this.database);
  }

  async clear(project: string, writer?: string) {
    await writing(this.database, project, (session) => clear(session, project, writer));
  }

  async close() {
    await this.database.close();
  }
}

function hitOf(found: Found, sort: Sort) {
  const newest = -found.doc;
  const ranks = {
    relevance: [found.tier, newest],
    newest: [0, newest],
    oldest: [0, found.doc],
    cost: [-(found.tokens ?? 0), newest],
  } as const;
  return {
    found,
    rank: ranks[sort],
    copy: `${found.project} ${found.exchange}`,
    age: [found.born, `${found.session} ${found.writer}`] as const,
  };
}

function groupsOf(hits: readonly Hit[], group: Group, facts: FactsOf): Grouped<Hit>[] {
  return grouped(hits, ({ found }) => {
    if (group === 'session') return `${found.project} ${found.session}`;
    if (group === 'day') return found.at === 0 ? '' : new Date(found.at).toISOString().slice(0, 10);
    return group === 'file' ? (facts(found).file ?? '') : `${found.project} ${found.exchange}`;
  });
}
