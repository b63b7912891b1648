// Brings every part of the schema in a PostgreSQL database up to date, as a program that dies: `postgres-migrator <url> <n>` is killed when it is about
// to send its n-th statement, and with -n when that was just answered. Without an n it goes through and prints how many statements there were.
import { accountMigrations } from '../../src/server/store/postgres/account-migrations.ts';
import { type Connections, postgresDatabase } from '../../src/server/store/postgres/database.ts';
import { gitMigrations } from '../../src/server/store/postgres/git-migrations.ts';
import { indexMigrations } from '../../src/server/store/postgres/index-migrations.ts';
import { migratePostgres } from '../../src/server/store/postgres/migrate.ts';
import { openPool } from '../../src/server/store/postgres/pool.ts';
import { searchMigrations } from '../../src/server/store/postgres/search/migrations.ts';

let count = 0;

function struck(connections: Connections, at: number): Connections {
  return {
    close: () => connections.close(),
    take: async () => {
      const { query, release } = await connections.take();
      return {
        release,
        query: async (...statement) => {
          count++;
          if (count === at) process.kill(process.pid, 'SIGKILL');
          const answer = await query(...statement);
          if (count === -at) process.kill(process.pid, 'SIGKILL');
          return answer;
        },
      };
    },
  };
}

async function main([url = '', when = '0']: readonly string[]): Promise<void> {
  const pool = openPool(url, { most: 2, statement: 20_000, idle: 20_000 });
  const database = postgresDatabase(struck(pool, Number(when)));
  await migratePostgres(database, 'accounts', accountMigrations);
  await migratePostgres(database, 'search', searchMigrations);
  await migratePostgres(database, 'index', indexMigrations);
  await migratePostgres(database, 'git', gitMigrations);
  process.stdout.write(`${count}`);
  await database.close();
}

main(process.argv.slice(2));
