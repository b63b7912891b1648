import type { Migration } from '../migrations.ts';

/** As `sqlite/account-migrations.ts`, step by step. Text is compared by its bytes, as SQLite does. */
export const accountMigrations: readonly Migration[] = [
  {
    name: 'accounts',
    statements: [
      'CREATE SCHEMA accounts',
      'CREATE TABLE accounts.facts (name text PRIMARY KEY, value text NOT NULL)',
      `CREATE TABLE accounts.accounts (
        id text PRIMARY KEY,
        name text NOT NULL,
        folded_name text COLLATE "C" NOT NULL UNIQUE,
        password text,
        admin boolean NOT NULL,
        disabled boolean NOT NULL DEFAULT false,
        created bigint NOT NULL
      )`,
      `CREATE TABLE accounts.sessions (
        hash text PRIMARY KEY,
        account text NOT NULL REFERENCES accounts.accounts (id),
        created bigint NOT NULL,
        expires bigint NOT NULL
      )`,
      'CREATE INDEX sessions_by_account ON accounts.sessions (account)',
    ],
  },
  {
    name: 'tokens',
    statements: [
      `CREATE TABLE accounts.devices (
        id text COLLATE "C" PRIMARY KEY,
        account text NOT NULL REFERENCES accounts.accounts (id),
        client text NOT NULL,
        hostname text NOT NULL,
        refresh text NOT NULL CHECK (refresh IN ('rotating', 'fixed')),
        created bigint NOT NULL,
        expires bigint NOT NULL,
        revoked boolean NOT NULL DEFAULT false
      )`,
      'CREATE INDEX devices_by_account ON accounts.devices (account)',
      `CREATE TABLE accounts.tokens (
        hash text PRIMARY KEY,
        id text COLLATE "C" NOT NULL UNIQUE,
        kind text NOT NULL CHECK (kind IN ('access', 'refresh', 'personal')),
        account text NOT NULL REFERENCES accounts.accounts (id),
        device text REFERENCES accounts.devices (id),
        name text NOT NULL,
        scopes text NOT NULL,
        created bigint NOT NULL,
        expires bigint NOT NULL,
        last_used text,
        revoked boolean NOT NULL DEFAULT false,
        rotated bigint,
        sealed text
      )`,
      'CREATE INDEX tokens_by_account ON accounts.tokens (account)',
      'CREATE INDEX tokens_by_device ON accounts.tokens (device)',
      `CREATE TABLE accounts.device_requests (
        hash text PRIMARY KEY,
        user_code text NOT NULL UNIQUE,
        client text NOT NULL,
        hostname text NOT NULL,
        address text NOT NULL,
        created bigint NOT NULL,
        expires bigint NOT NULL,
        "interval" bigint NOT NULL DEFAULT 5000,
        polled bigint,
        account text REFERENCES accounts.accounts (id),
        denied boolean NOT NULL DEFAULT false
      )`,
      `CREATE TABLE accounts.login_codes (
        account text PRIMARY KEY REFERENCES accounts.accounts (id),
        hash text NOT NULL UNIQUE,
        expires bigint NOT NULL
      )`,
    ],
  },
  {
    name: 'projects',
    statements: [
      `CREATE TABLE accounts.projects (
        project text COLLATE "C" PRIMARY KEY,
        owner text NOT NULL REFERENCES accounts.accounts (id),
        id text COLLATE "C" NOT NULL,
        name text NOT NULL,
        created bigint NOT NULL,
        UNIQUE (owner, id)
      )`,
      `CREATE TABLE accounts.members (
        project text COLLATE "C" NOT NULL REFERENCES accounts.projects (project),
        account text NOT NULL REFERENCES accounts.accounts (id),
        role text NOT NULL CHECK (role IN ('owner', 'writer', 'reader')),
        invited boolean NOT NULL,
        joined bigint NOT NULL,
        PRIMARY KEY (project, account)
      )`,
      'CREATE INDEX members_by_account ON accounts.members (account)',
      `CREATE TABLE accounts.writers (
        project text COLLATE "C" NOT NULL REFERENCES accounts.projects (project),
        writer text COLLATE "C" NOT NULL,
        account text NOT NULL REFERENCES accounts.accounts (id),
        claimed bigint NOT NULL,
        PRIMARY KEY (project, writer)
      )`,
    ],
  },
  {
    name: 'look of projects',
    statements: [
      'ALTER TABLE accounts.projects ADD COLUMN icon text, ADD COLUMN color text, ADD COLUMN updated bigint',
    ],
  },
];
