import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { appendLine, readIfThere, replaceFile } from '../../src/platform/atomic-file.ts';

let folder: string;
let file: string;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'specstory-'));
  file = path.join(folder, 'file');
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const mode = (of: string): number => statSync(of).mode & 0o777;

describe('replaceFile', () => {
  it('makes a file, then replaces it and keeps its mode', async () => {
    await replaceFile(file, 'one');
    chmodSync(file, 0o750);
    const before = statSync(file).ino;
    await replaceFile(file, Buffer.from('two'));
    expect([readFileSync(file, 'utf8'), mode(file)]).toEqual(['two', 0o750]);
    expect(statSync(file).ino).not.toBe(before);
    expect(readdirSync(folder)).toEqual(['file']);
  });

  it('gives the mode that is asked for, whatever the umask', async () => {
    await replaceFile(file, 'one', { mode: 0o666 });
    expect(mode(file)).toBe(0o666);
    await replaceFile(file, 'two', { mode: 0o600 });
    expect(mode(file)).toBe(0o600);
  });

  it('replaces the target of a link, and keeps the link', async () => {
    mkdirSync(path.join(folder, 'there'));
    const target = path.join(folder, 'there/target');
    writeFileSync(target, 'one');
    symlinkSync(target, file);
    await replaceFile(file, 'two');
    expect(lstatSync(file).isSymbolicLink()).toBe(true);
    expect(readFileSync(target, 'utf8')).toBe('two');
  });

  it('says what it could not write, and leaves nothing behind', async () => {
    await expect(replaceFile(path.join(folder, 'no/file'), 'x')).rejects.toMatchObject({ kind: 'not-found' });
    mkdirSync(file);
    await expect(replaceFile(file, 'x')).rejects.toMatchObject({ name: 'SpecstoryError' });
    expect(readdirSync(folder)).toEqual(['file']);
  });
});

describe('appendLine', () => {
  it('adds lines, and ends one that a crash left open', async () => {
    await appendLine(file, 'one');
    await appendLine(file, 'two');
    writeFileSync(file, 'torn', { flag: 'a' });
    await appendLine(file, 'three');
    expect(readFileSync(file, 'utf8')).toBe('one\ntwo\ntorn\nthree\n');
  });

  it('loses no line when many are added at once', async () => {
    await Promise.all(Array.from({ length: 50 }, (_, at) => appendLine(file, `line ${at}`)));
    expect(readFileSync(file, 'utf8').split('\n').filter(Boolean)).toHaveLength(50);
  });
});

describe('readIfThere', () => {
  it('gives the text, nothing, or the reason', async () => {
    expect(await readIfThere(file)).toBeUndefined();
    writeFileSync(file, 'text');
    expect(await readIfThere(file)).toBe('text');
    expect(await readIfThere(path.join(file, 'below'))).toBeUndefined();
    await expect(readIfThere(folder)).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
