import { PGlite } from '@electric-sql/pglite';
import { type Connections, type PostgresDatabase, postgresDatabase } from '../../src/server/store/postgres/database.ts';

/**
 * A PostgreSQL inside this process, for machines that have none. It has one connection, so who needs another one while he holds it waits for
 * ever: no code of ours may.
 */
export interface InProcess {
  /** Another door to the same database; to close it closes nothing. */
  open(): PostgresDatabase;
  /** Takes everything away. */
  empty(): Promise<void>;
  close(): Promise<void>;
}

export async function inProcess(): Promise<InProcess> {
  const database = await PGlite.create();
  // Nobody is a superuser here, so that what keeps projects apart holds.
  await database.exec('CREATE ROLE tester; GRANT CREATE ON DATABASE postgres TO tester; SET ROLE tester');
  const connections = oneConnection(database);
  return {
    open: () => postgresDatabase(connections),
    empty: async () => {
      await database.exec(
        'RESET ROLE; DROP SCHEMA IF EXISTS specstory, accounts, index, git, search CASCADE; SET ROLE tester',
      );
    },
    close: () => database.close(),
  };
}

function oneConnection(database: PGlite): Connections {
  let free: Promise<void> = Promise.resolve();
  return {
    take: async () => {
      const before = free;
      let giveBack = (): void => {};
      free = new Promise((resolve) => {
        giveBack = resolve;
      });
      await before;
      return {
        query: async (sql, parameters) => {
          const { rows, affectedRows = 0 } = await database.query<Record<string, unknown>>(sql, [...parameters]);
          return { rows, changes: affectedRows };
        },
        release: () => giveBack(),
      };
    },
    close: async () => {},
  };
}
