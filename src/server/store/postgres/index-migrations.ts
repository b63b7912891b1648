import type { Migration } from '../migrations.ts';

const tables = [...['numbers', 'cursors', 'sessions', 'exchanges', 'annotations', 'deletions', 'rejections']] as const;

/**
 * A second lock before the rows of a project: a statement that forgets to say which one it means finds nothing. It holds for the owner of the
 * tables as well, though never for a superuser.
 */
export function isolated(schema: string, names: readonly string[]): string[] {
  return names.flatMap((name) => [
    `ALTER TABLE ${schema}.${name} ENABLE ROW LEVEL SECURITY`,
    `ALTER TABLE ${schema}.${name} FORCE ROW LEVEL SECURITY`,
    `CREATE POLICY one_project ON ${schema}.${name} USING (project = current_setting('specstory.project', true))`,
  ]);
}

/** As `sqlite/index-migrations.ts`, step by step. Text is compared by its bytes, as SQLite does. */
export const indexMigrations: readonly Migration[] = [
  {
    name: 'pushed history',
    statements: [
      'CREATE SCHEMA index',
      'CREATE TABLE index.numbers (project text COLLATE "C" PRIMARY KEY, last bigint NOT NULL)',
      `CREATE TABLE index.cursors (
        project text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL,
        ingested text, toward text, after text,
        PRIMARY KEY (project, writer)
      )`,
      `CREATE TABLE index.sessions (
        project text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL,
        path text COLLATE "C" NOT NULL, head text NOT NULL, agent text NOT NULL, name text NOT NULL,
        created text, updated text, cwd text, branch text, parent text COLLATE "C", forked_from text,
        count bigint NOT NULL, number bigint NOT NULL,
        PRIMARY KEY (project, session, writer)
      )`,
      'CREATE UNIQUE INDEX sessions_by_path ON index.sessions (project, writer, path)',
      'CREATE INDEX sessions_by_parent ON index.sessions (project, parent) WHERE parent IS NOT NULL',
      `CREATE TABLE index.exchanges (
        project text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL,
        exchange text COLLATE "C" NOT NULL, ordinal bigint NOT NULL, oid text NOT NULL,
        fingerprint text COLLATE "C" NOT NULL, started text, number bigint NOT NULL,
        PRIMARY KEY (project, session, writer, exchange)
      )`,
      `CREATE TABLE index.annotations (
        project text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL, path text COLLATE "C" NOT NULL,
        lamport bigint NOT NULL, n bigint NOT NULL,
        session text, exchange text, statement text, number bigint NOT NULL, at text NOT NULL,
        PRIMARY KEY (project, writer, path)
      )`,
      'CREATE INDEX annotations_by_clock ON index.annotations (project, lamport)',
      `CREATE TABLE index.deletions (
        project text COLLATE "C" NOT NULL, kind text COLLATE "C" NOT NULL, value text COLLATE "C" NOT NULL,
        lamport bigint NOT NULL, writer text COLLATE "C" NOT NULL, path text COLLATE "C" NOT NULL,
        PRIMARY KEY (project, kind, value, writer, path)
      )`,
      'CREATE INDEX deletions_by_path ON index.deletions (project, writer, path)',
      `CREATE TABLE index.rejections (
        project text COLLATE "C" NOT NULL, writer text COLLATE "C" NOT NULL, path text COLLATE "C" NOT NULL,
        session text NOT NULL, code text NOT NULL, reason text NOT NULL, at text NOT NULL,
        PRIMARY KEY (project, writer, path)
      )`,
      ...isolated('index', tables),
    ],
  },
  {
    name: 'received sessions',
    statements: [
      'CREATE TABLE index.received_cursors (project text COLLATE "C" PRIMARY KEY, tip text NOT NULL)',
      `CREATE TABLE index.received (
        project text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, path text COLLATE "C" NOT NULL,
        by_account text NOT NULL, name text NOT NULL, metadata text NOT NULL, etag text NOT NULL,
        created text NOT NULL, updated text NOT NULL, started text, ended text,
        markdown_bytes bigint NOT NULL, session_data_bytes bigint NOT NULL, raw_bytes bigint NOT NULL,
        PRIMARY KEY (project, session)
      )`,
      'CREATE UNIQUE INDEX received_by_path ON index.received (project, path)',
      'CREATE INDEX received_by_folded ON index.received (project, lower(session))',
      'CREATE INDEX sessions_by_folded ON index.sessions (project, lower(session))',
      `CREATE TABLE index.rendered (
        project text COLLATE "C" NOT NULL, session text COLLATE "C" NOT NULL, state text NOT NULL, etag text NOT NULL,
        started text, ended text, markdown_bytes bigint NOT NULL, session_data_bytes bigint NOT NULL,
        PRIMARY KEY (project, session)
      )`,
      ...isolated('index', ['received_cursors', 'received', 'rendered']),
    ],
  },
  {
    // Its rows are made anew from the repositories, now with what is found of them (`search/migrations.ts`). Policies let no statement that names
    // no project delete anything.
    name: 'searched history',
    statements: [
      'TRUNCATE index.cursors, index.sessions, index.exchanges, index.annotations, index.deletions, index.rejections',
    ],
  },
];
