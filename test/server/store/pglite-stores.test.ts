import { afterAll, beforeAll, describe } from 'vitest';
import { openPostgresAccountStore } from '../../../src/server/store/postgres/account-store.ts';
import { openPostgresIndexStore } from '../../../src/server/store/postgres/index-store.ts';
import { openPostgresReceivedStore } from '../../../src/server/store/postgres/received-store.ts';
import { type InProcess, inProcess } from '../../hosts/pglite.ts';
import { accountStoreContract } from './account-store-contract.ts';
import { indexStoreContract } from './index-store-contract.ts';
import { receivedStoreContract } from './received-store-contract.ts';

let host: InProcess;
beforeAll(async () => {
  host = await inProcess();
});
afterAll(() => host.close());

describe('the account tables in a PostgreSQL in this process', () => {
  accountStoreContract(async () => {
    await host.empty();
    const open = () => openPostgresAccountStore(host.open());
    return { store: await open(), reopen: open };
  });
});

indexStoreContract('a PostgreSQL in this process', async () => {
  await host.empty();
  return openPostgresIndexStore(host.open());
});

receivedStoreContract('a PostgreSQL in this process', async () => {
  await host.empty();
  return { received: await openPostgresReceivedStore(host.open()), index: await openPostgresIndexStore(host.open()) };
});
