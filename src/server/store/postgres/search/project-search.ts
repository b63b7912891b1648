import * as z from 'zod';
import type { Fact } from '../../../../search/documents.ts';
import type { Piece } from '../../../../search/phrase-terms.ts';
import type { Condition, Field, Sort } from '../../../../search/query.ts';
import type { ReadableProject } from '../../../../search/search-index.ts';
import { needsTexts } from '../../../../search/seen-texts.ts';
import { states } from '../../../../search/states.ts';
import type { Parameter, Row, Session } from '../database.ts';
import { closest, compiled, isAboutText, isExact, type Lookup, piecesIn } from './compile.ts';
import { projectLexeme } from './lexemes.ts';
import { keysOf } from './times.ts';
import { exactParts, Verifier } from './verify.ts';
import { and, lexeme, type Wish } from './wish.ts';

const batch = 500;
/** Terms that one piece of a phrase may stand for. */
const mostTerms = 200;

const foundSchema = z.object({
  doc: z.number(),
  session: z.string(),
  writer: z.string(),
  exchange: z.string(),
  ordinal: z.number(),
  at: z.number(),
  born: z.number(),
  state: z.number(),
  tokens: z.number().nullable(),
});
/** What only a look at the document tells; read where a condition needs it. */
const seenSchema = foundSchema.extend({
  duration: z.number().nullable(),
  facts: z.record(z.string(), z.array(z.string())),
  count: z.number(),
  texts: z.array(z.string()),
  known: z.array(z.boolean()),
});
/** A document that was found. `tier` is how near to what people wrote it matched, 0 the nearest. */
export interface Found extends z.infer<typeof foundSchema> {
  readonly project: string;
  readonly tier: number;
}

/** Documents that come later than this one are not wanted. */
export interface Floor {
  readonly tier: number;
  readonly doc: number;
}

/** What was found in a project, in order; `isMore` when that is not all. */
export interface FoundIn {
  readonly found: readonly Found[];
  readonly isMore: boolean;
  /** Not everything that could match was looked at. */
  readonly isBounded: boolean;
}

/** Milliseconds that one statement of a search may take. */
const patience = 5000;

/**
 * Settings for the searches of a transaction. A vector is a few kB beside its row, which PostgreSQL does not count when it weighs to look at row after
 * row (`@@` costs it as much as a comparison of numbers) against an index: it is told what that takes.
 */
export async function prepare(session: Session): Promise<void> {
  await session.rows(
    `SELECT set_config('statement_timeout', $1, true), set_config('jit', 'off', true), set_config('cpu_operator_cost', '0.1', true)`,
    [String(patience)],
  );
}

/** What a search depends on besides its condition. */
export interface Asked {
  readonly now: number;
  /** What `author:@me` means. */
  readonly me: readonly string[];
  /** Facts of the exchanges that `like:` names. */
  readonly alike: ReadonlyMap<string, readonly Fact[]>;
  /** Documents that may still be looked at, in all projects. */
  left: number;
}

/** Searches one project inside a transaction that sees this project only. */
export class ProjectSearch {
  private readonly session: Session;
  private readonly project: ReadableProject;
  private readonly asked: Asked;

  constructor(session: Session, project: ReadableProject, asked: Asked) {
    this.session = session;
    this.project = project;
    this.asked = asked;
  }

  /** At most `limit` documents that come before a floor, the best first. */
  async find(where: Condition | undefined, sort: Sort, limit: number, floor?: Floor): Promise<FoundIn> {
    const lookup = await this.lookup(where);
    const isTiered = sort === 'relevance' && where !== undefined && isAboutText(where);
    const tiers = (isTiered ? closest : [undefined]).slice(0, floor ? floor.tier + 1 : undefined);
    const found = new Map<number, Found>();
    const looked: number[] = [];
    let isBounded = false;
    for (const [tier, within] of tiers.entries()) {
      const wish = this.wish(where, lookup, tier === closest.length - 1 ? undefined : within);
      const keys = above(keysOf(where, this.asked.now), sort, floor?.tier === tier ? floor : undefined);
      const walk = await this.walk({ where, lookup, wish, sort, ...keys, limit: limit + 1 - found.size, skip: looked });
      for (const one of walk.found) found.set(one.doc, { ...one, project: this.project.key, tier });
      looked.push(...walk.looked);
      isBounded ||= walk.isBounded;
      if (found.size > limit) break;
    }
    return { found: [...found.values()].slice(0, limit), isMore: found.size > limit, isBounded };
  }

