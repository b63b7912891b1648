import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import {
  type ExchangeId,
  isExchangeId,
  isSessionId,
  isWriterId,
  type SessionId,
  type WriterId,
} from '../../core/ids.ts';
import { compareText } from '../../core/text.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import { flags } from '../document-flags.ts';
import type { Condition, Group } from '../query.ts';
import type { Grouped } from '../ranking.ts';
import type { FacetName, Facets, Hit, HitGroup, Scope } from '../search-index.ts';
import { snippetOf } from '../snippet.ts';
import { states } from '../states.ts';
import { wantedIn } from '../wanted.ts';
import type { FoundHit } from './find.ts';
import { textsOf } from './stored-document.ts';
import { valuesOf } from './values.ts';

const nameSchema = z.object({ name: z.string(), title: z.string().nullable() });
const sessionSchema = z.object({ session: z.string() });

/** Makes what was found into what is shown. */
export class Presenter {
  private readonly database: StoreDatabase;
  private readonly scope: Scope;

  constructor(database: StoreDatabase, scope: Scope) {
    this.database = database;
    this.scope = scope;
  }

  /** What groups a hit. Texts of facts are read for those hits only. */
  keysOf(hits: readonly FoundHit[], group: Group): (hit: FoundHit) => string {
    if (group === 'none') return ({ project, exchange }) => `${project} ${exchange}`;
    if (group === 'day') return ({ at }) => (at === 0 ? '' : new Date(at).toISOString().slice(0, 10));
    if (group === 'session') return ({ project, session }) => `${project} ${session}`;
    const names = valuesOf(this.database, new Set(hits.flatMap(({ file }) => file ?? [])));
    return ({ file }) => names.get(file ?? -1) ?? '';
  }

  groups(groups: readonly Grouped<FoundHit>[], best: number, group: Group, where: Condition | undefined): HitGroup[] {
    const shown = groups.flatMap(({ hits }) => hits.slice(0, best));
    const texts = textsOf(
      this.database,
      shown.map(({ doc }) => doc),
    );
    const names = valuesOf(
      this.database,
      new Set(shown.flatMap(({ agent, branch, author }) => [agent, branch, author].flatMap((id) => id ?? []))),
    );
    const wanted = wantedIn(where);
    return groups.flatMap(({ key, hits }) => {
      const [first] = hits;
      if (!first) return [];
      const name = (id: number | null): string | undefined => names.get(id ?? -1);
      return {
        key: group === 'session' ? first.session : group === 'none' ? first.exchange : key,
        title: this.title(first),
        agent: name(first.agent) ?? '',
        branch: name(first.branch),
        author: name(first.author),
        project: first.project,
        hits: hits.slice(0, best).map((hit) => this.hit(hit, snippetOf(texts.get(hit.doc) ?? [], wanted))),
        more: Math.max(0, hits.length - best),
      };
    });
  }

  facets(hits: readonly FoundHit[]): Facets {
    const ids = new Set(hits.flatMap(({ agent, branch, author }) => [agent, branch, author].flatMap((id) => id ?? [])));
    const names = valuesOf(this.database, ids);
    const counts = (of: (hit: FoundHit) => readonly (string | undefined)[]) => {
      const found = new Map<string, number>();
      for (const hit of hits)
        for (const value of of(hit)) if (value !== undefined) found.set(value, (found.get(value) ?? 0) + 1);
      return ordered(found);
    };
    const named = (key: 'agent' | 'branch' | 'author') => counts((hit) => [names.get(hit[key] ?? -1)]);
    const hasOf = new Map<number, string[]>();
    const flagsOf = (has: number): string[] => {
      const known = hasOf.get(has) ?? flags.filter((_, bit) => (has & (1 << bit)) !== 0);
      hasOf.set(has, known);
      return known;
    };
    const facets: Record<FacetName, ReturnType<typeof ordered>> = {
      project: counts(({ project }) => [project]),
      agent: named('agent'),
      branch: named('branch'),
      author: named('author'),
      month: counts(({ at }) => [at === 0 ? undefined : new Date(at).toISOString().slice(0, 7)]),
      has: counts(({ has }) => flagsOf(has)),
    };
    return facets;
  }

  private hit(found: FoundHit, snippet: Hit['snippet']): Hit {
    return {
      project: found.project,
      session: asSession(found.session),
      writer: asWriter(found.writer),
      exchange: asExchange(found.exchange),
      ordinal: found.ordinal,
      at: found.at === 0 ? undefined : new Date(found.at).toISOString(),
      hidden: found.state === states.hidden,
      snippet,
      alsoIn: this.copies(found),
    };
  }

  private copies({ project, exchange, session }: FoundHit): SessionId[] {
    const isOpen = this.scope.projects.some(({ key, hidden }) => key === project && hidden);
    const sql = `SELECT DISTINCT session FROM search_documents
      WHERE project = ? AND exchange = ? AND session <> ? AND state <= ? ORDER BY session LIMIT 100`;
    const most = isOpen ? states.hidden : states.shown;
    return this.database
      .rows(sql, [project, exchange, session, most])
      .map((row) => asSession(sessionSchema.parse(row).session));
  }

  /** A name is made of the first prompt: it is told to those who may see that. */
  private title({ project, session, writer }: FoundHit): string {
    const most = this.scope.projects.some(({ key, hidden }) => key === project && hidden)
      ? states.hidden
      : states.shown;
    const sql = `SELECT CASE WHEN EXISTS (SELECT 1 FROM search_documents d WHERE d.project = s.project AND d.session = s.session
        AND d.writer = s.writer AND d.ordinal = 1 AND d.state <= ?4) THEN name ELSE '' END AS name, (SELECT title FROM search_labels l WHERE l.project = s.project AND l.session = s.session AND l.exchange = '') AS title
      FROM search_sessions s WHERE project = ?1 AND session = ?2 AND writer = ?3`;
    const [row] = this.database.rows(sql, [project, session, writer, most]);
    const found = row && nameSchema.parse(row);
    return found?.title ?? found?.name ?? '';
  }
}

/** The most first, then by name. */
function ordered(counts: ReadonlyMap<string, number>): { value: string; count: number }[] {
  const all = [...counts].map(([value, count]) => ({ value, count }));
  return all.sort((a, b) => b.count - a.count || compareText(a.value, b.value));
}

const damaged = (): never => {
  throw new SpecstoryError('bug', 'the search index has a row without an id');
};
const asSession = (text: string): SessionId => (isSessionId(text) ? text : damaged());
const asWriter = (text: string): WriterId => (isWriterId(text) ? text : damaged());
const asExchange = (text: string): ExchangeId => (isExchangeId(text) ? text : damaged());
