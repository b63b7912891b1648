import * as z from 'zod';
import type { Fact } from '../../../../search/documents.ts';
import type { Piece } from '../../../../search/phrase-terms.ts';
import type { Condition, Field, Sort } from '../../../../search/query.ts';
import type { ReadableProject, Total } from '../../../../search/search-index.ts';
import type { Parameter, Row, Session } from '../database.ts';
import { closest, compiled, isAboutText, isExact, type Lookup, piecesIn } from './compile.ts';
import { projectLexeme } from './lexemes.ts';
import { states } from './standing.ts';
import { keysOf } from './times.ts';
import { exactParts, needsTexts, Verifier } from './verify.ts';
import { and, lexeme, type Wish } from './wish.ts';

/** Documents of a project that a search looks at and does not find, before it gives up. */
const mostLooked = 5000;
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

/** What was found in a project, in order; `isMore` when that is not all. */
export interface FoundIn {
  readonly found: readonly Found[];
  readonly isMore: boolean;
  /** Not everything that could match was looked at. */
  readonly isBounded: boolean;
}

/** What a search depends on besides its condition. */
export interface Asked {
  readonly now: number;
  /** What `author:@me` means. */
  readonly me: readonly string[];
  /** Facts of the exchanges that `like:` names. */
  readonly alike: ReadonlyMap<string, readonly Fact[]>;
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

  /** At most `limit` documents, the best first. */
  async find(where: Condition | undefined, sort: Sort, limit: number): Promise<FoundIn> {
    const lookup = await this.lookup(where);
    const isTiered = sort === 'relevance' && where !== undefined && isAboutText(where);
    const tiers = isTiered ? closest : [undefined];
    const found = new Map<number, Found>();
    let isBounded = false;
    for (const [tier, within] of tiers.entries()) {
      const wish = this.wish(where, lookup, tier === closest.length - 1 ? undefined : within);
      const skip = [...found.keys()];
      const look = await this.walk(where, lookup, wish, sort, limit + 1 - found.size, skip);
      for (const one of look.found) found.set(one.doc, { ...one, project: this.project.key, tier });
      isBounded ||= look.isBounded;
      if (found.size > limit) break;
    }
    return { found: [...found.values()].slice(0, limit), isMore: found.size > limit, isBounded };
  }

  /** How many documents a part of a query finds by itself. */
  async count(where: Condition, limit: number): Promise<Total> {
    const { found, isMore } = await this.find(where, 'newest', limit);
    return { count: found.length, isMore };
  }

  private wish(where: Condition | undefined, lookup: Lookup, within: readonly Field[] | undefined): Wish {
    const mine = lexeme(projectLexeme(this.project.key));
    return and([mine, where ? compiled(where, lookup, within) : mine]);
  }

  private async walk(
    where: Condition | undefined,
    lookup: Lookup,
    wish: Wish,
    sort: Sort,
    limit: number,
    skip: readonly number[],
  ): Promise<{ found: z.infer<typeof foundSchema>[]; isBounded: boolean }> {
    if (wish.kind !== 'some') return { found: [], isBounded: false };
    const verifier = where && !isExact(where) ? new Verifier(where, this.asked.now) : undefined;
    const found: z.infer<typeof foundSchema>[] = [];
    let { least, most } = keysOf(where, this.asked.now);
    for (let looked = 0; looked < mostLooked; looked += batch) {
      const size = verifier ? batch : limit;
      const rows = await this.rows({ where, lookup, wish, sort, size, skip, least, most });
      for (const row of rows) if (found.length < limit && (verifier?.holds(row) ?? true)) found.push(row);
      if (rows.length < size || found.length >= limit) return { found, isBounded: verifier?.isLate ?? false };
      const last = rows.at(-1)?.doc ?? 0;
      if (sort === 'oldest') least = last + 1;
      else most = last - 1;
    }
    return { found, isBounded: true };
  }

  private async rows({
    where,
    lookup,
    wish,
    sort,
    size,
    skip,
    least,
    most,
  }: Look): Promise<z.infer<typeof foundSchema>[]> {
    const isVerified = where !== undefined && !isExact(where);
    const parts = isVerified ? exactParts(where).map((part) => compiled(part, lookup)) : [];
    const known = parts.map(({ kind }, at) =>
      kind === 'some' ? `w.words @@ ($7::text[])[${at + 1}]::tsquery` : String(kind === 'all'),
    );
    const texts = isVerified && needsTexts(where);
    // The search itself is in the policy of `words` (`migrations.ts`).
    const sql = `SELECT w.doc, w.state, d.session, d.writer, d.exchange, d.ordinal, d.at, d.born, d.tokens, d.duration, d.facts,
        ${isVerified ? 's.count' : '0::bigint AS count'}, ${texts ? 't.texts' : "'{}'::text[] AS texts"}, ARRAY[${known.join(', ')}]::boolean[] AS known
      FROM (SELECT doc, state, words FROM search.words
        WHERE project = $1 AND state <= $2 AND doc >= $3 AND doc <= $4 AND doc <> ALL($6::bigint[])
        ORDER BY doc ${sort === 'oldest' ? 'ASC' : 'DESC'} LIMIT $5) w
      JOIN search.documents d ON d.project = $1 AND d.doc = w.doc
      ${isVerified ? 'JOIN search.sessions s ON s.project = $1 AND s.session = d.session AND s.writer = d.writer' : ''}
      ${texts ? 'JOIN search.texts t ON t.project = $1 AND t.doc = w.doc' : ''}
      ORDER BY w.doc ${sort === 'oldest' ? 'ASC' : 'DESC'}`;
    const state = this.project.hidden ? states.hidden : states.shown;
    const parameters = [this.project.key, state, least, most, size, skip];
    const rows = await this.ask(wish, sql, parts.length > 0 ? [...parameters, parts.map(textOf)] : parameters);
    return rows.map((row) => foundSchema.parse(row));
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

interface Look {
  readonly where: Condition | undefined;
  readonly lookup: Lookup;
  readonly wish: Wish;
  readonly sort: Sort;
  readonly size: number;
  readonly skip: readonly number[];
  readonly least: number;
  readonly most: number;
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
