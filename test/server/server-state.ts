import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'vitest';
import { shardedPath } from '../../src/server/repositories/sharded-path.ts';
import { checkRepository, git } from '../git/repositories.ts';
import type { GitServer } from './git-server.ts';
import { keyOf } from './memory-access.ts';

/** Where the refs of an account's project stand on the server; fails unless the repository is sound and nothing is left lying about. */
export function refsOf(server: Pick<GitServer, 'data'>, account = 'ann', id = 'project'): string[] {
  const folder = path.join(server.data, 'repositories', shardedPath(keyOf(account, id)));
  expect(readdirSync(path.join(server.data, 'quarantine'))).toEqual([]);
  if (!existsSync(folder)) return [];
  checkRepository(folder);
  expect(readdirSync(path.join(folder, 'objects', 'pack')).filter((name) => /keep|tmp/.test(name))).toEqual([]);
  return git(folder, 'for-each-ref', '--format=%(objectname) %(refname)').split('\n').filter(Boolean);
}
