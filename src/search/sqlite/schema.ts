/** One step of the schema; `server/store/migrations.ts` numbers them. */
interface Step {
  readonly name: string;
  readonly statements: readonly string[];
}

/**
 * The tables of a search index. `search_documents` has one row for each exchange of each writer's copy of a session; its key is made of the time
 * (`../document-key.ts`), so that every index is read from the newest to the oldest and a time is a range of keys. `search_words` has the terms of a
 * document by field, and its facts by the numbers of `search_values`, so that any mixture of both is one walk along sorted lists.
 * `search_pieces` finds the terms that have a text in them, for phrases that begin or end inside a word.
 */
export const searchMigrations: readonly Step[] = [
  {
    name: 'search',
    statements: [
      `CREATE TABLE search_marks (project TEXT PRIMARY KEY, cleared INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
      `CREATE TABLE search_values (
        id INTEGER PRIMARY KEY, project TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
        UNIQUE (project, kind, value)
      ) STRICT`,
      `CREATE TABLE search_sessions (
        project TEXT NOT NULL, session TEXT NOT NULL, writer TEXT NOT NULL,
        name TEXT NOT NULL, agent TEXT NOT NULL, branch TEXT, author TEXT, parent TEXT, count INTEGER NOT NULL,
        PRIMARY KEY (project, session, writer)
      ) STRICT, WITHOUT ROWID`,
      `CREATE INDEX search_sessions_by_parent ON search_sessions (project, parent) WHERE parent IS NOT NULL`,
      `CREATE TABLE search_documents (
        doc INTEGER PRIMARY KEY,
        project TEXT NOT NULL, session TEXT NOT NULL, writer TEXT NOT NULL, exchange TEXT NOT NULL,
        ordinal INTEGER NOT NULL, fingerprint TEXT NOT NULL, at INTEGER NOT NULL, born INTEGER NOT NULL,
        state INTEGER NOT NULL, agent INTEGER, branch INTEGER, author INTEGER, file INTEGER, has INTEGER NOT NULL,
        tokens INTEGER, duration REAL, facts TEXT NOT NULL
      ) STRICT`,
      `CREATE UNIQUE INDEX search_documents_by_place ON search_documents (project, session, writer, exchange)`,
      `CREATE INDEX search_documents_by_exchange ON search_documents (project, exchange, session, state)`,
      `CREATE TABLE search_texts (
        doc INTEGER PRIMARY KEY, prompt TEXT NOT NULL, answer TEXT NOT NULL, thinking TEXT NOT NULL, tool TEXT NOT NULL,
        output TEXT NOT NULL, diff TEXT NOT NULL, title TEXT NOT NULL
      ) STRICT`,
      `CREATE VIRTUAL TABLE search_words USING fts5 (
        prompt, answer, thinking, tool, output, diff, title, facts,
        content = '', contentless_delete = 1, detail = column, tokenize = 'ascii'
      )`,
      // What is in memory before it is written: four times the default, because a step of an ingest is large.
      `INSERT INTO search_words (search_words, rank) VALUES ('hashsize', 4194304)`,
      `CREATE TABLE search_terms (
        id INTEGER PRIMARY KEY, project TEXT NOT NULL, term TEXT NOT NULL, UNIQUE (project, term)
      ) STRICT`,
      `CREATE VIRTUAL TABLE search_pieces USING fts5 (term, content = '', contentless_delete = 1, detail = none, tokenize = 'trigram')`,
      `CREATE TABLE search_labels (
        project TEXT NOT NULL, session TEXT NOT NULL, exchange TEXT NOT NULL,
        title TEXT, hidden INTEGER NOT NULL, tags TEXT NOT NULL,
        PRIMARY KEY (project, session, exchange)
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE search_deletions (
        project TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
        PRIMARY KEY (project, kind, value)
      ) STRICT, WITHOUT ROWID`,
    ],
  },
];
