import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import { firstKey, lastKey } from '../document-key.ts';
import type { Condition, Field, Sort } from '../query.ts';
import type { Rank, Ranked } from '../ranking.ts';
import { withoutCopies } from '../ranking.ts';
import type { Scope } from '../search-index.ts';
import { always, type Bound, rowCondition, timeSpan } from './bounds.ts';
import { type Candidate, candidates, matching, mostLooked, type RowCondition } from './candidates.ts';
import { Compiler, isAboutText, isExact } from './compile.ts';
import { Filters } from './filters.ts';
import { and, type Match, matchText, not, nothing, or, term } from './match.ts';
import { anyDocument, factTerm } from './values.ts';
import { Verifier } from './verify.ts';
import { termsWith } from './vocabulary.ts';

/** Exchanges that are ordered and counted; what is more is told as more. */
export const mostHits = 500;
/** Documents whose text is looked at in one search, and at once. */
const mostSeen = 1500;
const seenAtOnce = 500;
/** Projects that are named to the index of words; the rows tell of more of them. */
const mostNamed = 100;

export interface FoundHit extends Candidate, Ranked {}

/** What a condition finds. */
export interface Found {
  /** In order, each exchange once. */
  readonly hits: readonly FoundHit[];
  /** There are more than were looked at. */
  readonly isMore: boolean;
}

/** One step of a search, for `explain`. */
export interface Step {
  readonly step: string;
  readonly rows: number;
  readonly ms: number;
}

/** A condition as it is asked. */
interface Asked {
  /** All of these hold. */
  readonly parts: readonly Condition[];
  readonly rows: readonly RowCondition[];
  readonly keys: Bound;
  /** Those that texts and rows must be looked at for. */
  readonly seen: readonly Condition[];
}

/** The fields that count most, in their order; the rest comes last. */
const tiers: readonly (readonly Field[] | undefined)[] = [['title', 'prompt'], ['answer'], undefined];

/** One search in a SQLite index. */
export class Finder {
  readonly steps: Step[] = [];
  readonly filters: Filters;
  private readonly database: StoreDatabase;
  private readonly scope: Scope;
  private readonly now: number;
  private readonly compiler: Compiler;
  private readonly verifier: Verifier;
  private readonly universe: Match;
  private left = mostSeen;

  constructor(database: StoreDatabase, scope: Scope, now: number) {
    this.database = database;
    this.scope = scope;
    this.now = now;
    this.filters = new Filters(database, scope);
    const keys = scope.projects.map(({ key }) => key);
    this.compiler = new Compiler(this.filters, (piece, limit) => termsWith(database, keys, piece, limit));
    this.universe = universeOf(database, keys);
    const known = (condition: Condition, from: number, to: number): Set<number> => {
      const match = matchText(this.compiler.over(condition), this.universe);
      return match === undefined ? new Set() : matching(database, match, from, to, mostLooked);
    };
    this.verifier = new Verifier(database, known, now);
  }

  /** What could not be looked at. */
  get notes(): readonly string[] {
    const late = this.verifier.patterns.isLate
      ? ['the regular expression took too long: not everything was looked at']
      : [];
    return [...this.filters.notes, ...late];
  }

  find(condition: Condition | undefined, sort: Sort): Found {
    this.left = mostSeen;
    const asked = this.ask(condition);
    const isRelevance = sort === 'relevance' && condition !== undefined && isAboutText(condition);
    const found: FoundHit[] = [];
    const before: Match[] = [];
    let isMore = false;
    for (const [tier, within] of (isRelevance ? tiers : [undefined]).entries()) {
      const match = and(asked.parts.map((part) => this.compiler.over(part, within)));
      // What an earlier list had was looked at there.
      const list = this.list(asked, and([match, not(or(before))]), sort === 'oldest', mostHits + 1 - found.length);
      found.push(...list.rows.map((row) => rankedAs(row, rankOf(row, sort, tier))));
      isMore = list.isMore;
      if (isMore) break;
      before.push(match);
    }
    const hits = withoutCopies(found);
    return { hits: hits.slice(0, mostHits), isMore: isMore || hits.length > mostHits };
  }

