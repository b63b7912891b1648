import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStoreDatabase, type StoreDatabase } from '../../../src/platform/sqlite-store.ts';
import { type Migration, migrate } from '../../../src/server/store/migrations.ts';

let folder: string;
let database: StoreDatabase;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'specstory-'));
  database = openStoreDatabase(path.join(folder, 'a.sqlite'));
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const first: Migration = { name: 'first', statements: ['CREATE TABLE a (n)', 'INSERT INTO a VALUES (1)'] };
const second: Migration = { name: 'second', statements: ['UPDATE a SET n = n + 1'] };
const value = () => database.rows('SELECT n FROM a').map(({ n }) => n);

describe('migrate', () => {
  it('takes each step once, from wherever the database is', () => {
    migrate(database, 'part', [first]);
    migrate(database, 'part', [first]);
    expect(value()).toEqual([1]);
    migrate(database, 'part', [first, second]);
    migrate(database, 'part', [first, second]);
    expect(value()).toEqual([2]);
  });

  it('counts the parts of a schema apart', () => {
    migrate(database, 'part', [first]);
    migrate(database, 'other', [{ name: 'first', statements: ['CREATE TABLE b (n)'] }]);
    expect(database.rows('SELECT part, version FROM schema_parts ORDER BY part')).toEqual([
      { part: 'other', version: 1 },
      { part: 'part', version: 1 },
    ]);
  });

  it('undoes a step that fails, keeps those before it, and names it', () => {
    const broken: Migration = { name: 'broken', statements: ['UPDATE a SET n = 9', 'UPDATE nothing SET n = 9'] };
    expect(() => migrate(database, 'part', [first, broken])).toThrow(/part\/broken/);
    expect(value()).toEqual([1]);
    migrate(database, 'part', [first, second]);
    expect(value()).toEqual([2]);
  });

  it('refuses a database from a newer version with both versions (B77)', () => {
    migrate(database, 'part', [first, second]);
    expect(() => migrate(database, 'part', [first])).toThrow(
      expect.objectContaining({ kind: 'unsupported', message: expect.stringMatching(/version 2 .*knows 1/) }),
    );
    expect(value()).toEqual([2]);
  });
});
