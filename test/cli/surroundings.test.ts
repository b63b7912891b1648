import { spawnSync } from 'node:child_process';
import { chownSync, existsSync, lstatSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

const nobody = 65_534;

function initialised(): Scratch {
  const world = scratch();
  expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
  return world;
}

/** Gives everything to somebody who may not write the repository. */
function readOnly(world: Scratch): void {
  spawnSync('chmod', ['-R', 'a-w', world.repository]);
  spawnSync('chown', ['-R', `${nobody}:${nobody}`, world.repository, world.home]);
  chownSync(dirname(world.home), nobody, nobody);
}

function asNobody(world: Scratch, program: string, args: readonly string[]) {
  const options = { cwd: world.repository, env: world.env, uid: nobody, gid: nobody, encoding: 'utf8' as const };
  const { status, stdout, stderr } = spawnSync(program, args, { ...options, timeout: 50_000 });
  return { code: status, out: stdout, err: stderr };
}

/** Every path below a folder. */
function paths(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort();
}

describe('B22, R9: where nothing can be written', () => {
  it.runIf(process.getuid?.() === 0)(
    'a capture says so in two lines, and a commit hook says nothing and ends well',
    () => {
      const world = initialised();
      world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
      readOnly(world);
      const before = paths(world.repository);
      const { code, err } = asNobody(world, process.execPath, [resolve('dist/specstory.cjs'), 'capture']);
      expect(code).toBe(1);
      expect(err).toMatch(/^specstory: cannot write .*\n {2}hint: .*\n$/);
      expect(asNobody(world, join(world.repository, '.git/hooks/pre-commit'), [])).toEqual({
        code: 0,
        out: '',
        err: '',
      });
      expect(paths(world.repository)).toEqual(before);
    },
  );

  it('a person without a home has a history all the same', () => {
    const world = initialised();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    const env = { HOME: undefined, CLAUDE_CONFIG_DIR: join(world.home, '.claude') };
    expect(specstory(world, ['capture'], { env })).toMatchObject({ code: 0 });
    expect(specstory(world, ['list'], { env }).out).toContain('s1');
  });

  it('a home that is a file stops nothing', () => {
    const world = initialised();
    const file = world.plant('nothing', '');
    const claude = world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    const env = { HOME: file, CLAUDE_CONFIG_DIR: dirname(dirname(dirname(claude))) };
    expect(specstory(world, ['capture'], { env })).toMatchObject({ code: 0 });
    expect(specstory(world, ['list'], { env }).out).toContain('s1');
  });
});

describe('B34: no repository, or one that nobody else knows', () => {
  it('is named with what to do', () => {
    const world = scratch();
    for (const args of [['capture'], ['list'], ['status'], ['init', '--yes'], ['sync']]) {
      const { code, err } = specstory(world, args, { cwd: world.home });
      expect({ args, code }).toEqual({ args, code: 1 });
      expect(err).toMatch(/^specstory: no git repository at .*\n {2}hint: .*\n$/);
    }
  });

  it('without a remote it is captured like any other', () => {
    const world = initialised();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    expect(specstory(world, ['capture'])).toMatchObject({ code: 0 });
    expect(world.git('remote')).toBe('');
    expect(world.git('for-each-ref', 'refs/specstory/history')).not.toBe('');
  });
});

describe('B39: ids of sessions that were made to reach elsewhere', () => {
  const ids = [
    '../../x',
    '/etc/passwd',
    'CON',
    'nul.txt',
    '-rf',
    '.git',
    'a:b',
    '😀',
    '\u202egnp',
    'a\nb',
    'x'.repeat(5000),
    ' ',
    '..',
    'a..b',
    'x.lock',
    'x-1',
  ];

  it.each(ids.map((id) => [id.slice(0, 20), id] as const))('%j is kept inside the tree', (_, id) => {
    const world = initialised();
    world.plantClaude('hostile', claudeTranscript(world.repository, id, 1).join(''));
    const before = paths(dirname(world.home)).filter((path) => !path.startsWith('project/.git/'));
    expect(specstory(world, ['capture'])).toMatchObject({ code: 0 });
    const tree = world.git('ls-tree', '-r', '-z', '--name-only', 'refs/specstory/history').split('\0').filter(Boolean);
    for (const path of tree)
      expect(path).toMatch(/^(?:specstory\.json|sessions\/[0-9a-f]{2}\/[A-Za-z0-9][\w.-]{0,99}\/.*)$/);
    for (const path of tree) expect(path).not.toMatch(/\.\.|\.lock|\/(?:con|nul)\b/i);
    const after = paths(dirname(world.home)).filter((path) => !path.startsWith('project/.git/'));
    expect(after.filter((path) => !before.includes(path) && !path.includes('.local'))).toEqual([]);
    expect(JSON.parse(specstory(world, ['list', '--json']).out)).toHaveLength(1);
    // Writing files out is where a name could do harm.
    const folder = join(world.home, 'out');
    expect(specstory(world, ['export', '-o', folder])).toMatchObject({ code: 0 });
    for (const name of readdirSync(folder)) expect(lstatSync(join(folder, name)).isFile()).toBe(true);
    expect(readFileSync('/etc/passwd', 'utf8')).not.toContain('Do step');
    expect(existsSync(join(world.home, 'x'))).toBe(false);
    rmSync(folder, { recursive: true });
  });
});
