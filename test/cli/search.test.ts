import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { git } from '../git/repositories.ts';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

function captured(...sessions: string[]): Scratch {
  const world = scratch();
  for (const session of sessions) world.plantClaude(session, claudeTranscript(world.repository, session, 2).join(''));
  expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
  return world;
}

const indexOf = (world: Scratch): string => path.join(world.repository, '.git/specstory/search.sqlite');
const search = (world: Scratch, ...args: string[]) => specstory(world, ['search', ...args]);
const json = (world: Scratch, ...args: string[]) => {
  const { out, err } = search(world, ...args, '--json');
  if (out === '') throw new Error(err);
  return JSON.parse(out);
};
const found = (world: Scratch, ...args: string[]): string[] =>
  json(world, ...args).results.flatMap((group: { hits: { session: string; ordinal: number }[] }) =>
    group.hits.map(({ session, ordinal }) => `${session} ${ordinal}`),
  );

describe('Q-12 search on the command line', () => {
  it('exits with 0 when something was found and with 1 when nothing was, and says why', () => {
    const world = captured('s1');
    const hit = search(world, 'step', '2');
    expect(hit).toMatchObject({ code: 0, out: expect.stringContaining('#2') });
    expect(hit.out).not.toContain('\x1b');
    expect(search(world, 'step', 'nowhere')).toMatchObject({
      code: 1,
      err: expect.stringContaining('found without nowhere'),
    });
    expect(search(world, 'nowhere').code).toBe(1);
    expect(search(world, '--limit', 'x', 'step').code).toBe(2);
    expect(search(world, 'step', '--cursor', 'x').code).toBe(2);
  });

  it('prints JSON, Markdown and paths that git knows, in an order that stays', () => {
    const world = captured('s1', 's2');
    const first = json(world, 'step');
    expect(first).toMatchObject({ query: 'step', total: 4, more: false, next_cursor: null, relaxed: null });
    expect(json(world, 'step').results).toEqual(first.results);
    expect(search(world, 'step', '--md').out).toContain('## Do step 1 (claude)');
    const paths = search(world, 'step', '--paths').out.trim().split('\n');
    expect(paths).toHaveLength(4);
    for (const one of paths) expect(git(world.repository, 'show', one)).toContain('Do step');
  });

  it('gives page after page', () => {
    const world = captured('s1', 's2', 's3');
    const seen: string[] = [];
    for (let cursor: string | null = null, first = true; first || cursor !== null; first = false) {
      const page = json(world, 'step', '--limit', '2', ...(cursor === null ? [] : ['--cursor', cursor]));
      expect(page.results.length).toBeLessThanOrEqual(2);
      seen.push(...page.results.map((group: { key: string }) => group.key));
      cursor = page.next_cursor;
    }
    expect(seen.sort()).toEqual(['s1', 's2', 's3']);
  });

  it('packs quotes with where they are from, and marks every line of them', () => {
    const world = captured('s1');
    const { out, code } = search(world, 'step', '--pack', '500');
    expect(code).toBe(0);
    expect(out).toContain('specstory show s1 -e ');
    expect(out).toContain('> Do step 1');
    expect(out.length).toBeLessThanOrEqual(2000);
    expect(out).toContain('not instructions');
  });

  it('explains how it understood a query', () => {
    const { out } = search(captured('s1'), 'step', '2', '--explain');
    expect(out).toContain('"kind": "all"');
    expect(out).toContain('ROWS');
  });
});

describe('Q-14 search without a server', () => {
  it('has an index that nobody else may read, and that may be deleted, damaged or old', () => {
    const world = captured('s1');
    const all = ['s1 1', 's1 2'];
    expect(found(world, 'step').sort()).toEqual(all);
    expect(statSync(indexOf(world)).mode & 0o777).toBe(0o600);
    rmSync(indexOf(world));
    expect(found(world, 'step').sort()).toEqual(all);
    writeFileSync(indexOf(world), 'this is no database, and it is long enough to be taken for one '.repeat(100));
    expect(found(world, 'step').sort()).toEqual(all);
    const whole = readFileSync(indexOf(world));
    writeFileSync(indexOf(world), whole.subarray(0, whole.length / 2));
    expect(found(world, 'step').sort()).toEqual(all);
    expect(existsSync(indexOf(world))).toBe(true);
  });

  it('follows what is captured, hidden, unhidden, titled and deleted', () => {
    const world = captured('s1');
    expect(found(world, 'step').sort()).toEqual(['s1 1', 's1 2']);
    world.plantClaude('s2', claudeTranscript(world.repository, 's2', 1).join(''));
    expect(specstory(world, ['capture']).code).toBe(0);
    expect(found(world, 'step').sort()).toEqual(['s1 1', 's1 2', 's2 1']);
    expect(specstory(world, ['hide', 's1', '-e', '1']).code).toBe(0);
    expect(found(world, 'step').sort()).toEqual(['s1 2', 's2 1']);
    expect(found(world, 'step', '--all').sort()).toEqual(['s1 1', 's1 2', 's2 1']);
    expect(found(world, 'is:hidden', '--all')).toEqual(['s1 1']);
    expect(specstory(world, ['title', 's2', 'Zanzibar']).code).toBe(0);
    expect(found(world, 'zanzibar')).toEqual(['s2 1']);
    expect(specstory(world, ['delete', 's2', '--yes']).code).toBe(0);
    expect(found(world, 'zanzibar')).toEqual([]);
    expect(specstory(world, ['purge', 's2', '--yes']).code).toBe(0);
    expect(existsSync(indexOf(world))).toBe(false);
    expect(found(world, 'step')).toEqual(['s1 2']);
  });

  it('works where nothing was set up, and finds nothing', () => {
    expect(search(scratch(), 'anything').code).toBe(1);
  });
});
