// Brings the account tables up to date, as a program that dies: `migrator <database> <n>` is killed when it is about to do its n-th
// statement, and with -n when it has just done it. Without an n it goes through and prints how many statements there were.
import { openStoreDatabase, type StoreDatabase } from '../../src/platform/sqlite-store.ts';
import { migrate } from '../../src/server/store/migrations.ts';
import { accountMigrations } from '../../src/server/store/sqlite/account-migrations.ts';

const [file = '', when = '0'] = process.argv.slice(2);
const at = Number(when);
let count = 0;

function struck(database: StoreDatabase): StoreDatabase {
  return {
    ...database,
    run: (...statement) => {
      count++;
      if (count === at) process.kill(process.pid, 'SIGKILL');
      const result = database.run(...statement);
      if (count === -at) process.kill(process.pid, 'SIGKILL');
      return result;
    },
  };
}

migrate(struck(openStoreDatabase(file)), 'accounts', accountMigrations);
process.stdout.write(`${count}`);
