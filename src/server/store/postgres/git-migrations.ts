import type { Migration } from '../migrations.ts';
import { isolated } from './index-migrations.ts';

/**
 * The repositories of servers that share one database: where each ref stands, and the packs that hold what they reach, in pieces. The version of a
 * repository is another one whenever any of it is.
 */
export const gitMigrations: readonly Migration[] = [
  {
    name: 'shared repositories',
    statements: [
      'CREATE SCHEMA git',
      'CREATE TABLE git.repositories (project text COLLATE "C" PRIMARY KEY, version bigint NOT NULL)',
      `CREATE TABLE git.refs (
        project text COLLATE "C" NOT NULL, name text COLLATE "C" NOT NULL, oid text NOT NULL,
        PRIMARY KEY (project, name)
      )`,
      `CREATE TABLE git.packs (
        project text COLLATE "C" NOT NULL, pack text COLLATE "C" NOT NULL, bytes bigint NOT NULL,
        PRIMARY KEY (project, pack)
      )`,
      `CREATE TABLE git.pieces (
        project text COLLATE "C" NOT NULL, pack text COLLATE "C" NOT NULL,
        file text COLLATE "C" NOT NULL CHECK (file IN ('pack', 'idx')), part integer NOT NULL, content bytea NOT NULL,
        PRIMARY KEY (project, pack, file, part),
        FOREIGN KEY (project, pack) REFERENCES git.packs ON DELETE CASCADE
      )`,
      // Packs are compressed already.
      'ALTER TABLE git.pieces ALTER COLUMN content SET STORAGE EXTERNAL',
      ...isolated('git', ['refs', 'packs', 'pieces']),
    ],
  },
  {
    name: 'rewrites of shared repositories',
    statements: [
      // How often refs were rewritten, and whether what they no longer reach is still to be dropped.
      `ALTER TABLE git.repositories
        ADD COLUMN rewrites bigint NOT NULL DEFAULT 0, ADD COLUMN rewriting boolean NOT NULL DEFAULT false`,
    ],
  },
];
