import path from 'node:path';
import { openSqliteIndexStore } from '../../../src/server/store/sqlite/index-store.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { indexStoreContract } from './index-store-contract.ts';

indexStoreContract('SQLite', async () => openSqliteIndexStore(path.join(temporaryFolder(), 'index.sqlite')));
