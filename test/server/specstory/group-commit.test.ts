import { setTimeout as pause } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { GroupCommit } from '../../../src/server/specstory/group-commit.ts';

describe('a group commit', () => {
  it('does together what came meanwhile, by key, in order, each with its own outcome', async () => {
    const batches: string[] = [];
    const group = new GroupCommit<number, string>(3, async (key, jobs) => {
      batches.push(`${key}${jobs.join('')}`);
      await pause(5);
      return jobs.map((job) => `${key}${job}`);
    });
    const first = group.add('a', 0);
    await pause(4);
    const more = [1, 2, 3, 4].map((job) => group.add('a', job));
    const other = group.add('b', 9);
    expect(await Promise.all([first, ...more, other])).toEqual(['a0', 'a1', 'a2', 'a3', 'a4', 'b9']);
    expect(batches.filter((one) => one.startsWith('a'))).toEqual(['a0', 'a123', 'a4']);
    expect(await group.add('a', 5)).toBe('a5');
  });

  it('waits for a job that is being made ready, and not for one that fails', async () => {
    const batches: number[][] = [];
    const group = new GroupCommit<number, number>(9, async (_key, jobs) => {
      batches.push([...jobs]);
      return jobs;
    });
    const later = group.expect('a', () => pause(60)).then(() => group.add('a', 2));
    expect(await Promise.all([group.add('a', 1), later])).toEqual([1, 2]);
    expect(batches).toEqual([[1, 2]]);
    const failed = group.expect('a', () => Promise.reject(new Error('no')));
    expect(await Promise.allSettled([failed, group.add('a', 3)])).toMatchObject([{ status: 'rejected' }, { value: 3 }]);
  });

  it('tells all of a batch that failed, and goes on', async () => {
    const group = new GroupCommit<number, number>(9, async (_key, jobs) => {
      if (jobs.includes(13)) throw new Error('no');
      return jobs;
    });
    const settled = await Promise.allSettled([group.add('a', 1), group.add('a', 13)]);
    expect(settled.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(await group.add('a', 2)).toBe(2);
  });
});
