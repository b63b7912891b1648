import type { Migration } from '../../migrations.ts';

/** What a statement about one project sees: the rows of that project, and of those what `wanted` or `piece` picks. */
const ofProject = "project = current_setting('specstory.project', true)";

/**
 * A second lock before the rows of a project, as `isolated` of `../index-migrations.ts`. PostgreSQL lets no condition of a statement that could
 * tell of a row use an index before the policy has let the row through, so that the search itself (`@@`, `LIKE`) is part of the policy here.
 */
function isolated(table: string, search?: string): string[] {
  const name = `search.${table}`;
  const seen = search === undefined ? ofProject : `${ofProject} AND ${search}`;
  return [
    `ALTER TABLE ${name} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${name} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY seen ON ${name} FOR SELECT USING (${seen})`,
    `CREATE POLICY added ON ${name} FOR INSERT WITH CHECK (${ofProject})`,
    `CREATE POLICY changed ON ${name} FOR UPDATE USING (${ofProject})`,
    `CREATE POLICY removed ON ${name} FOR DELETE USING (${ofProject})`,
  ];
}

/** Compresses a column by LZ4, a few times as fast as by what PostgreSQL takes by itself; one that was built without goes on with that. */
function faster(table: string, column: string): string {
  return `DO $$ BEGIN ALTER TABLE search.${table} ALTER COLUMN ${column} SET COMPRESSION lz4;
    EXCEPTION WHEN feature_not_supported THEN NULL; END $$`;
}

/**
 * The tables of the search index. `documents` has one row for each exchange of each writer's copy of a session; `doc` is made of its time, so that a
 * primary key is read from the newest to the oldest and a time is a range of it. `words` has its terms and facts (`lexemes.ts`), `terms` the
 * vocabulary of a project, for texts that begin or end inside a word.
 */
export const searchMigrations: readonly Migration[] = [
  {
    name: 'search',
    statements: [
      'CREATE SCHEMA search',
      `CREATE TABLE search.sessions (
        project text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL,
        name text NOT NULL, agent text NOT NULL, branch text, author text, parent text COLLATE "C", count bigint NOT NULL,
        PRIMARY KEY (project, session, writer)
      )`,
      'CREATE INDEX search_sessions_by_parent ON search.sessions (project, parent) WHERE parent IS NOT NULL',
      `CREATE TABLE search.documents (
        project text COLLATE "C" NOT NULL, doc bigint NOT NULL,
        session text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL, exchange text COLLATE "C" NOT NULL,
        ordinal bigint NOT NULL, fingerprint text COLLATE "C" NOT NULL, at bigint NOT NULL, born bigint NOT NULL,
        tokens bigint, duration double precision, facts jsonb NOT NULL,
        PRIMARY KEY (project, doc)
      )`,
      'CREATE UNIQUE INDEX documents_by_place ON search.documents (project, session, writer, exchange)',
      'CREATE INDEX documents_by_exchange ON search.documents (project, exchange)',
      `CREATE TABLE search.words (
        project text COLLATE "C" NOT NULL, doc bigint NOT NULL, state smallint NOT NULL, words tsvector NOT NULL,
        PRIMARY KEY (project, doc)
      )`,
      'CREATE INDEX words_by_term ON search.words USING gin (words)',
      faster('words', 'words'),
      `CREATE TABLE search.texts (
        project text COLLATE "C" NOT NULL, doc bigint NOT NULL, texts text[] NOT NULL,
        PRIMARY KEY (project, doc)
      )`,
      faster('texts', 'texts'),
      `CREATE TABLE search.terms (
        project text COLLATE "C" NOT NULL, term text COLLATE "C" NOT NULL,
        PRIMARY KEY (project, term)
      )`,
      `CREATE TABLE search.names (
        project text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL,
        PRIMARY KEY (project, kind, name)
      )`,
      `CREATE TABLE search.labels (
        project text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, exchange text COLLATE "C" NOT NULL,
        title text, hidden boolean NOT NULL, tags text[] NOT NULL,
        PRIMARY KEY (project, session, exchange)
      )`,
      `CREATE TABLE search.deletions (
        project text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
        PRIMARY KEY (project, kind, value)
      )`,
      ...['sessions', 'documents', 'texts', 'names', 'labels', 'deletions'].flatMap((table) => isolated(table)),
      ...isolated('words', "words @@ current_setting('specstory.wanted', true)::tsquery"),
      ...isolated('terms', "term LIKE current_setting('specstory.piece', true)"),
    ],
  },
];

/** Made where the database has the extension and lets its user have it; without it the vocabulary is read as a whole. */
export const trigrams = [
  'CREATE EXTENSION IF NOT EXISTS pg_trgm WITH SCHEMA search',
  // Where it was before, it is in another schema, as a rule in this one.
  'SET LOCAL search_path = search, public',
  'CREATE INDEX IF NOT EXISTS terms_by_piece ON search.terms USING gin (term gin_trgm_ops)',
] as const;
