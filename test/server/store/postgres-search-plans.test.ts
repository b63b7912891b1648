import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseQuery } from '../../../src/search/language/parse.ts';
import type { PostgresDatabase, Session } from '../../../src/server/store/postgres/database.ts';
import { ProjectSearch, prepare } from '../../../src/server/store/postgres/search/project-search.ts';
import { openPostgresSearchIndex } from '../../../src/server/store/postgres/search/search-index.ts';
import { inProcess } from '../../hosts/pglite.ts';
import { now, project, scopeOf, stepOf } from '../../search/corpus.ts';
import { connected, freshDatabase, postgres } from './fresh-database.ts';

/** Writes down how PostgreSQL goes about the statements of a search. */
function explaining(session: Session, plans: string[]): Session {
  return {
    run: (sql, parameters) => session.run(sql, parameters),
    rows: async (sql, parameters) => {
      if (/FROM (?:\(SELECT doc, state, words FROM )?search\.(?:words|terms)/.test(sql)) {
        const plan = await session.rows(`EXPLAIN ${sql}`, parameters);
        plans.push(plan.map((row) => String(row['QUERY PLAN'])).join('\n'));
      }
      return session.rows(sql, parameters);
    },
  };
}

async function plansOf(database: PostgresDatabase, text: string): Promise<{ plan: string; found: number }> {
  const { query } = parseQuery(text);
  const [readable] = scopeOf({ key: project, hidden: true }).projects;
  if (!readable) throw new Error('a scope without its project');
  return database.inProject(project, async (session) => {
    await prepare(session);
    const plans: string[] = [];
    const asked = { now, me: [], alike: new Map(), left: 1000 };
    const search = new ProjectSearch(explaining(session, plans), readable, asked);
    const { found } = await search.find(query.where, 'newest', 10);
    return { plan: plans.join('\n\n'), found: found.length };
  });
}

/** What every PostgreSQL must do; `pieces` is how it finds terms by a text that is in them. */
function plansContract(name: string, pieces: RegExp, open: () => Promise<PostgresDatabase>): void {
  describe(`every kind of search goes by an index in ${name}`, () => {
    let database: PostgresDatabase;
    beforeAll(async () => {
      database = await open();
      const index = await openPostgresSearchIndex(database);
      const of = Array.from({ length: 1000 }, (_, at) => ({
        key: `x${at}`,
        prompt: `apple number ${at} handleRequest${at}End`,
        at: new Date(now - at * 3_600_000).toISOString(),
        edited: [{ path: `/work/app/src/part${at % 50}/file${at}.ts`, diff: '@@\n+x' }],
      }));
      await index.apply(stepOf('one', { of }));
      for (const table of ['words', 'documents', 'texts', 'sessions', 'terms'])
        await database.run(`ANALYZE search.${table}`);
    }, 60_000);
    it.each([
      ['a word', 'handleRequest77End'],
      ['two words', 'apple 77'],
      ['a beginning', 'handlerequest77*'],
      ['a phrase', '"number 77"'],
      ['a regular expression', '/apple.number 77 handle(request|x)/'],
      ['a field', 'in:prompt handleRequest77End'],
      ['the end of a path', 'file:file77.ts'],
      ['a pattern of paths', 'edited:src/part7/file*.ts'],
      ['a folder', 'edited:src/part7/**'],
      ['alternatives', 'handleRequest77End OR handleRequest78End'],
      ['a word in a time', 'handleRequest77End after:2026-01-01'],
    ])('%s: %s', async (_, text) => {
      const { plan, found } = await plansOf(database, text);
      expect(found).toBeGreaterThan(0);
      expect(plan).toMatch(/Bitmap Index Scan on words_by_term[^\n]*\n\s+Index Cond: \(words @@/);
      expect(plan).not.toMatch(/Seq Scan on (?:words|documents|texts)/);
    });

    it.each([
      ['everything', ''],
      ['what is nearly everywhere', 'apple'],
      ['a time', 'after:2026-05-30'],
    ])('%s: %s', async (_, text) => {
      const { plan, found } = await plansOf(database, text);
      expect(found).toBe(10);
      expect(plan).toMatch(/Index Scan Backward using words_pkey/);
      expect(plan).not.toMatch(/Seq Scan on words/);
    });

    it('a piece of a word: "dleRequest77E"', async () => {
      const { plan, found } = await plansOf(database, '"dleRequest77E"');
      expect(found).toBe(1);
      expect(plan).toMatch(pieces);
      expect(plan).toMatch(/Bitmap Index Scan on words_by_term/);
    });
  });
}

describe('in this process, without pg_trgm', () => {
  let host: Awaited<ReturnType<typeof inProcess>>;
  afterAll(() => host.close());
  plansContract('PGlite', /on terms/, async () => {
    host = await inProcess();
    return host.open();
  });
});

describe.runIf(postgres)('with a PostgreSQL server', () => {
  plansContract('PostgreSQL', /Bitmap Index Scan on terms_by_piece/, async () => {
    const opened = connected(await freshDatabase(afterAll));
    afterAll(() => opened.close());
    return opened;
  });
});
