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
import { and, type Match, matchText, or, term, type Universe } from './match.ts';
import { anyDocument, factTerm } from './values.ts';
import { Verifier } from './verify.ts';
import { termsWith } from './vocabulary.ts';

/** Exchanges that are ordered and counted; what is more is told as more. */
export const mostHits = 500;
/** Documents whose text is looked at for one list of hits, and at once. */
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
  private readonly universe: Universe;
  private readonly found = new Map<Condition | undefined, Map<Sort, Found>>();
  private left = mostSeen;

  constructor(database: StoreDatabase, scope: Scope, now: number) {
    this.database = database;
    this.scope = scope;
    this.now = now;
    this.filters = new Filters(database, scope);
    const keys = scope.projects.map(({ key }) => key);
    this.compiler = new Compiler(this.filters, (piece, most) => termsWith(database, keys, piece, most));
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

  /** What a condition finds. One that was asked before in this order, as a part of another, is not asked again. */
  find(condition: Condition | undefined, sort: Sort): Found {
    const isRelevance = sort === 'relevance' && condition !== undefined && isAboutText(condition);
    const order = isRelevance || sort !== 'relevance' ? sort : 'newest';
    const known = this.found.get(condition)?.get(order);
    if (known) return known;
    const found = this.look(condition, order);
    this.found.set(condition, new Map([...(this.found.get(condition) ?? []), [order, found]]));
    return found;
  }

  private look(condition: Condition | undefined, sort: Sort): Found {
    this.left = mostSeen;
    const asked = this.ask(condition);
    const found: FoundHit[] = [];
    const known = new Set<number>();
    let isMore = false;
    for (const [tier, within] of (sort === 'relevance' ? tiers : [undefined]).entries()) {
      const match = and(asked.parts.map((part) => this.compiler.over(part, within)));
      // What an earlier list had is known by its key: FTS5 would walk along all of its words once more to leave it out.
      const list = this.list(asked, match, sort === 'oldest', mostHits + 1 - found.length, known);
      found.push(...list.rows.map((row) => rankedAs(row, rankOf(row, sort, tier))));
      isMore = list.isMore;
      if (isMore) break;
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
    known: Set<number>,
  ): { rows: Candidate[]; isMore: boolean } {
    const match = matchText(wanted, this.universe);
    if (match === undefined || asked.keys.from > asked.keys.to) return { rows: [], isMore: false };
    const rows: Candidate[] = [];
    let { from, to } = asked.keys;
    for (;;) {
      // Texts that are looked into are found in one walk: FTS5 merges all terms of a prefix whenever it begins.
      const limit = asked.seen.length > 0 ? this.left : most;
      if (limit <= 0) return { rows, isMore: true };
      const start = performance.now();
      const list = candidates(this.database, this.scope, {
        ...{ match, from, to, rows: asked.rows, isAscending, limit, known },
      });
      this.steps.push({ step: match, rows: list.rows.length, ms: performance.now() - start });
      rows.push(...this.seen(list.rows, asked.seen, most - rows.length));
      for (const { doc } of list.rows) known.add(doc);
      const last = list.rows.at(-1);
      if (rows.length >= most) return { rows, isMore: true };
      if (list.rows.length < limit || last === undefined) return { rows, isMore: list.isCut };
      if (isAscending) from = last.doc + 1;
      else to = last.doc - 1;
    }
  }

  /** Those of the rows whose texts fulfil the conditions too; no more texts are looked into than are needed for `most`. */
  private seen(rows: readonly Candidate[], seen: readonly Condition[], most: number): Candidate[] {
    if (seen.length === 0) return [...rows];
    const start = performance.now();
    const kept: Candidate[] = [];
    let at = 0;
    for (; at < rows.length && kept.length < most; at += seenAtOnce)
      kept.push(...this.verifier.filter(rows.slice(at, at + seenAtOnce), seen));
    this.left -= Math.min(at, rows.length);
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
function universeOf(database: StoreDatabase, projects: readonly string[]): Universe {
  const all = term(anyDocument, { columns: ['facts'] });
  if (projects.length > mostNamed) return { of: all, isWhole: true };
  const list = JSON.stringify(projects);
  if (projects.length > 0 && !hasOthers(database, list)) return { of: all, isWhole: true };
  const sql = `SELECT id FROM search_values WHERE kind = 'project' AND project IN (SELECT value FROM json_each(?))`;
  const ids = database.rows(sql, [list]).map((row) => z.number().parse(row.id));
  return { of: or(ids.map((id) => term(factTerm(id), { columns: ['facts'] }))), isWhole: false };
}

/** Whether there are projects besides these: goes from one to the next, and no further than to the first other one. */
function hasOthers(database: StoreDatabase, list: string): boolean {
  const sql = `WITH RECURSIVE step (project) AS (
      SELECT min(project) FROM search_sessions
      UNION ALL SELECT (SELECT min(project) FROM search_sessions s WHERE s.project > step.project) FROM step
        WHERE step.project IN (SELECT value FROM json_each(?1)))
    SELECT 1 FROM step WHERE project NOT IN (SELECT value FROM json_each(?1)) LIMIT 1`;
  return database.rows(sql, [list]).length > 0;
}
