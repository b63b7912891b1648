import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openStoreDatabase, type StoreDatabase } from '../../src/platform/sqlite-store.ts';

const driver = process.versions.node.startsWith('20.') ? "require('libsql')" : "require('node:sqlite').DatabaseSync";

let folder: string;
let file: string;
let database: StoreDatabase;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'specstory-'));
  file = path.join(folder, 'a.sqlite');
  database = openStoreDatabase(file);
  database.run('CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT UNIQUE, content BLOB) STRICT');
});

afterEach(() => {
  database.close();
  rmSync(folder, { recursive: true });
});

const names = (from = database) => from.rows('SELECT name FROM t ORDER BY rowid').map(({ name }) => name);
const add = (name: string, into = database) => into.run('INSERT INTO t (name) VALUES (?)', [name]);

describe('openStoreDatabase', () => {
  it('gives back what was put in, and says how much changed', () => {
    const content = new Uint8Array([0, 1, 255]);
    expect(database.run('INSERT INTO t VALUES (?, ?, ?)', [7, 'ü😀', content])).toEqual({ changes: 1 });
    expect(database.rows('SELECT * FROM t')).toEqual([{ id: 7, name: 'ü😀', content }]);
    expect(database.rows('UPDATE t SET name = ? RETURNING id, name', ['b'])).toEqual([{ id: 7, name: 'b' }]);
    expect(database.run('DELETE FROM t WHERE id = 8')).toEqual({ changes: 0 });
    expect(database.run('DELETE FROM t')).toEqual({ changes: 1 });
  });

  it('is readable by its owner only, its log as well', () => {
    add('a');
    for (const name of [file, `${file}-wal`, `${file}-shm`]) expect(statSync(name).mode & 0o777, name).toBe(0o600);
  });

  it('does a transaction whole or not at all, and the next one after it', () => {
    expect(() =>
      database.transaction(() => {
        add('a');
        throw new Error('no');
      }),
    ).toThrow('no');
    expect(() => database.transaction(() => [add('a'), add('a')])).toThrow(
      expect.objectContaining({ kind: 'conflict' }),
    );
    expect(names()).toEqual([]);
    expect(database.transaction(() => add('b').changes)).toBe(1);
    expect(names()).toEqual(['b']);
  });

  it('refuses a transaction inside another, and undoes the outer one', () => {
    const nested = () => database.transaction(() => [add('a'), database.transaction(() => add('b'))]);
    expect(nested).toThrow(expect.objectContaining({ kind: 'bug' }));
    expect(names()).toEqual([]);
  });

  it('shows another connection only what was committed', () => {
    const other = openStoreDatabase(file);
    database.transaction(() => {
      add('a');
      expect(names(other)).toEqual([]);
    });
    expect(names(other)).toEqual(['a']);
    add('b', other);
    expect(names()).toEqual(['a', 'b']);
    other.close();
  });

  it('leaves everything in the file itself when it is closed', () => {
    const other = openStoreDatabase(path.join(folder, 'b.sqlite'));
    other.run('CREATE TABLE t (name TEXT)');
    other.run('INSERT INTO t VALUES (?)', ['a']);
    other.close();
    copyFileSync(path.join(folder, 'b.sqlite'), path.join(folder, 'c.sqlite'));
    const copy = openStoreDatabase(path.join(folder, 'c.sqlite'));
    expect(names(copy)).toEqual(['a']);
    copy.close();
  });

  it('does not take the locks of another connection of this process away', () => {
    add('a');
    openStoreDatabase(file).close();
    // Who finds no lock takes itself for the last one to close the database, and removes its log.
    const script = `const L = ${driver}; const d = new L(${JSON.stringify(file)}); d.exec('UPDATE t SET name = 1'); d.close()`;
    expect(spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' })).toMatchObject({ status: 0 });
    expect(existsSync(`${file}-wal`)).toBe(true);
    add('b');
    expect(names()).toEqual(['1', 'b']);
  });

  it('keeps many different statements without keeping all of them', () => {
    for (let at = 0; at < 1000; at++) expect(database.rows(`SELECT ${at} AS n`)).toEqual([{ n: at }]);
  });

  it('tells a taken key from a broken statement and from what is no database', () => {
    add('a');
    expect(() => add('a')).toThrow(expect.objectContaining({ kind: 'conflict' }));
    expect(() => database.run('INSERT INTO nothing VALUES (1)')).toThrow(
      expect.objectContaining({ kind: 'unavailable' }),
    );
    const text = path.join(folder, 'text');
    writeFileSync(text, 'no database, but long enough to be read as the head of one '.repeat(20));
    expect(() => openStoreDatabase(text)).toThrow(expect.objectContaining({ kind: 'unavailable' }));
    expect(() => openStoreDatabase(path.join(folder, 'missing', 'a'))).toThrow(
      expect.objectContaining({ kind: 'not-found' }),
    );
  });
});
