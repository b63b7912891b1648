import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openStoreDatabase, type StoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { Ingest } from '../../../src/server/ingest/ingest.ts';
import { Reading } from '../../../src/server/ingest/reading/reading.ts';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import { openSqliteIndexStore } from '../../../src/server/store/sqlite/index-store.ts';
import { temporaryFolder } from '../../git/repositories.ts';
import { Clone, type Files, writerB } from '../clone.ts';
import { keyOf } from '../memory-access.ts';
import {
  annotationFiles,
  exchange,
  exchangePath,
  fingerprintOf,
  sessionFiles,
  sid,
  writerId,
  xid,
} from '../sessions.ts';

const key = keyOf('ann', 'project');
const reading = new Reading();
const prompts = ['Do it', 'Do it otherwise'];
const names = fc.constantFrom('one', 'two', 'three');

/** One thing a writer does between two pushes. */
const act = fc.oneof(
  fc.record({
    kind: fc.constant('write' as const),
    name: names,
    size: fc.integer({ min: 0, max: 3 }),
    prompt: fc.constantFrom(...prompts),
    parent: fc.option(names, { nil: undefined }),
  }),
  fc.record({ kind: fc.constant('break' as const), name: names, at: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ kind: fc.constant('remove' as const), name: names }),
  fc.record({
    kind: fc.constant('say' as const),
    name: names,
    lamport: fc.constantFrom(1, 2, 3, 1_000_000, 2_000_000, 9_000_000),
    what: fc.constantFrom('hidden', 'session', 'exchange', 'content', 'nonsense'),
  }),
);
type Act = typeof act extends fc.Arbitrary<infer T> ? T : never;
const schedule = fc.array(
  fc.record({
    writer: fc.integer({ min: 0, max: 1 }),
    acts: fc.array(act, { minLength: 1, maxLength: 3 }),
    ingest: fc.boolean(),
  }),
  { minLength: 1, maxLength: 8 },
);

function filesOf(given: Act, writer: string, before: ReadonlySet<string>): Files {
  if (given.kind === 'write') {
    const exchanges = ['x', 'y', 'z'].slice(0, given.size).map((one) => exchange(one, `${given.prompt} ${one}`));
    const gone = [...before].filter((file) =>
      file.startsWith(path.dirname(exchangePath(given.name, 1, 'x')).slice(0, -10)),
    );
    const parent = given.parent === undefined ? {} : { parent: sid(given.parent) };
    return { ...Object.fromEntries(gone.map((file) => [file, ''])), ...sessionFiles(given.name, exchanges, parent) };
  }
  if (given.kind === 'break')
    return { [exchangePath(given.name, given.at, ['x', 'y', 'z'][given.at - 1] ?? '')]: 'broken' };
  const of = path.dirname(path.dirname(exchangePath(given.name, 1, 'x')));
  if (given.kind === 'remove')
    return Object.fromEntries([...before].filter((file) => file.startsWith(`${of}/`)).map((file) => [file, '']));
  const { name, lamport, what } = given;
  const base = { writer: writerId(writer), lamport, session: sid(name) };
  if (what === 'nonsense')
    return Object.fromEntries(
      Object.keys(annotationFiles({ ...base, statement: { kind: 'hidden', value: true } })).map((file) => [file, '{}']),
    );
  if (what === 'hidden') return annotationFiles({ ...base, statement: { kind: 'hidden', value: true } });
  const content = what === 'content' ? prompts.map((prompt) => fingerprintOf(exchange('x', `${prompt} x`))) : [];
  const target = what === 'session' ? {} : { exchange: xid('y') };
  return annotationFiles({ ...base, ...target, statement: { kind: 'deleted', exchanges: [], content } });
}

/** Everything in the index of the project but numbers. */
function dump(database: StoreDatabase): string {
  const tables = ['cursors', 'sessions', 'exchanges', 'annotations', 'deletions', 'rejections'];
  const rows = tables.flatMap((table) => database.rows(`SELECT '${table}' AS t, * FROM ${table}`));
  return rows
    .map(({ number: _number, ...row }) => JSON.stringify(Object.entries(row).sort()))
    .sort()
    .join('\n');
}

describe('the rows of a project', () => {
  it('are a function of the trees, however they got there (I3 I4)', async () => {
    await fc.assert(
      fc.asyncProperty(schedule, async (pushes) => {
        const data = temporaryFolder();
        const repositories = new LocalRepositories(data);
        const file = path.join(data, 'index.sqlite');
        const store = openSqliteIndexStore(file);
        const ingest = new Ingest({ repositories, store, reading });
        const { gitDir } = await repositories.make(key);
        const writers = [new Clone(), new Clone(writerB)].map((clone) => ({
          clone,
          tip: undefined as string | undefined,
          files: new Set<string>(),
        }));
        for (const { writer, acts, ingest: now } of pushes) {
          const on = writers[writer];
          if (!on) continue;
          for (const given of acts) {
            const files = filesOf(given, on.clone.writer, on.files);
            on.tip = on.clone.commit(files, on.tip);
            for (const [name, text] of Object.entries(files)) text === '' ? on.files.delete(name) : on.files.add(name);
          }
          on.clone.git('push', '--quiet', gitDir, `${on.tip}:${on.clone.ref()}`);
          if (now) await ingest.take(key, writerId(on.clone.writer));
        }
        await ingest.takeProject(key);
        const database = openStoreDatabase(file);
        const before = dump(database);
        await ingest.reindex(key);
        expect(dump(database)).toBe(before);
        database.close();
        await store.close();
      }),
      { numRuns: 12 },
    );
  }, 120_000);
});
