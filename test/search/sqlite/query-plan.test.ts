import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/core/host.ts';
import { openDatabase } from '../../../src/platform/sqlite.ts';
import { openStoreDatabase, type StoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { parseQuery } from '../../../src/search/language/parse.ts';
import { candidatesQuery } from '../../../src/search/sqlite/candidates.ts';
import { Finder } from '../../../src/search/sqlite/find.ts';
import { searchMigrations } from '../../../src/search/sqlite/schema.ts';
import { SqliteSearchIndex } from '../../../src/search/sqlite/search-index.ts';
import { migrate } from '../../../src/server/store/migrations.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { keep, now, project, scopeOf } from '../corpus.ts';

const scope = scopeOf({ key: project, hidden: true });

describe('every shape of a search uses its index', () => {
  let database: StoreDatabase;
  let plans: Database;
  const asked: [sql: string, parameters: readonly unknown[]][] = [];
  beforeAll(async () => {
    const file = path.join(temporaryFolder(), 'search.sqlite');
    database = openStoreDatabase(file);
    migrate(database, 'search', searchMigrations);
    await keep(new SqliteSearchIndex(database), 'one', {
      of: [{ key: 'x', prompt: 'deploy getUserById', ran: [{ command: 'npm test' }] }],
    });
    // Plans are asked on a connection of their own: libsql keeps such statements open, and then ours could not be closed.
    plans = openDatabase(file);
    return () => {
      plans.close();
      database.close();
    };
  });

  /** Every statement of a search, with its plan. */
  const plansOf = (text: string): string[] => {
    asked.length = 0;
    const listening: StoreDatabase = {
      ...database,
      rows: (sql, parameters) => {
        asked.push([sql, parameters ?? []]);
        return database.rows(sql, parameters);
      },
    };
    new Finder(listening, scope, now).find(parseQuery(text).query.where, 'relevance');
    return asked.map(([sql]) => planOf(sql));
  };
  const planOf = (sql: string): string =>
    [...plans.rows(`EXPLAIN QUERY PLAN ${sql}`)].map(({ detail }) => String(detail)).join('\n');

  for (const text of [
    'deploy',
    'deploy after:7d',
    'agent:claude',
    '"serById"',
    '/deploy|x/',
    'edited:src/**',
    'author:ada -deploy',
    'is:hidden',
    'tokens:>5',
    'cmd:npm',
  ]) {
    it(JSON.stringify(text), () => {
      const all = plansOf(text);
      expect(all.length).toBeGreaterThan(0);
      for (const plan of all) {
        expect(plan).not.toMatch(
          /SCAN (?:d|search_documents|search_texts|search_terms|search_values|search_sessions)\b/,
        );
        expect(plan).not.toContain('USE TEMP B-TREE');
      }
    });
  }

  it('walks the index of words in its own order, and looks documents up by their keys', () => {
    const wish = { match: 'deploy', from: 0, to: 1, rows: [], limit: 10, known: new Set<number>() };
    for (const isAscending of [true, false]) {
      const plan = planOf(candidatesQuery(scope, { ...wish, isAscending }, 10)[0]);
      expect(plan).toMatch(/SCAN search_words VIRTUAL TABLE INDEX \d+:.*M/);
      expect(plan).toMatch(/SEARCH d USING INTEGER PRIMARY KEY/);
    }
  });
});
