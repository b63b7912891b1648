import * as z from 'zod';
import { firstKey, lastKey } from '../../../../search/document-key.ts';
import { type Fact, factKinds, type SearchDocument, type SessionFacts } from '../../../../search/documents.ts';
import { fields } from '../../../../search/query.ts';
import type { Said, SearchStep } from '../../../../search/search-index.ts';
import { states } from '../../../../search/states.ts';
import type { Session } from '../database.ts';
import { takeKeys } from './document-keys.ts';
import { type Labels, readLabels, replaceLabels } from './labels.ts';
import { vectorOf } from './lexemes.ts';
import { hasDeletions, replaceDeletions, settle } from './standing.ts';

/** A document with its place and what was said of it. */
interface Stored {
  readonly doc: number;
  readonly about: SessionFacts;
  readonly document: SearchDocument;
  readonly texts: readonly string[];
  readonly facts: readonly Fact[];
}

/** Facts whose values people name, and may name wrongly. */
const named: ReadonlySet<string> = new Set(['agent', 'model', 'branch', 'author', 'tool', 'tag']);
/** Units of a term that is worth looking into. */
const shortestTerm = 4;

/** Writes a step. To be called in a transaction of `writing`. */
export async function applyStep(session: Session, { project, writer, sessions }: SearchStep): Promise<void> {
  if (sessions.length === 0) return;
  const labels = await readLabels(session, project);
  const kept = sessions.filter((change) => change.kind === 'stored');
  const gone = sessions.flatMap((change) => (change.kind === 'gone' ? [change.session] : []));
  await dropSessions(session, project, writer, gone);
  await putSessions(
    session,
    project,
    writer,
    kept.map(({ about }) => about),
  );
  const dropped = kept.flatMap(({ about, drop }) => drop.map((exchange) => ({ session: about.session, exchange })));
  await dropDocs(session, project, [...(await placesOf(session, project, writer, dropped)).values()]);
  const fresh = kept.flatMap(({ about, put }) => put.map((document) => labelled(about, document, labels)));
  const stored = await placed(session, project, writer, fresh);
  await insert(session, project, writer, stored);
  const touched = sessions.map((change) => (change.kind === 'gone' ? change.session : change.about.session));
  if (labels.hides || (await hasDeletions(session, project))) await settle(session, project, { sessions: touched });
}

/** Puts what was said in a project in place of what was said before. To be called in a transaction of `writing`. */
export async function applyStatements(session: Session, project: string, said: Said): Promise<void> {
  const { labels, changed } = await replaceLabels(session, project, said.labelled);
  const touched = await replaceDeletions(session, project, said);
  const sessions = [...new Set(changed.map((label) => label.session))];
  if (sessions.length > 0) await relabel(session, project, sessions, labels);
  await settle(session, project, { ...touched, sessions: [...touched.sessions, ...sessions] });
}

const everyTable = ['words', 'texts', 'documents', 'sessions'] as const;

export async function clear(session: Session, project: string, writer?: string): Promise<void> {
  if (writer === undefined) {
    for (const table of [...everyTable, 'terms', 'names', 'labels', 'deletions'])
      await session.run(`DELETE FROM search.${table} WHERE project = $1`, [project]);
    return;
  }
  const docs = 'doc IN (SELECT doc FROM search.documents WHERE project = $1 AND writer = $2)';
  for (const table of ['words', 'texts'])
    await session.run(`DELETE FROM search.${table} WHERE project = $1 AND ${docs}`, [project, writer]);
  for (const table of ['documents', 'sessions'])
    await session.run(`DELETE FROM search.${table} WHERE project = $1 AND writer = $2`, [project, writer]);
  // The vocabulary is that of what is left.
  await session.run('DELETE FROM search.terms WHERE project = $1', [project]);
  await session.run(
    `INSERT INTO search.terms (project, term) SELECT DISTINCT $1::text, term
      FROM search.words w, unnest(tsvector_to_array(w.words)) AS term
      WHERE w.project = $1 AND length(term) >= ${shortestTerm} AND term !~ '[:=]' ON CONFLICT DO NOTHING`,
    [project],
  );
}

function labelled(about: SessionFacts, document: SearchDocument, labels: Labels): Omit<Stored, 'doc'> {
  const { title, tags } = labels.of(about.session, document.exchange, document.ordinal, document.texts.title);
  const texts = fields.map((field) => (field === 'title' ? title : document.texts[field]));
  return { about, document, texts, facts: [...document.facts, ...tags.map((value): Fact => ({ kind: 'tag', value }))] };
}

const placeSchema = z.object({ session: z.string(), exchange: z.string(), doc: z.number() });

