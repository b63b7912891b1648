import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../src/platform/lock.ts';
import { parseOwner, presence, thisOwner } from '../../src/platform/lock-owner.ts';

let parent: string;
let folder: string;

beforeEach(() => {
  parent = mkdtempSync(path.join(tmpdir(), 'specstory-'));
  folder = path.join(parent, 'lock');
});

afterEach(() => {
  rmSync(parent, { recursive: true, force: true });
});

const patient = { wait: 20_000, purpose: 'test' };
const me = thisOwner('test');

function leave(number: number, content: string, age = 0): void {
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${number}.held`);
  writeFileSync(file, content);
  const time = new Date(Date.now() - age);
  utimesSync(file, time, time);
}

describe('withLock', () => {
  it('lets one at a time in, all in the end, and gives what the work gives', async () => {
    let inside = 0;
    const work = async (): Promise<number> => {
      expect(++inside).toBe(1);
      await pause(1);
      return inside--;
    };
    const all = await Promise.all(Array.from({ length: 20 }, () => withLock(folder, patient, work)));
    expect(all).toEqual(Array(20).fill(1));
    expect(readdirSync(folder)).toEqual(['20.free']);
  });

  it('lets go when the work throws', async () => {
    await expect(withLock(folder, patient, () => Promise.reject(new Error('work')))).rejects.toThrow('work');
    expect(await withLock(folder, { ...patient, wait: 0 }, async ({ recovered }) => recovered)).toBe(false);
  });

  it('says who holds it when the wait is over', async () => {
    await withLock(folder, { ...patient, purpose: 'capture' }, async () => {
      const second = withLock(folder, { wait: 20, purpose: 'sync' }, async () => 'in');
      await expect(second).rejects.toMatchObject({ kind: 'conflict', message: /process \d+ \(capture, since / });
    });
    expect(readdirSync(folder)).toEqual(['1.free']);
  });

  it.each([
    ['a process that is gone', { ...me, pid: 4_000_000 }, 0],
    ['a process before the last start of the machine', { ...me, boot: 'earlier' }, 0],
    ['a process on another machine without a sign of life', { ...me, place: 'elsewhere' }, 130_000],
  ])('recovers from %s, once', async (_, owner, age) => {
    leave(7, JSON.stringify(owner), age);
    const ask = () => withLock(folder, patient, async ({ recovered }) => recovered);
    const all = await Promise.all(Array.from({ length: 8 }, ask));
    expect(all.filter(Boolean)).toHaveLength(1);
    expect(readdirSync(folder)).toEqual(['15.free']);
  });

  it.each([
    ['a live process', JSON.stringify(me), 0],
    ['a process on another machine with a sign of life', JSON.stringify({ ...me, place: 'elsewhere' }), 60_000],
    ['a file that is being written', '{"pid":', 0],
  ])('respects %s', async (_, content, age) => {
    leave(7, content, age);
    const second = withLock(folder, { wait: 30, purpose: 'x' }, async () => 'in');
    await expect(second).rejects.toMatchObject({ kind: 'conflict' });
    expect(readFileSync(path.join(folder, '7.held'), 'utf8')).toBe(content);
  });

  it.each(['', 'null', '{"pid":"x"}', '\0'])('recovers from content %j when it is old', async (content) => {
    leave(3, content, 130_000);
    expect(await withLock(folder, patient, async ({ recovered }) => recovered)).toBe(true);
  });

  it('clears away drafts and turns that are over', async () => {
    leave(1, '');
    leave(2, '');
    writeFileSync(path.join(folder, 'new-1-x'), '');
    writeFileSync(path.join(folder, '3.free'), '');
    expect(await withLock(folder, patient, async () => readdirSync(folder))).toEqual(['4.held']);
  });

  it('says so when the folder cannot be used', async () => {
    writeFileSync(folder, 'a file');
    await expect(withLock(folder, patient, async () => 'in')).rejects.toMatchObject({ name: 'SpecstoryError' });
  });
});

describe('presence', () => {
  it('knows this process from a later one of its number', () => {
    expect(parseOwner(JSON.stringify(me))).toEqual(me);
    expect(presence(me)).toBe(me.start === '' ? 'unsure' : 'there');
    expect(presence({ ...me, start: '1' })).toBe(me.start === '' ? 'unsure' : 'gone');
    expect(presence(undefined)).toBe('unsure');
  });
});
