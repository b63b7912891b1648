import { describe } from 'vitest';
import { openPostgresAccountStore } from '../../../src/server/store/postgres/account-store.ts';
import { openPostgresIndexStore } from '../../../src/server/store/postgres/index-store.ts';
import { openPostgresReceivedStore } from '../../../src/server/store/postgres/received-store.ts';
import { accountStoreContract } from './account-store-contract.ts';
import { connected, freshDatabase, postgres } from './fresh-database.ts';
import { indexStoreContract } from './index-store-contract.ts';
import { receivedStoreContract } from './received-store-contract.ts';

describe.runIf(postgres)('with a PostgreSQL server', () => {
  describe('the account tables in PostgreSQL', () => {
    accountStoreContract(async () => {
      const url = await freshDatabase();
      const open = () => openPostgresAccountStore(connected(url));
      return { store: await open(), reopen: open };
    });
  });

  indexStoreContract('PostgreSQL', async () => openPostgresIndexStore(connected(await freshDatabase())));

  receivedStoreContract('PostgreSQL', async () => {
    const url = await freshDatabase();
    return {
      received: await openPostgresReceivedStore(connected(url)),
      index: await openPostgresIndexStore(connected(url)),
    };
  });
});