  private wish(where: Condition | undefined, lookup: Lookup, within: readonly Field[] | undefined): Wish {
    const mine = lexeme(projectLexeme(this.project.key));
    return and([mine, where ? compiled(where, lookup, within) : mine]);
  }

  private async walk(walk: Walk): Promise<{ found: Light[]; looked: number[]; isBounded: boolean }> {
    const { where, wish, sort, limit } = walk;
    const [found, looked]: [Light[], number[]] = [[], []];
    if (wish.kind !== 'some') return { found, looked, isBounded: false };
    if (!where || isExact(where)) {
      const rows = (await this.rows(walk, limit)).map((row) => foundSchema.parse(row));
      return { found: rows, looked: rows.map(({ doc }) => doc), isBounded: false };
    }
    const verifier = new Verifier(where, this.asked.now);
    let { least, most } = walk;
    while (this.asked.left > 0) {
      const rows = (await this.rows({ ...walk, least, most }, batch)).map((row) => seenSchema.parse(row));
      this.asked.left -= rows.length;
      looked.push(...rows.map(({ doc }) => doc));
      for (const row of rows) if (found.length < limit && verifier.holds(row)) found.push(row);
      if (rows.length < batch || found.length >= limit) return { found, looked, isBounded: verifier.patterns.isLate };
      const last = rows.at(-1)?.doc ?? 0;
      if (sort === 'oldest') least = last + 1;
      else most = last - 1;
    }
    return { found, looked, isBounded: true };
  }

  private async rows({ where, lookup, wish, sort, skip, least, most }: Walk, size: number): Promise<Row[]> {
    const isVerified = where !== undefined && !isExact(where);
    const parts = isVerified ? exactParts(where).map((part) => compiled(part, lookup)) : [];
    const order = sort === 'oldest' ? 'ASC' : 'DESC';
    const seen = isVerified ? seenColumns(parts, needsTexts(where)) : { columns: '', joins: '' };
    // The search itself is in the policy of `words` (`migrations.ts`).
    const sql = `SELECT w.doc, w.state, d.session, d.writer, d.exchange, d.ordinal, d.at, d.born, d.tokens${seen.columns}
      FROM (SELECT doc, state, words FROM search.words
        WHERE project = $1 AND state <= $2 AND doc >= $3 AND doc <= $4 AND doc <> ALL($6::bigint[])
        ORDER BY doc ${order} LIMIT $5) w
      JOIN search.documents d ON d.project = $1 AND d.doc = w.doc${seen.joins} ORDER BY w.doc ${order}`;
    const state = this.project.hidden ? states.hidden : states.shown;
    const parameters = [this.project.key, state, least, most, size, skip];
    return await this.ask(wish, sql, parts.length > 0 ? [...parameters, parts.map(textOf)] : parameters);
  }

  /** Runs a statement over what a wish finds. */
  private async ask(wish: Wish, sql: string, parameters: readonly Parameter[]): Promise<Row[]> {
    const [, rows] = await Promise.all([
      this.session.rows("SELECT set_config('specstory.wanted', $1, true)", [textOf(wish)]),
      this.session.rows(sql, parameters),
    ]);
    return rows;
  }

