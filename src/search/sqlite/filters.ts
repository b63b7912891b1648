import * as z from 'zod';
import { nearest } from '../../core/nearest.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import { pathGlob } from '../language/glob.ts';
import type { TextFilter } from '../query.ts';
import type { Scope } from '../search-index.ts';
import { everything, type Match, mostTerms, not, nothing, or, term } from './match.ts';
import { textOf } from './stored-document.ts';
import { factId, factTerm, type ValueKind } from './values.ts';

const idSchema = z.object({ id: z.number(), value: z.string() });
const kindSchema = z.object({ id: z.number(), kind: z.string() });

/** Values of one filter that are looked for at most. */
const mostValues = mostTerms / 2;

/** Finds the facts that a filter means, among the values that the readable projects have. */
export class Filters {
  private readonly database: StoreDatabase;
  private readonly scope: Scope;
  private readonly projects: string;
  private readonly told = new Set<string>();

  constructor(database: StoreDatabase, scope: Scope) {
    this.database = database;
    this.scope = scope;
    this.projects = JSON.stringify(scope.projects.map(({ key }) => key));
  }

  /** What the asker should know of the filters. */
  get notes(): readonly string[] {
    return [...this.told];
  }

  /** The documents that a filter means; nothing for one that is no fact (`cmd`, `is:hidden`). */
  match(filter: TextFilter, given: string): Match | undefined {
    const text = given.trim();
    const low = text.toLowerCase();
    const makers: Readonly<Record<TextFilter, () => Match | undefined>> = {
      agent: () => this.named('agent', this.like('agent', escaped(text)), text),
      tool: () => this.named('tool', this.like('tool', escaped(text)), text),
      tag: () => this.named('tag', this.like('tag', escaped(text)), text),
      branch: () => this.named('branch', this.glob('branch', text), text),
      model: () => this.named('model', this.word('model', escaped(text)), text),
      author: () => this.author(text),
      project: () => this.project(text),
      has: () => this.exact('has', low),
      no: () => this.absent(low),
      is: () => (low === 'hidden' ? undefined : this.exact('is', low)),
      session: () => or(this.like('session', `${escaped(text)}%`)),
      commit: () => or(this.like('commit', `${escaped(text)}%`)),
      pr: () => or(this.like('pr', escaped(text.replace(/^#/, '')))),
      issue: () => or(this.like('issue', escaped(text.replace(/^#/, '')))),
      edited: () => this.path(['edited'], text),
      read: () => this.path(['read'], text),
      file: () => this.path(['edited', 'read'], text),
      like: () => this.alike(low),
      cmd: () => undefined,
    };
    return makers[filter]();
  }

  /** Exchanges that share a file, a commit, a pull request or an issue with the one whose id begins so. */
  private alike(id: string): Match {
    const facts = this.factsOf(id.replace(/^x-/, ''));
    const shared = new Set(['edited', 'read', 'commit', 'pr', 'issue']);
    const kept = facts.filter(({ kind }) => shared.has(kind)).slice(0, mostValues);
    return or(kept.map(({ id }) => term(factTerm(id), { columns: ['facts'] })));
  }

  private factsOf(exchange: string): { id: number; kind: string }[] {
    if (!/^[0-9a-f]{4,12}$/.test(exchange)) return [];
    const sql = `SELECT facts FROM search_documents d WHERE d.project IN (SELECT value FROM json_each(?1))
      AND d.exchange >= ?2 AND d.exchange < ?2 || 'g'
      AND (d.state = 0 OR (d.state = 1 AND d.project IN (SELECT value FROM json_each(?3)))) LIMIT 1`;
    const open = JSON.stringify(this.scope.projects.flatMap(({ key, hidden }) => (hidden ? [key] : [])));
    const [row] = this.database.rows(sql, [this.projects, exchange, open]);
    if (!row) return [];
    const ids = textOf(row, 'facts').split(' ').map(factId).filter(Number.isInteger);
    const values = 'SELECT id, kind FROM search_values WHERE id IN (SELECT value FROM json_each(?))';
    return this.database.rows(values, [JSON.stringify(ids)]).map((found) => kindSchema.parse(found));
  }

  /** Values that begin so, or one of whose words does: `sonnet` in `claude-sonnet-4-5`. */
  private word(kind: ValueKind, text: string): Match[] {
    const where = "(value LIKE ?1 || '%' ESCAPE '\\' OR value LIKE '%-' || ?2 || '%' ESCAPE '\\')";
    return this.find(kind, where, [text, text]);
  }

  private author(text: string): Match {
    if (text.toLowerCase() === '@me') return or(this.scope.me.flatMap((name) => this.like('author', escaped(name))));
    return this.named('author', this.like('author', `%${escaped(text)}%`), text);
  }

  private project(text: string): Match {
    const wanted = text.toLowerCase();
    const found = this.scope.projects.filter(({ key, names }) => {
      const all = [key, ...names].map((name) => name.toLowerCase());
      return all.some(
        (name) =>
          name === wanted || name.startsWith(wanted) || name.endsWith(`/${wanted}`) || name.endsWith(`/${wanted}.git`),
      );
    });
    if (wanted !== '' && found.length === 0) this.told.add(`no project '${text.slice(0, 60)}'`);
    return or(found.flatMap(({ key }) => this.find('project', 'value = ?', [key])));
  }

  /** `src/auth/**` is a folder, `*.ts` a pattern, and anything else a path, the end of one after a `/`, or a folder. */
  private path(kinds: readonly ('edited' | 'read')[], given: string): Match {
    const text = given.replaceAll('\\', '/').replace(/^\.\//, '');
    const folder = /^([^*?[\]{}!()]+)\/(?:\*\*(?:\/\*)?)?$/.exec(text)?.[1];
    if (folder !== undefined) return or(kinds.flatMap((kind) => this.find(`${kind}-folder`, 'value = ?', [folder])));
    if (/[*?[\]{}]/.test(text)) return or(kinds.flatMap((kind) => this.pattern(kind, text)));
    return or(
      kinds.flatMap((kind) => [
        ...this.find(kind, "(value = ?1 COLLATE NOCASE OR value LIKE '%/' || ?2 ESCAPE '\\')", [text, escaped(text)]),
        ...this.find(`${kind}-folder`, 'value = ?', [text]),
      ]),
    );
  }

  private pattern(kind: ValueKind, text: string): Match[] {
    const matches = pathGlob(text);
    // SQLite's `*` crosses folders: what it finds are all that can match, and more.
    const wide = text
      .replace(/[[\]{}()!+@].*$/, '*')
      .replace(/\*+(?:\/\*+)*\/?/g, '*')
      .slice(0, 300);
    const found = this.values(kind, 'value GLOB ?', [`*${wide}`], 20_000).filter(({ value }) => matches(value));
    return this.terms(found, kind);
  }

  private glob(kind: ValueKind, text: string): Match[] {
    if (!/[*?]/.test(text)) return this.like(kind, escaped(text));
    const like = escaped(text).replace(/\*+/g, '%').replaceAll('?', '_').slice(0, 300);
    return this.like(kind, like);
  }

  /** Whatever the case; `%` and `_` as in `LIKE`. */
  private like(kind: ValueKind, pattern: string): Match[] {
    return this.find(kind, "value LIKE ? ESCAPE '\\'", [pattern.slice(0, 4096)]);
  }

  private exact(kind: ValueKind, value: string): Match {
    return or(this.find(kind, 'value = ?', [value]));
  }

  private absent(what: string): Match {
    if (['branch', 'author', 'model', 'commit', 'pr', 'issue', 'tag', 'tool'].some((kind) => kind === what)) {
      if (what === 'commit') return not(or([this.exact('has', 'commit'), ...this.every('commit')]));
      const kind = kindNamed(what);
      return kind ? not(or(this.every(kind))) : nothing;
    }
    if (what === 'file') return not(or([...this.every('edited'), ...this.every('read')]));
    if (what === 'cost') return everything;
    return not(this.exact('has', what));
  }

  private every(kind: ValueKind): Match[] {
    return this.find(kind, '1', []);
  }

  private named(kind: ValueKind, found: readonly Match[], text: string): Match {
    if (found.length === 0 && text !== '') this.suggest(kind, text);
    return or(found);
  }

  private suggest(kind: ValueKind, text: string): void {
    const values = this.values(kind, '1', [], 1000);
    const meant = nearest(text.slice(0, 100), new Set(values.map(({ value }) => value)));
    const shown = text.slice(0, 60);
    // A value that only hidden exchanges have is not told.
    const count = meant === undefined ? 0 : this.count(values, meant);
    this.told.add(`no ${kind} '${shown}'${count > 0 ? `; did you mean '${meant}' (${count})?` : ''}`);
  }

  private count(values: readonly { id: number; value: string }[], meant: string): number {
    const terms = values.filter(({ value }) => value === meant).map(({ id }) => `{facts} : "${factTerm(id)}"`);
    const sql = `SELECT count(*) AS count FROM (SELECT 1 FROM search_words CROSS JOIN search_documents d ON d.doc = search_words.rowid
      WHERE search_words MATCH ? AND d.state = 0 LIMIT 1000)`;
    return z.number().parse(this.database.rows(sql, [terms.join(' OR ')])[0]?.count);
  }

  private find(kind: ValueKind, where: string, parameters: readonly string[]): Match[] {
    return this.terms(this.values(kind, where, parameters, mostValues + 1), kind);
  }

  private terms(found: readonly { id: number }[], kind: ValueKind): Match[] {
    if (found.length > mostValues)
      this.told.add(`more than ${mostValues} values of ${kind} fit: only some of them were looked for`);
    return found.slice(0, mostValues).map(({ id }) => term(factTerm(id), { columns: ['facts'] }));
  }

  private values(kind: ValueKind, where: string, parameters: readonly string[], limit: number) {
    const sql = `SELECT id, value FROM search_values WHERE ${where} AND kind = '${kind}'
      AND project IN (SELECT value FROM json_each(?${where.includes('?1') ? 3 : ''})) LIMIT ${limit}`;
    return this.database.rows(sql, [...parameters, this.projects]).map((row) => idSchema.parse(row));
  }
}

const kinds: readonly ValueKind[] = ['branch', 'author', 'model', 'pr', 'issue', 'tag', 'tool'];
const kindNamed = (name: string): ValueKind | undefined => kinds.find((kind) => kind === name);

/** A text in `LIKE` that means itself. */
function escaped(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
