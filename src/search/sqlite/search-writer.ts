import * as z from 'zod';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import { flags } from '../document-flags.ts';
import { firstKey, lastKey } from '../document-key.ts';
import type { Fact, SearchDocument, SessionFacts } from '../documents.ts';
import { fields } from '../query.ts';
import type { Said, SearchStep } from '../search-index.ts';
import { DocumentKeys } from './document-keys.ts';
import { Labels } from './labels.ts';
import { Standing } from './standing.ts';
import {
  forgetWords,
  type IndexedDocument,
  indexWords,
  type Texts,
  termsOf,
  textOf,
  textsOf,
} from './stored-document.ts';
import { anyDocument, factTerm, Values } from './values.ts';
import { Vocabulary } from './vocabulary.ts';

const docSchema = z.object({ doc: z.number() });

/**
 * Writes into the tables of a search index. Ordinary rows come first and those of FTS5 last: a statement that may have to be undone by itself
 * (`ON CONFLICT`, `RETURNING`) makes FTS5 write all that it still has in memory (fts5_main.c, fts5SavepointMethod), at a tenth of the speed. Every method is to be called inside a transaction; after one that failed, `forget`. */
export class SearchWriter {
  private readonly database: StoreDatabase;
  private readonly values: Values;
  private readonly vocabulary: Vocabulary;

  constructor(database: StoreDatabase) {
    this.database = database;
    this.values = new Values(database);
    this.vocabulary = new Vocabulary(database);
  }

  /** Forgets what it remembers of a transaction that was rolled back. */
  forget(): void {
    this.values.forget();
    this.vocabulary.forget();
  }

  apply(step: SearchStep): void {
    if (step.sessions.length === 0) return;
    this.vocabulary.begin(step.project);
    const fresh: Placed[] = [];
    const keys = new DocumentKeys(this.database);
    for (const change of step.sessions) {
      if (change.kind === 'gone') this.drop(step, change.session);
      else fresh.push(...this.store(step, change.about, change.put, change.drop, keys));
    }
    // In the order of the keys: for any other, FTS5 writes a segment for each document (fts5_index.c, sqlite3Fts5IndexBeginWrite).
    fresh.sort((a, b) => a.doc - b.doc);
    const standing = new Standing(this.database, step.project);
    const labels = new Labels(this.database, step.project);
    const indexed = fresh.map((one) => this.put(step, one, standing, labels));
    standing.settle(step.sessions.map((change) => (change.kind === 'gone' ? change.session : change.about.session)));
    this.index(step.project, indexed);
  }

  private index(project: string, documents: readonly IndexedDocument[]): void {
    this.vocabulary.flush(project);
    for (const document of documents) indexWords(this.database, document);
  }

  /** Replaces what was said in a project. */
  state(project: string, said: Said): void {
    this.vocabulary.begin(project);
    const labels = new Labels(this.database, project);
    const changed = labels.replace(said.labelled);
    for (const { doc, title, tags } of labels.documentsOf(changed)) this.relabel(project, doc, title, tags);
    new Standing(this.database, project).replace(said, changed);
  }

  clear(project: string, writer?: string): void {
    const docs = 'SELECT doc FROM search_documents WHERE project = ?1 AND writer = coalesce(?2, writer)';
    const of = [project, writer ?? null];
    this.database.run(`DELETE FROM search_words WHERE rowid IN (${docs})`, of);
    this.database.run(`DELETE FROM search_texts WHERE doc IN (${docs})`, of);
    for (const table of ['search_documents', 'search_sessions'])
      this.database.run(`DELETE FROM ${table} WHERE project = ?1 AND writer = coalesce(?2, writer)`, of);
    this.vocabulary.clear(project);
    if (writer === undefined) {
      for (const table of ['search_labels', 'search_deletions', 'search_values'])
        this.database.run(`DELETE FROM ${table} WHERE project = ?`, [project]);
      this.values.forget();
    } else this.relearn(project);
    // Without this the terms of what was taken away would stay in the index until it is merged some day.
    this.database.run("INSERT INTO search_words (search_words) VALUES ('optimize')");
    this.database.run("INSERT INTO search_pieces (search_pieces) VALUES ('optimize')");
  }

  /** Makes the vocabulary of a project anew from what is left of it. */
  private relearn(project: string): void {
    this.vocabulary.begin(project);
    for (let after = -1; ; ) {
      const sql = 'SELECT doc FROM search_documents WHERE project = ? AND doc > ? ORDER BY doc LIMIT 200';
      const docs = this.database.rows(sql, [project, after]).map((row) => docSchema.parse(row).doc);
      if (docs.length === 0) return;
      for (const texts of textsOf(this.database, docs).values()) this.learned(project, 0, texts, '');
      after = docs.at(-1) ?? after;
      this.vocabulary.flush(project);
    }
  }

  private drop({ project, writer }: SearchStep, session: string): void {
    const sql = 'SELECT doc FROM search_documents WHERE project = ? AND session = ? AND writer = ?';
    for (const row of this.database.rows(sql, [project, session, writer])) this.remove(docSchema.parse(row).doc);
    this.database.run('DELETE FROM search_sessions WHERE project = ? AND session = ? AND writer = ?', [
      project,
      session,
      writer,
    ]);
  }