/** The documents that a writer has of exchanges. */
async function placesOf(
  session: Session,
  project: string,
  writer: string,
  places: readonly { readonly session: string; readonly exchange: string }[],
): Promise<Map<string, number>> {
  if (places.length === 0) return new Map();
  const rows = await session.rows(
    `SELECT d.session, d.exchange, d.doc FROM unnest($3::text[], $4::text[]) AS f (session, exchange)
      JOIN search.documents d ON d.project = $1 AND d.writer = $2 AND d.session = f.session AND d.exchange = f.exchange`,
    [project, writer, places.map((place) => place.session), places.map(({ exchange }) => exchange)],
  );
  return new Map(
    rows.map((row) => placeSchema.parse(row)).map(({ session, exchange, doc }) => [placeKey(session, exchange), doc]),
  );
}

const placeKey = (session: string, exchange: string): string => `${exchange} ${session}`;

/** Gives documents their keys: the one they had, unless their time is another. What was there in their place is taken away. */
async function placed(
  session: Session,
  project: string,
  writer: string,
  fresh: readonly Omit<Stored, 'doc'>[],
): Promise<Stored[]> {
  if (fresh.length === 0) return [];
  const places = fresh.map(({ about, document }) => ({ session: about.session, exchange: document.exchange }));
  const before = await placesOf(session, project, writer, places);
  const kept = fresh.map(({ about, document: { exchange, at } }) => {
    const doc = before.get(placeKey(about.session, exchange));
    return doc !== undefined && doc >= firstKey(at) && doc <= lastKey(at) ? doc : undefined;
  });
  const keys = await takeKeys(
    session,
    project,
    fresh.filter((_, index) => kept[index] === undefined).map(({ document }) => document.at),
  );
  await dropDocs(session, project, [...before.values()]);
  return fresh.map((one, index) => ({ ...one, doc: kept[index] ?? keys.shift() ?? 0 }));
}

async function insert(session: Session, project: string, writer: string, stored: readonly Stored[]): Promise<void> {
  if (stored.length === 0) return;
  const rows = stored.map(
    ({ doc, about, document: { exchange, ordinal, fingerprint, at, tokens = null, duration = null }, facts }) => ({
      ...{
        doc,
        session: about.session,
        exchange,
        ordinal,
        fingerprint,
        at,
        tokens,
        duration,
        facts: factsByKind(facts),
      },
      born: Date.parse(about.created ?? '') || at,
    }),
  );
  await session.run(
    `INSERT INTO search.documents (project, writer, doc, session, exchange, ordinal, fingerprint, at, born, tokens, duration, facts)
      SELECT $1, $2, r.* FROM jsonb_to_recordset($3::jsonb) AS r (doc bigint, session text, exchange text, ordinal bigint,
        fingerprint text, at bigint, born bigint, tokens bigint, duration double precision, facts jsonb)`,
    [project, writer, JSON.stringify(rows)],
  );
  await putWords(session, project, stored, states.shown);
  await putNames(
    session,
    project,
    stored.flatMap(({ facts }) => facts),
  );
}

async function putWords(
  session: Session,
  project: string,
  stored: readonly Pick<Stored, 'doc' | 'texts' | 'facts'>[],
  state: number,
): Promise<void> {
  const docs = stored.map(({ doc }) => doc);
  const vectors = stored.map(({ texts, facts }) => vectorOf(project, texts, facts));
  const columns = fields.map((_, at) => stored.map(({ texts }) => texts[at] ?? ''));
  const names = fields.map((_, at) => `text${at}`);
  await session.run(
    `INSERT INTO search.texts (project, doc, texts) SELECT $1, t.doc, ARRAY[${names.join(', ')}]
      FROM unnest($2::bigint[], ${names.map((_, at) => `$${at + 3}::text[]`).join(', ')}) AS t (doc, ${names.join(', ')})
      ON CONFLICT (project, doc) DO UPDATE SET texts = excluded.texts`,
    [project, docs, ...columns],
  );
  await session.run(
    `INSERT INTO search.words (project, doc, state, words) SELECT $1, doc, ${state}, words::tsvector
      FROM unnest($2::bigint[], $3::text[]) AS w (doc, words)
      ON CONFLICT (project, doc) DO UPDATE SET words = excluded.words`,
    [project, docs, vectors.map(({ vector }) => vector)],
  );
  const terms = new Set(vectors.flatMap(({ terms }) => [...terms].filter((term) => term.length >= shortestTerm)));
  await session.run('INSERT INTO search.terms (project, term) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING', [
    ...[project, [...terms].sort()],
  ]);
}