  private async lookup(where: Condition | undefined): Promise<Lookup> {
    const terms = new Map<string, readonly string[] | undefined>();
    for (const piece of where ? piecesIn(where) : []) terms.set(keyOf(piece), await this.termsWith(piece));
    const authors = where && asksAuthor(where) ? await this.authors() : [];
    return {
      termsWith: (piece) => terms.get(keyOf(piece)),
      authors: (value) => matchingAuthors(authors, value.trim().toLowerCase(), this.asked.me),
      alike: (value) => this.asked.alike.get(value) ?? [],
      isProject: (value) => isNamed(this.project, value),
    };
  }

  private async termsWith({ term, openAfter }: Piece): Promise<readonly string[] | undefined> {
    if ([...term].length < 3) return undefined;
    const pattern = `%${term.replace(/[\\%_]/g, '\\$&')}${openAfter ? '%' : ''}`;
    const [, rows] = await Promise.all([
      this.session.rows("SELECT set_config('specstory.piece', $1, true)", [pattern]),
      this.session.rows(`SELECT term FROM search.terms WHERE project = $1 LIMIT ${mostTerms + 1}`, [this.project.key]),
    ]);
    return rows.length > mostTerms ? undefined : rows.map((row) => z.string().parse(row.term));
  }

  private async authors(): Promise<string[]> {
    const sql = "SELECT name FROM search.names WHERE project = $1 AND kind = 'author' ORDER BY name LIMIT 10000";
    return (await this.session.rows(sql, [this.project.key])).map((row) => z.string().parse(row.name));
  }
}

type Light = z.infer<typeof foundSchema>;

/** One way through the documents of a project. */
interface Walk {
  readonly where: Condition | undefined;
  readonly lookup: Lookup;
  readonly wish: Wish;
  readonly sort: Sort;
  readonly limit: number;
  /** Documents that were looked at before. */
  readonly skip: readonly number[];
  readonly least: number;
  readonly most: number;
}

function above(
  keys: { least: number; most: number },
  sort: Sort,
  floor: Floor | undefined,
): { least: number; most: number } {
  if (!floor) return keys;
  if (sort === 'oldest') return { ...keys, most: Math.min(keys.most, floor.doc) };
  return { ...keys, least: Math.max(keys.least, floor.doc) };
}

function seenColumns(parts: readonly Wish[], texts: boolean): { columns: string; joins: string } {
  const known = parts.map(({ kind }, at) =>
    kind === 'some' ? `w.words @@ ($7::text[])[${at + 1}]::tsquery` : String(kind === 'all'),
  );
  const columns = `, d.duration, d.facts, s.count, ${texts ? 't.texts' : "'{}'::text[] AS texts"}, ARRAY[${known.join(', ')}]::boolean[] AS known`;
  const sessions = 'JOIN search.sessions s ON s.project = $1 AND s.session = d.session AND s.writer = d.writer';
  return { columns, joins: ` ${sessions}${texts ? ' JOIN search.texts t ON t.project = $1 AND t.doc = w.doc' : ''}` };
}

const textOf = (wish: Wish): string => (wish.kind === 'some' ? wish.text : "'='");
const keyOf = ({ term, openAfter }: Piece): string => `${openAfter} ${term}`;

function asksAuthor(condition: Condition): boolean {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.some(asksAuthor);
  if (condition.kind === 'not') return asksAuthor(condition.of);
  return condition.kind === 'filter' && condition.filter === 'author';
}

function matchingAuthors(authors: readonly string[], wanted: string, me: readonly string[]): string[] {
  const mine = new Set(me.map((name) => name.toLowerCase()));
  if (wanted === '@me') return authors.filter((author) => mine.has(author.toLowerCase()));
  return wanted === '' ? [] : authors.filter((author) => author.toLowerCase().includes(wanted)).slice(0, 400);
}

/** Whether `project:` means a project: by its id, a name, or the end or beginning of one. */
export function isNamed({ key, names }: ReadableProject, value: string): boolean {
  const wanted = value.trim().toLowerCase();
  if (wanted === '') return false;
  return [key, ...names].some((given) => {
    const name = given.toLowerCase();
    return name.startsWith(wanted) || name.endsWith(`/${wanted}`) || name.endsWith(`/${wanted}.git`);
  });
}
