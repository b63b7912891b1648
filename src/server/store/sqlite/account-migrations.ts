import type { Migration } from '../migrations.ts';

/** The account tables. Times are milliseconds since 1970; hashes are hex SHA-256. */
export const accountMigrations: readonly Migration[] = [
  {
    name: 'accounts',
    statements: [
      'CREATE TABLE facts (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT',
      `CREATE TABLE accounts (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        folded_name TEXT NOT NULL UNIQUE,
        password TEXT,
        admin INTEGER NOT NULL,
        disabled INTEGER NOT NULL DEFAULT 0,
        created INTEGER NOT NULL
      ) STRICT`,
      `CREATE TABLE sessions (
        hash TEXT PRIMARY KEY,
        account TEXT NOT NULL REFERENCES accounts (id),
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL
      ) STRICT`,
      'CREATE INDEX sessions_by_account ON sessions (account)',
    ],
  },
  {
    name: 'tokens',
    statements: [
      `CREATE TABLE devices (
        id TEXT PRIMARY KEY,
        account TEXT NOT NULL REFERENCES accounts (id),
        client TEXT NOT NULL,
        hostname TEXT NOT NULL,
        refresh TEXT NOT NULL CHECK (refresh IN ('rotating', 'fixed')),
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        revoked INTEGER NOT NULL DEFAULT 0
      ) STRICT`,
      'CREATE INDEX devices_by_account ON devices (account)',
      `CREATE TABLE tokens (
        hash TEXT PRIMARY KEY,
        id TEXT NOT NULL UNIQUE,
        kind TEXT NOT NULL CHECK (kind IN ('access', 'refresh', 'personal')),
        account TEXT NOT NULL REFERENCES accounts (id),
        device TEXT REFERENCES devices (id),
        name TEXT NOT NULL,
        scopes TEXT NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        last_used TEXT,
        revoked INTEGER NOT NULL DEFAULT 0,
        rotated INTEGER,
        sealed TEXT
      ) STRICT`,
      'CREATE INDEX tokens_by_account ON tokens (account)',
      'CREATE INDEX tokens_by_device ON tokens (device)',
      `CREATE TABLE device_requests (
        hash TEXT PRIMARY KEY,
        user_code TEXT NOT NULL UNIQUE,
        client TEXT NOT NULL,
        hostname TEXT NOT NULL,
        address TEXT NOT NULL,
        created INTEGER NOT NULL,
        expires INTEGER NOT NULL,
        interval INTEGER NOT NULL DEFAULT 5000,
        polled INTEGER,
        account TEXT REFERENCES accounts (id),
        denied INTEGER NOT NULL DEFAULT 0
      ) STRICT`,
      `CREATE TABLE login_codes (
        account TEXT PRIMARY KEY REFERENCES accounts (id),
        hash TEXT NOT NULL UNIQUE,
        expires INTEGER NOT NULL
      ) STRICT`,
    ],
  },
  {
    name: 'projects',
    statements: [
      `CREATE TABLE projects (
        project TEXT PRIMARY KEY,
        owner TEXT NOT NULL REFERENCES accounts (id),
        id TEXT NOT NULL,
        name TEXT NOT NULL,
        created INTEGER NOT NULL,
        UNIQUE (owner, id)
      ) STRICT`,
      `CREATE TABLE members (
        project TEXT NOT NULL REFERENCES projects (project),
        account TEXT NOT NULL REFERENCES accounts (id),
        role TEXT NOT NULL CHECK (role IN ('owner', 'writer', 'reader')),
        invited INTEGER NOT NULL,
        joined INTEGER NOT NULL,
        PRIMARY KEY (project, account)
      ) STRICT`,
      'CREATE INDEX members_by_account ON members (account)',
      `CREATE TABLE writers (
        project TEXT NOT NULL REFERENCES projects (project),
        writer TEXT NOT NULL,
        account TEXT NOT NULL REFERENCES accounts (id),
        claimed INTEGER NOT NULL,
        PRIMARY KEY (project, writer)
      ) STRICT`,
    ],
  },
  {
    name: 'look of projects',
    statements: [
      'ALTER TABLE projects ADD COLUMN icon TEXT',
      'ALTER TABLE projects ADD COLUMN color TEXT',
      'ALTER TABLE projects ADD COLUMN updated INTEGER',
    ],
  },
];