  private remove(doc: number): void {
    forgetWords(this.database, doc);
    this.database.run('DELETE FROM search_texts WHERE doc = ?', [doc]);
    this.database.run('DELETE FROM search_documents WHERE doc = ?', [doc]);
  }

  private store(
    { project, writer }: SearchStep,
    about: SessionFacts,
    put: readonly SearchDocument[],
    drop: readonly string[],
    keys: DocumentKeys,
  ): Placed[] {
    this.database.run(
      `INSERT OR REPLACE INTO search_sessions (project, session, writer, name, agent, branch, author, parent, count)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[project, about.session, writer, about.name, about.agent, about.branch ?? null, about.author ?? null],
        ...[about.parent ?? null, about.count],
      ],
    );
    const place = (exchange: string): number | undefined => {
      const sql = 'SELECT doc FROM search_documents WHERE project = ? AND session = ? AND writer = ? AND exchange = ?';
      const [row] = this.database.rows(sql, [project, about.session, writer, exchange]);
      return row && docSchema.parse(row).doc;
    };
    for (const exchange of drop) {
      const doc = place(exchange);
      if (doc !== undefined) this.remove(doc);
    }
    return put.map((document) => {
      const before = place(document.exchange);
      if (before !== undefined) this.remove(before);
      const stays = before !== undefined && before >= firstKey(document.at) && before <= lastKey(document.at);
      if (stays) keys.keep(before);
      return { doc: stays ? before : keys.take(document.at), document, about };
    });
  }

  private put(
    { project, writer }: SearchStep,
    { doc, document, about }: Placed,
    standing: Standing,
    labels: Labels,
  ): IndexedDocument {
    const { exchange, ordinal, fingerprint, at, tokens, duration } = document;
    const { session } = about;
    const number = (fact: Fact): number => this.values.take(project, fact.kind, fact.value);
    const { title, tags } = labels.of(session, exchange, ordinal, document.texts.title);
    const facts = [...document.facts, ...tags.map((value): Fact => ({ kind: 'tag', value }))];
    const numbers = [this.values.take(project, 'project', project), ...facts.map(number)];
    const terms = [anyDocument, ...numbers.map(factTerm)].join(' ');
    const first = (kind: Fact['kind']): number | null => {
      const found = document.facts.find((fact) => fact.kind === kind);
      return found ? number(found) : null;
    };
    const born = Date.parse(about.created ?? '') || at;
    this.database.run(
      `INSERT INTO search_documents (doc, project, session, writer, exchange, ordinal, fingerprint, at, born, state,
        agent, branch, author, file, has, tokens, duration, facts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
      [
        ...[doc, project, session, writer, exchange, ordinal, fingerprint, at, born],
        ...[standing.of({ session, exchange, fingerprint }), first('agent'), first('branch'), first('author')],
        ...[first('edited') ?? first('read'), maskOf(document.facts), tokens ?? null, duration ?? null, terms],
      ],
    );
    const texts = fields.map((field) => (field === 'title' ? title : document.texts[field]));
    const sql = `INSERT INTO search_texts (doc, ${fields.join(', ')}) VALUES (?, ${fields.map(() => '?').join(', ')})`;
    this.database.run(sql, [doc, ...texts]);
    return this.learned(project, doc, texts, terms);
  }

  private learned(project: string, doc: number, texts: Texts, facts: string): IndexedDocument {
    const terms = texts.map((text) => termsOf(text, (name, terms) => this.vocabulary.add(project, name, terms)));
    return { doc, terms, facts };
  }

  /** Another title or other tags: the document is indexed again from what is stored of it. */
  private relabel(project: string, doc: number, title: string, tags: readonly string[]): void {
    const texts = [...(textsOf(this.database, [doc]).get(doc) ?? [])];
    texts[fields.indexOf('title')] = title;
    const [row] = this.database.rows('SELECT facts FROM search_documents WHERE doc = ?', [doc]);
    const before = textOf(row, 'facts').split(' ');
    const old = this.tagTerms(project);
    const kept = before.filter((term) => !old.has(term));
    const facts = [...kept, ...tags.map((tag) => factTerm(this.values.take(project, 'tag', tag)))].join(' ');
    forgetWords(this.database, doc);
    this.database.run('UPDATE search_documents SET facts = ? WHERE doc = ?', [facts, doc]);
    this.database.run('UPDATE search_texts SET title = ? WHERE doc = ?', [title, doc]);
    this.index(project, [this.learned(project, doc, texts, facts)]);
  }

  private tagTerms(project: string): Set<string> {
    const rows = this.database.rows("SELECT id FROM search_values WHERE project = ? AND kind = 'tag'", [project]);
    return new Set(rows.map((row) => factTerm(z.number().parse(row.id))));
  }
}

interface Placed {
  readonly doc: number;
  readonly document: SearchDocument;
  readonly about: SessionFacts;
}

/** The flags of a document as bits, in the order of `flags`. */
function maskOf(facts: readonly Fact[]): number {
  const has = new Set(facts.flatMap(({ kind, value }) => (kind === 'has' ? [value] : [])));
  return flags.reduce((mask, flag, bit) => (has.has(flag) ? mask | (1 << bit) : mask), 0);
}
