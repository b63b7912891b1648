import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import type { Condition } from '../query.ts';
import { hasPhrase, inBounds, needsTexts, Patterns, ran } from '../seen-texts.ts';
import { states } from '../states.ts';
import type { Bound } from './bounds.ts';
import { timeSpan } from './bounds.ts';
import type { Candidate } from './candidates.ts';
import { isExact } from './compile.ts';
import { type Texts, textsOf } from './stored-document.ts';

/** The documents of a piece of a condition that the index knows all about, among those between two keys. */
export type Known = (condition: Condition, from: number, to: number) => ReadonlySet<number>;

/** Sees in texts and rows what the index of words cannot tell. */
export class Verifier {
  private readonly database: StoreDatabase;
  private readonly known: Known;
  private readonly now: number;
  readonly patterns = new Patterns();

  constructor(database: StoreDatabase, known: Known, now: number) {
    this.database = database;
    this.known = known;
    this.now = now;
  }

  /** Those of the candidates that fulfil all conditions. */
  filter(candidates: readonly Candidate[], conditions: readonly Condition[]): Candidate[] {
    if (candidates.length === 0 || conditions.length === 0) return [...candidates];
    const docs = candidates.map(({ doc }) => doc);
    const texts = conditions.some(needsTexts) ? textsOf(this.database, docs) : new Map<number, Texts>();
    const look = new Look(this, this.database, this.known, this.now, [Math.min(...docs), Math.max(...docs)]);
    return candidates.filter((candidate) => {
      const of = texts.get(candidate.doc) ?? [];
      return conditions.every((condition) => look.holds(condition, candidate, of));
    });
  }
}

/** One look at some documents. */
class Look {
  private readonly verifier: Verifier;
  private readonly database: StoreDatabase;
  private readonly known: Known;
  private readonly now: number;
  private readonly keys: readonly [number, number];
  private readonly sets = new Map<Condition, ReadonlySet<number>>();
  private readonly counts = new Map<string, number>();

  constructor(verifier: Verifier, database: StoreDatabase, known: Known, now: number, keys: readonly [number, number]) {
    this.verifier = verifier;
    this.database = database;
    this.known = known;
    this.now = now;
    this.keys = keys;
  }

  holds(condition: Condition, candidate: Candidate, texts: Texts): boolean {
    if (isExact(condition)) return this.set(condition).has(candidate.doc);
    switch (condition.kind) {
      case 'all':
        return condition.of.every((part) => this.holds(part, candidate, texts));
      case 'any':
        return condition.of.some((part) => this.holds(part, candidate, texts));
      case 'not':
        return !this.holds(condition.of, candidate, texts);
      case 'phrase':
        return hasPhrase(texts, condition);
      case 'regex':
        return this.verifier.patterns.match(texts, condition);
      case 'filter':
        return condition.filter === 'cmd' ? ran(texts, condition.value) : candidate.state === states.hidden;
      case 'time':
        return inSpan(candidate.at, timeSpan(condition, this.now));
      case 'number':
        return inBounds(this.number(condition.filter, candidate), condition);
      case 'word':
        return false;
    }
  }

  private set(condition: Condition): ReadonlySet<number> {
    const known = this.sets.get(condition) ?? this.known(condition, ...this.keys);
    this.sets.set(condition, known);
    return known;
  }

  private number(what: Extract<Condition, { kind: 'number' }>['filter'], candidate: Candidate): number | null {
    if (what === 'tokens') return candidate.tokens;
    if (what === 'duration') return candidate.duration;
    return what === 'cost' ? null : this.count(candidate);
  }

  private count({ project, session, writer }: Candidate): number {
    const key = `${project} ${writer} ${session}`;
    const known = this.counts.get(key);
    if (known !== undefined) return known;
    const sql = 'SELECT count FROM search_sessions WHERE project = ? AND session = ? AND writer = ?';
    const count = z.number().parse(this.database.rows(sql, [project, session, writer])[0]?.count ?? 0);
    this.counts.set(key, count);
    return count;
  }
}

function inSpan(at: number, { from, to }: Bound): boolean {
  return at >= from && at < to;
}
