import { describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

function captured(...sessions: string[]): Scratch {
  const world = scratch();
  for (const session of sessions) world.plantClaude(session, claudeTranscript(world.repository, session, 2).join(''));
  expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
  return world;
}

function list(world: Scratch, ...args: string[]): Record<string, unknown>[] {
  return JSON.parse(specstory(world, ['list', '--json', ...args]).out);
}

describe('title', () => {
  it('is shown in the list, and taken back', () => {
    const world = captured('s1');
    expect(specstory(world, ['title', 's1', 'The', 'login'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('title "The login"'),
    });
    expect(list(world)[0]).toMatchObject({
      name: 'The login',
      title: 'The login',
      forked: false,
      hidden: false,
      tags: [],
    });
    expect(specstory(world, ['list']).out).toContain('The login');
    const [said] = JSON.parse(specstory(world, ['title', 's1', '-e', '2', 'Second', '--json']).out);
    expect(said).toMatchObject({ session_id: 's1', statement: { kind: 'title', value: 'Second' }, lamport: 2 });
    expect(specstory(world, ['title', 's1', '--clear']).code).toBe(0);
    expect(list(world)[0]).toMatchObject({ name: 'Do step 1', title: null });
    expect(specstory(world, ['title', 's1', '--clear']).out).toBe('nothing to change\n');
  });

  it('needs a text, a session and a set-up', () => {
    const world = captured('s1');
    expect(specstory(world, ['title', 's1'])).toMatchObject({ code: 2, err: expect.stringContaining('--clear') });
    expect(specstory(world, ['title', 's9', 'x'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('specstory list'),
    });
    expect(specstory(world, ['title', 's1', '-e', '9', 'x'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('1 to 2'),
    });
    expect(specstory(scratch(), ['title', 's1', 'x'])).toMatchObject({ code: 2, err: expect.stringContaining('init') });
  });
});

describe('tag', () => {
  it('puts tags on and takes them off', () => {
    const world = captured('s1');
    expect(specstory(world, ['tag', 's1', '+security', '+e2e']).code).toBe(0);
    expect(list(world)[0]?.tags).toEqual(['e2e', 'security']);
    expect(specstory(world, ['list']).out).toContain('#security');
    expect(specstory(world, ['tag', 's1', '+new', '-security'])).toMatchObject({ code: 0 });
    expect(specstory(world, ['tag', 's1', '--', '-e2e'])).toMatchObject({ code: 0 });
    expect(specstory(world, ['tag', 's1', '--list']).out).toBe('new\n');
    expect(JSON.parse(specstory(world, ['tag', 's1', '--json']).out)).toEqual({ session_id: 's1', tags: ['new'] });
    expect(specstory(world, ['tag', 's1', 'new'])).toMatchObject({ code: 2, err: expect.stringContaining('+new') });
    expect(specstory(world, ['tag', 's1', '--lsit'])).toMatchObject({ code: 2 });
  });
});

describe('hide', () => {
  it('leaves a session out of lists and exports until it is asked for', () => {
    const world = captured('s1', 's2');
    expect(specstory(world, ['hide', 's1']).code).toBe(0);
    expect(list(world).map((session) => session.session_id)).toEqual(['s2']);
    expect(list(world, '--all')).toHaveLength(2);
    expect(specstory(world, ['export', '-o', 'out', '--json']).out).not.toContain('s1');
    expect(specstory(world, ['status']).out).toContain('1 hidden');
    expect(specstory(world, ['unhide', 's1']).code).toBe(0);
    expect(list(world)).toHaveLength(2);
  });

  it('leaves exchanges out of what is shown', () => {
    const world = captured('s1');
    expect(specstory(world, ['hide', 's1', '-e', '1']).code).toBe(0);
    const shown = specstory(world, ['show', 's1']);
    expect(shown.out).not.toContain('Do step 1');
    expect(shown.err).toContain('1 hidden exchange left out');
    expect(specstory(world, ['show', 's1', '--all']).out).toContain('Do step 1');
    expect(specstory(world, ['show', 's1', '-e', '1']).out).toContain('Do step 1');
  });
});

describe('delete and purge', () => {
  it('ask, and say what goes and what stays', () => {
    const world = captured('s1', 's2');
    const asked = specstory(world, ['delete', 's1']);
    expect(asked).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
    expect(asked.out).toContain('stays: the text in earlier commits');
    expect(specstory(world, ['delete', 's1', '-n', '--json']).out).toContain('"exchanges": 2');
    expect(list(world)).toHaveLength(2);
    expect(specstory(world, ['delete', 's1', '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('goes'),
    });
    expect(list(world).map((session) => session.session_id)).toEqual(['s2']);
    expect(specstory(world, ['capture', '--json']).out).toContain('"captured": []');
    expect(specstory(world, ['purge', 's1'])).toMatchObject({ code: 2 });
    expect(specstory(world, ['purge', 's1', '--yes'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('git gc --prune=now'),
    });
    expect(specstory(world, ['purge', 's2', '--yes', '--json']).out).toContain('"purged"');
    expect(list(world)).toEqual([]);
  });
});

describe('several writers', () => {
  it('are told apart in the list', () => {
    const [a, b] = [captured('s1'), captured('s2')];
    b.git('config', 'user.name', 'Beth');
    b.plantClaude('s3', claudeTranscript(b.repository, 's3', 1).join(''));
    specstory(b, ['capture']);
    const { writer } = JSON.parse(specstory(b, ['status', '--json']).out);
    a.git('fetch', '-q', b.repository, `+refs/specstory/history:refs/specstory/remotes/origin/${writer}/history`);
    expect(list(a)).toHaveLength(3);
    expect(list(a, '--writer', writer.slice(0, 6)).map((session) => session.author)).toEqual([
      'Beth <developer@example.org>',
      'Beth <developer@example.org>',
    ]);
    expect(specstory(a, ['list']).out).toMatch(/AUTHOR[\s\S]*Beth/);
    expect(specstory(a, ['status']).out).toContain('fetched: the history of 1 other writer');
    expect(specstory(a, ['show', 's3']).out).toContain('Do step 1');
    expect(specstory(a, ['title', 's3', 'From here']).code).toBe(0);
    expect(list(a).find((session) => session.session_id === 's3')).toMatchObject({ title: 'From here', writer });
  });
});
