import * as z from 'zod';
import { type Fact, factKinds } from '../../../../search/documents.ts';
import type { Condition } from '../../../../search/query.ts';
import type { Scope } from '../../../../search/search-index.ts';
import { states } from '../../../../search/states.ts';
import type { PostgresDatabase } from '../database.ts';
import { projectLexeme, quoted } from './lexemes.ts';

const shared = ['edited', 'read', 'commit', 'pr', 'issue'] as const;
const factsSchema = z.partialRecord(z.enum(factKinds), z.array(z.string()));
/** Facts of one exchange that are looked for. */
const most = 400;

/** Files, commits, pull requests and issues of the exchanges that `like:` names, by the beginning of the id. */
export async function alikeTo(
  database: PostgresDatabase,
  scope: Scope,
  where: Condition | undefined,
): Promise<ReadonlyMap<string, readonly Fact[]>> {
  const alike = new Map<string, readonly Fact[]>();
  for (const value of where ? likes(where) : []) alike.set(value, await factsOf(database, scope, value));
  return alike;
}

function likes(condition: Condition): string[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(likes);
  if (condition.kind === 'not') return likes(condition.of);
  return condition.kind === 'filter' && condition.filter === 'like' ? [condition.value] : [];
}

async function factsOf(database: PostgresDatabase, scope: Scope, value: string): Promise<Fact[]> {
  const id = value.trim().toLowerCase().replace(/^x-/, '');
  if (!/^[0-9a-f]{4,12}$/.test(id)) return [];
  const sql = `SELECT d.facts FROM search.documents d JOIN search.words w ON w.project = $1 AND w.doc = d.doc
    WHERE d.project = $1 AND d.exchange >= $2 AND d.exchange < $2 || 'g' AND w.state <= $3 LIMIT 1`;
  for (const { key, hidden } of scope.projects) {
    const [row] = await database.inProject(key, async (session) => {
      await session.rows("SELECT set_config('specstory.wanted', $1, true)", [quoted(projectLexeme(key))]);
      return session.rows(sql, [key, id, hidden ? states.hidden : states.shown]);
    });
    const facts = row ? factsSchema.parse(row.facts) : undefined;
    if (facts)
      return shared.flatMap((kind) => (facts[kind] ?? []).map((one): Fact => ({ kind, value: one }))).slice(0, most);
  }
  return [];
}
