import * as z from 'zod';
import { nearest } from '../../../../core/nearest.ts';
import { timeProblem } from '../../../../search/language/times.ts';
import type { Condition } from '../../../../search/query.ts';
import type { Scope } from '../../../../search/search-index.ts';
import { states } from '../../../../search/states.ts';
import type { PostgresDatabase } from '../database.ts';
import { factLexeme, quoted } from './lexemes.ts';
import { isNamed } from './project-search.ts';
import { spanOf } from './times.ts';

const named = ['agent', 'model', 'branch', 'author', 'tool', 'tag'] as const;
/** Names that are looked through for the one that was meant. */
const mostNames = 1000;

interface State {
  readonly now: number;
  readonly isNothing: boolean;
  readonly isBounded: boolean;
}

/** What the asker should know: a value that nothing has, a time that is none, a bound that was reached. */
export async function notesOn(
  database: PostgresDatabase,
  where: Condition | undefined,
  scope: Scope,
  state: State,
): Promise<string[]> {
  const notes = new Set<string>();
  for (const part of where ? leaves(where) : []) {
    if (part.kind === 'time' && !spanOf(part, state.now)) notes.add(timeProblem(part.value));
    if (part.kind !== 'filter' || !state.isNothing) continue;
    if (part.filter === 'project' && !scope.projects.some((project) => isNamed(project, part.value)))
      notes.add(`no project '${part.value.slice(0, 60)}'`);
    const kind = named.find((one) => one === part.filter);
    const note = kind && (await suggestion(database, scope, kind, part.value.trim()));
    if (note !== undefined) notes.add(note);
  }
  if (state.isBounded) notes.add('there is too much to look at all of it: only the newest was');
  return [...notes];
}

function leaves(condition: Condition): Condition[] {
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.flatMap(leaves);
  return condition.kind === 'not' ? leaves(condition.of) : [condition];
}

async function suggestion(
  database: PostgresDatabase,
  scope: Scope,
  kind: string,
  value: string,
): Promise<string | undefined> {
  if (value === '' || value.toLowerCase() === '@me' || /[*?]/.test(value)) return undefined;
  const names = new Set<string>();
  for (const { key } of scope.projects) {
    const sql = `SELECT name FROM search.names WHERE project = $1 AND kind = $2 LIMIT ${mostNames}`;
    for (const row of await database.rowsOf(key, sql, [kind])) names.add(z.string().parse(row.name));
  }
  if ([...names].some((name) => name.toLowerCase().includes(value.toLowerCase()))) return undefined;
  const meant = nearest(value.slice(0, 100), names);
  // A value that only hidden exchanges have is not told.
  const count = meant === undefined ? 0 : await shownWith(database, scope, kind, meant);
  return `no ${kind} '${value.slice(0, 60)}'${count > 0 ? `; did you mean '${meant}' (${count})?` : ''}`;
}

async function shownWith(database: PostgresDatabase, scope: Scope, kind: string, value: string): Promise<number> {
  let count = 0;
  for (const { key } of scope.projects) {
    count += await database.inProject(key, async (session) => {
      await session.rows("SELECT set_config('specstory.wanted', $1, true)", [quoted(factLexeme(kind, value))]);
      const sql = `SELECT count(*) AS count FROM (
        SELECT 1 FROM search.words WHERE project = $1 AND state = ${states.shown} LIMIT 1000) AS shown`;
      return z.number().parse((await session.rows(sql, [key]))[0]?.count);
    });
  }
  return count;
}
