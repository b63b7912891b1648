import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, onTestFinished } from 'vitest';
import { openSqliteAccountStore } from '../../../src/server/store/sqlite/account-store.ts';
import { accountStoreContract } from './account-store-contract.ts';

describe('the account tables in SQLite', () => {
  accountStoreContract(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'specstory-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const open = () => openSqliteAccountStore(path.join(folder, 'accounts.sqlite'));
    return { store: open(), reopen: async () => open() };
  });
});
