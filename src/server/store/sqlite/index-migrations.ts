import type { Migration } from '../migrations.ts';

/** The index over what was pushed. Every key starts with the project, so that it can be spread by project. */
export const indexMigrations: readonly Migration[] = [
  {
    name: 'pushed history',
    statements: [
      `CREATE TABLE numbers (project TEXT PRIMARY KEY, last INTEGER NOT NULL) STRICT, WITHOUT ROWID`,
      `CREATE TABLE cursors (
        project TEXT NOT NULL, writer TEXT NOT NULL,
        ingested TEXT, toward TEXT, after TEXT,
        PRIMARY KEY (project, writer)
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE sessions (
        project TEXT NOT NULL, session TEXT NOT NULL, writer TEXT NOT NULL,
        path TEXT NOT NULL, head TEXT NOT NULL, agent TEXT NOT NULL, name TEXT NOT NULL,
        created TEXT, updated TEXT, cwd TEXT, branch TEXT, parent TEXT, forked_from TEXT,
        count INTEGER NOT NULL, number INTEGER NOT NULL,
        PRIMARY KEY (project, session, writer)
      ) STRICT, WITHOUT ROWID`,
      `CREATE UNIQUE INDEX sessions_by_path ON sessions (project, writer, path)`,
      `CREATE INDEX sessions_by_parent ON sessions (project, parent) WHERE parent IS NOT NULL`,
      `CREATE TABLE exchanges (
        project TEXT NOT NULL, session TEXT NOT NULL, writer TEXT NOT NULL, exchange TEXT NOT NULL,
        ordinal INTEGER NOT NULL, oid TEXT NOT NULL, fingerprint TEXT NOT NULL, started TEXT, number INTEGER NOT NULL,
        PRIMARY KEY (project, session, writer, exchange)
      ) STRICT, WITHOUT ROWID`,
      `CREATE TABLE annotations (
        project TEXT NOT NULL, writer TEXT NOT NULL, path TEXT NOT NULL,
        lamport INTEGER NOT NULL, n INTEGER NOT NULL,
        session TEXT, exchange TEXT, statement TEXT, number INTEGER NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (project, writer, path)
      ) STRICT, WITHOUT ROWID`,
      `CREATE INDEX annotations_by_clock ON annotations (project, lamport)`,
      `CREATE TABLE deletions (
        project TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, lamport INTEGER NOT NULL,
        writer TEXT NOT NULL, path TEXT NOT NULL,
        PRIMARY KEY (project, kind, value, writer, path)
      ) STRICT, WITHOUT ROWID`,
      `CREATE INDEX deletions_by_path ON deletions (project, writer, path)`,
      `CREATE TABLE rejections (
        project TEXT NOT NULL, writer TEXT NOT NULL, path TEXT NOT NULL,
        session TEXT NOT NULL, code TEXT NOT NULL, reason TEXT NOT NULL, at TEXT NOT NULL,
        PRIMARY KEY (project, writer, path)
      ) STRICT, WITHOUT ROWID`,
    ],
  },
  {
    name: 'received sessions',
    statements: [
      `CREATE TABLE received_cursors (project TEXT PRIMARY KEY, tip TEXT NOT NULL) STRICT, WITHOUT ROWID`,
      `CREATE TABLE received (
        project TEXT NOT NULL, session TEXT NOT NULL, path TEXT NOT NULL, by_account TEXT NOT NULL, name TEXT NOT NULL,
        metadata TEXT NOT NULL, etag TEXT NOT NULL, created TEXT NOT NULL, updated TEXT NOT NULL, started TEXT, ended TEXT,
        markdown_bytes INTEGER NOT NULL, session_data_bytes INTEGER NOT NULL, raw_bytes INTEGER NOT NULL,
        PRIMARY KEY (project, session)
      ) STRICT, WITHOUT ROWID`,
      `CREATE UNIQUE INDEX received_by_path ON received (project, path)`,
      `CREATE INDEX received_by_folded ON received (project, lower(session))`,
      `CREATE INDEX sessions_by_folded ON sessions (project, lower(session))`,
      `CREATE TABLE rendered (
        project TEXT NOT NULL, session TEXT NOT NULL, state TEXT NOT NULL, etag TEXT NOT NULL, started TEXT, ended TEXT,
        markdown_bytes INTEGER NOT NULL, session_data_bytes INTEGER NOT NULL,
        PRIMARY KEY (project, session)
      ) STRICT, WITHOUT ROWID`,
    ],
  },
  {
    // Its rows are made anew from the repositories, now with what is found of them (`search/sqlite/schema.ts`).
    name: 'searched history',
    statements: ['cursors', 'sessions', 'exchanges', 'annotations', 'deletions', 'rejections'].map(
      (table) => `DELETE FROM ${table}`,
    ),
  },
];
