import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { Migration } from '../../../src/server/store/migrations.ts';
import { openAccountStore, openStores } from '../../../src/server/store/open.ts';
import { openPostgresAccountStore } from '../../../src/server/store/postgres/account-store.ts';
import { openPostgresIndexStore } from '../../../src/server/store/postgres/index-store.ts';
import { migratePostgres } from '../../../src/server/store/postgres/migrate.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { faultProxy } from '../../hosts/fault-proxy.ts';
import { sid, writerId } from '../sessions.ts';
import { asAdministrator, connected, freshDatabase, postgres } from './fresh-database.ts';

const [one, two] = ['1'.repeat(32), '2'.repeat(32)];
const writer = writerId('a'.repeat(16));
const session = (name: string, text = 'x') => ({
  kind: 'stored' as const,
  row: { session: sid(name), path: `sessions/aa/${name}`, head: 'h', agent: 'claude', name: text, count: 0 },
  put: [],
  drop: [],
});
const step = (project: string, ...sessions: ReturnType<typeof session>[]) => ({
  ...{ project, writer, from: undefined, to: { ingested: undefined }, sessions, annotations: [] },
  since: new Map<string, string>(),
  at: '2026-01-02T03:04:05.678Z',
});

function opened(url: string) {
  const database = connected(url);
  onTestFinished(() => database.close());
  return database;
}

describe.runIf(postgres)('a PostgreSQL database', () => {
  it('is brought up to date once by five that start together, and refused when it is newer (B77)', async () => {
    const url = await freshDatabase();
    const stores = await Promise.all(
      Array.from({ length: 5 }, async () => [
        await openPostgresAccountStore(opened(url)),
        await openPostgresIndexStore(opened(url)),
      ]),
    );
    expect(stores).toHaveLength(5);
    const database = opened(url);
    expect(await database.rows('SELECT * FROM specstory.schema_parts ORDER BY part')).toEqual([
      { part: 'accounts', version: 4 },
      { part: 'index', version: 3 },
      { part: 'search', version: 1 },
    ]);
    await database.run("UPDATE specstory.schema_parts SET version = 99 WHERE part = 'index'");
    const refused = openStores({ data: temporaryFolder(), url });
    await expect(refused).rejects.toMatchObject({ kind: 'unsupported', message: expect.stringContaining('99') });
  });

  it('undoes a step that fails, keeps those before it, and names it', async () => {
    const database = opened(await freshDatabase());
    const first: Migration = { name: 'first', statements: ['CREATE SCHEMA index', 'CREATE TABLE index.a (n bigint)'] };
    const broken: Migration = { name: 'broken', statements: ['CREATE TABLE index.b (n bigint)', 'nonsense'] };
    await expect(migratePostgres(database, 'index', [first, broken])).rejects.toThrow(/index\/broken/);
    expect(await database.rows("SELECT to_regclass('index.a') AS a, to_regclass('index.b') AS b")).toEqual([
      { a: 'index.a', b: null },
    ]);
    const mended: Migration = { name: 'broken', statements: ['CREATE TABLE index.b (n bigint)'] };
    await migratePostgres(database, 'index', [first, mended]);
    expect(await database.rows('SELECT version FROM specstory.schema_parts')).toEqual([{ version: 2 }]);
  });

  it('begins every key of a project’s rows with the project', async () => {
    const url = await freshDatabase();
    const stores = await openStores({ data: temporaryFolder(), url });
    const keys = await opened(url).rows(
      `SELECT c.relname AS name, a.attname AS first FROM pg_index i
        JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = i.indkey[0]
        WHERE i.indisunique AND n.nspname IN ('index', 'git', 'search')`,
    );
    expect(keys.length).toBeGreaterThan(11);
    expect(keys.filter(({ first }) => first !== 'project')).toEqual([]);
    await stores.close();
  });

  it('shows a statement that names no project nothing, nor one that names another; connections do not keep it', async () => {
    const database = opened(await freshDatabase());
    const store = await openPostgresIndexStore(database);
    for (const project of [one, two]) await store.apply(step(project, session('s')));
    const all = 'SELECT project FROM index.sessions';
    expect(await database.inProject(one, (session) => session.rows(all))).toEqual([{ project: one }]);
    for (let again = 0; again < 20; again++) expect(await database.rows(all)).toEqual([]);
    const foreign = database.inProject(one, (session) =>
      session.run('INSERT INTO index.numbers (project, last) VALUES ($1, 1)', [two]),
    );
    await expect(foreign).rejects.toThrow(/row-level security/);
    expect(await database.inProject(one, (session) => session.run('DELETE FROM index.sessions'))).toBe(1);
    expect(await store.sessions(two)).toHaveLength(1);
  });

  it('takes text that it has no letters for, and shows that it did (B45)', async () => {
    const store = await openPostgresIndexStore(opened(await freshDatabase()));
    await store.apply(step(one, session('nul', 'a\0b'), session('half', 'a\ud800b')));
    expect((await store.sessions(one)).map(({ name }) => name)).toEqual(['a\ufffdb', 'a\u2400b']);
  });

  it('does work again that stood in the way of other work', async () => {
    const database = opened(await freshDatabase());
    await database.run('CREATE TABLE pairs (n bigint PRIMARY KEY, hits bigint NOT NULL)');
    await database.run('INSERT INTO pairs VALUES (1, 0), (2, 0)');
    const both = (order: readonly number[]) =>
      database.transaction(async (session) => {
        for (const n of order) {
          await session.run('UPDATE pairs SET hits = hits + 1 WHERE n = $1', [n]);
          await session.rows('SELECT pg_sleep(0.05)');
        }
      });
    await Promise.all([both([1, 2]), both([2, 1])]);
    expect(await database.rows('SELECT hits FROM pairs ORDER BY n')).toEqual([{ hits: 2 }, { hits: 2 }]);
  });
});

describe.runIf(postgres)('a PostgreSQL that is not as it should be', () => {
  it('that is not there is named without its password, with what to do', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as { port: number };
    server.close();
    const gone = openAccountStore({ data: '', url: `postgres://u:hunter2@127.0.0.1:${port}/x` });
    await expect(gone).rejects.toMatchObject({ kind: 'unavailable', hint: expect.stringContaining('--database-url') });
    await expect(gone).rejects.not.toThrow(/hunter2/);
  });

  it('that does not know us, or whose address is none, is refused', async () => {
    await expect(openAccountStore({ data: '', url: 'mysql://db/x' })).rejects.toMatchObject({ kind: 'usage' });
    const url = new URL(await freshDatabase());
    url.pathname = '/nothing-of-that-name';
    await expect(openAccountStore({ data: '', url: url.href })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('that breaks off is asked again over a new line, and nothing of a broken transaction stays', async () => {
    const url = new URL(await freshDatabase());
    const proxy = await faultProxy(Number(url.port));
    onTestFinished(() => proxy.close());
    url.port = String(proxy.port);
    const store = await openPostgresIndexStore(opened(url.href));
    await store.apply(step(one, session('a')));
    proxy.faults.refuse = true;
    await asAdministrator(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = '${url.username}'`);
    await expect(store.apply(step(two, session('b')))).rejects.toMatchObject({ kind: 'unavailable' });
    proxy.faults.refuse = false;
    expect(await store.sessions(one)).toHaveLength(1);
    expect(await store.sessions(two)).toEqual([]);
    await store.apply(step(two, session('b')));
    expect(await store.lastNumber(two)).toBe(1);
  });
});