  /** The documents of one list, each that fulfils all of the condition. */
  private list(
    asked: Asked,
    wanted: Match,
    isAscending: boolean,
    most: number,
  ): { rows: Candidate[]; isMore: boolean } {
    const match = matchText(wanted, this.universe);
    if (match === undefined || asked.keys.from > asked.keys.to) return { rows: [], isMore: false };
    const rows: Candidate[] = [];
    let { from, to } = asked.keys;
    for (;;) {
      const limit = asked.seen.length > 0 ? Math.min(seenAtOnce, this.left) : most;
      if (limit <= 0) return { rows, isMore: true };
      const start = performance.now();
      const list = candidates(this.database, this.scope, { match, from, to, rows: asked.rows, isAscending, limit });
      this.steps.push({ step: match, rows: list.rows.length, ms: performance.now() - start });
      rows.push(...this.look(list.rows, asked.seen));
      const last = list.rows.at(-1);
      if (list.rows.length < limit || last === undefined) return { rows, isMore: list.isCut };
      if (rows.length >= most || asked.seen.length === 0) return { rows, isMore: true };
      if (isAscending) from = last.doc + 1;
      else to = last.doc - 1;
    }
  }

  private look(rows: readonly Candidate[], seen: readonly Condition[]): Candidate[] {
    if (seen.length === 0) return [...rows];
    const start = performance.now();
    this.left -= rows.length;
    const kept = this.verifier.filter(rows, seen);
    this.steps.push({ step: `looked into ${rows.length} texts`, rows: kept.length, ms: performance.now() - start });
    return kept;
  }

  private ask(condition: Condition | undefined): Asked {
    const all = condition === undefined ? [] : condition.kind === 'all' ? condition.of : [condition];
    let keys = { from: 0, to: Number.MAX_SAFE_INTEGER };
    const rows: RowCondition[] = [];
    const parts: Condition[] = [];
    const seen: Condition[] = [];
    for (const part of all) {
      const row = rowCondition(part);
      if (part.kind === 'time') {
        const span = timeSpan(part, this.now);
        keys = narrowed(keys, span);
        rows.push(within(span));
      } else if (row) rows.push(row);
      else {
        parts.push(part);
        if (!isExact(part)) seen.push(part);
      }
    }
    return { parts, rows, keys, seen };
  }
}

function rankedAs(row: Candidate, rank: Rank): FoundHit {
  return { ...row, rank, copy: `${row.project} ${row.exchange}`, age: [row.born, `${row.session} ${row.writer}`] };
}

function rankOf({ doc, tokens }: Candidate, sort: Sort, tier: number): Rank {
  if (sort === 'oldest') return [0, doc];
  return [sort === 'cost' ? -(tokens ?? 0) : tier, -doc];
}

function narrowed(keys: Bound, { from, to }: Bound): Bound {
  return {
    from: from === always.from ? keys.from : Math.max(keys.from, firstKey(from)),
    to: to === always.to ? keys.to : Math.min(keys.to, lastKey(to)),
  };
}

function within({ from, to }: Bound): RowCondition {
  const [least, end] = [Math.max(from, 0), Math.min(to, Number.MAX_SAFE_INTEGER)];
  return { sql: '(d.at >= ? AND d.at < ?)', parameters: [least, end] };
}

/** The documents of the projects that may be read. */
function universeOf(database: StoreDatabase, projects: readonly string[]): Match {
  if (projects.length > mostNamed) return term(anyDocument, { columns: ['facts'] });
  const sql = `SELECT id FROM search_values WHERE kind = 'project' AND project IN (SELECT value FROM json_each(?))`;
  const ids = database.rows(sql, [JSON.stringify(projects)]).map((row) => z.number().parse(row.id));
  return ids.length === 0 ? nothing : or(ids.map((id) => term(factTerm(id), { columns: ['facts'] })));
}