async function putNames(session: Session, project: string, facts: readonly Fact[]): Promise<void> {
  const all = new Map(facts.filter(({ kind }) => named.has(kind)).map((fact) => [`${fact.kind} ${fact.value}`, fact]));
  await session.run(
    'INSERT INTO search.names (project, kind, name) SELECT $1, * FROM unnest($2::text[], $3::text[]) ON CONFLICT DO NOTHING',
    [
      project,
      [...all.values()].map(({ kind }) => kind),
      [...all.values()].map(({ value }) => value.slice(0, 400).toWellFormed()),
    ],
  );
}

const storedSchema = z.object({
  doc: z.number(),
  session: z.string(),
  exchange: z.string(),
  ordinal: z.number(),
  name: z.string(),
  facts: z.partialRecord(z.enum(factKinds), z.array(z.string())),
  texts: z.array(z.string()),
});

/** Indexes the documents of sessions again, with the titles and tags they have now. */
async function relabel(session: Session, project: string, sessions: readonly string[], labels: Labels): Promise<void> {
  const sql = `SELECT d.doc, d.session, d.exchange, d.ordinal, s.name, d.facts, t.texts FROM search.documents d
      JOIN search.sessions s USING (project, session, writer) JOIN search.texts t USING (project, doc)
    WHERE d.project = $1 AND d.session = $2`;
  for (const of of sessions) {
    const rows = (await session.rows(sql, [project, of])).map((row) => storedSchema.parse(row));
    const changed = rows.map((row) => {
      const { title, tags } = labels.of(row.session, row.exchange, row.ordinal, row.name);
      const texts = row.texts.map((text, index) => (fields[index] === 'title' ? title : text));
      return { doc: row.doc, texts, byKind: { ...row.facts, tag: tags } };
    });
    const facts = (byKind: (typeof changed)[number]['byKind']): Fact[] =>
      factKinds.flatMap((kind) => (byKind[kind] ?? []).map((value) => ({ kind, value })));
    if (changed.length === 0) continue;
    await session.run(
      'UPDATE search.documents d SET facts = c.facts FROM unnest($2::bigint[], $3::jsonb[]) AS c (doc, facts) WHERE d.project = $1 AND d.doc = c.doc',
      [project, changed.map(({ doc }) => doc), changed.map(({ byKind }) => JSON.stringify(byKind))],
    );
    await putWords(
      session,
      project,
      changed.map(({ doc, texts, byKind }) => ({ doc, texts, facts: facts(byKind) })),
      states.shown,
    );
    await putNames(
      session,
      project,
      changed.flatMap(({ byKind }) => facts(byKind)),
    );
  }
}

async function putSessions(
  session: Session,
  project: string,
  writer: string,
  sessions: readonly SessionFacts[],
): Promise<void> {
  if (sessions.length === 0) return;
  const columns = ['session', 'name', 'agent', 'branch', 'author', 'parent'] as const;
  const lists = columns.map((name) => sessions.map((about) => about[name] ?? null));
  await session.run(
    `INSERT INTO search.sessions (project, writer, session, name, agent, branch, author, parent, count)
      SELECT $1, $2, * FROM unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[], $9::bigint[])
      ON CONFLICT (project, session, writer) DO UPDATE SET name = excluded.name, agent = excluded.agent,
        branch = excluded.branch, author = excluded.author, parent = excluded.parent, count = excluded.count`,
    [project, writer, ...lists, sessions.map(({ count }) => count)],
  );
}

async function dropSessions(session: Session, project: string, writer: string, gone: readonly string[]): Promise<void> {
  if (gone.length === 0) return;
  const where = 'project = $1 AND writer = $2 AND session = ANY($3::text[])';
  const rows = await session.rows(`SELECT doc FROM search.documents WHERE ${where}`, [project, writer, gone]);
  await dropDocs(
    session,
    project,
    rows.map((row) => z.number().parse(row.doc)),
  );
  await session.run(`DELETE FROM search.sessions WHERE ${where}`, [project, writer, gone]);
}

async function dropDocs(session: Session, project: string, docs: readonly number[]): Promise<void> {
  if (docs.length === 0) return;
  for (const table of ['words', 'texts', 'documents'])
    await session.run(`DELETE FROM search.${table} WHERE project = $1 AND doc = ANY($2::bigint[])`, [project, docs]);
}

function factsByKind(facts: readonly Fact[]): Record<string, string[]> {
  const kinds = factKinds.map((kind): [string, string[]] => [
    kind,
    facts.flatMap((fact) => (fact.kind === kind ? [fact.value] : [])),
  ]);
  return Object.fromEntries(kinds.filter(([, values]) => values.length > 0));
}
