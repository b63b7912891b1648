import path from 'node:path';
import { openSqliteIndexStore } from '../../../src/server/store/sqlite/index-store.ts';
import { openSqliteReceivedStore } from '../../../src/server/store/sqlite/received-store.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { receivedStoreContract } from './received-store-contract.ts';

receivedStoreContract('SQLite', async () => {
  const file = path.join(temporaryFolder(), 'index.sqlite');
  return { received: openSqliteReceivedStore(file), index: openSqliteIndexStore(file) };
});
