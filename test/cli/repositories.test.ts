import { execFile } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

const program = resolve('dist/specstory.cjs');
const start = promisify(execFile);

function plant(world: Scratch, cwd: string, session: string): void {
  const text = claudeTranscript(cwd, session, 1).join('');
  world.plant(`.claude/projects/${cwd.replace(/[^A-Za-z0-9]/g, '-')}/${session}.jsonl`, text);
}

/** Sets up and captures in `cwd`, and gives the sessions that are listed there. */
function captureIn(world: Scratch, cwd: string): string[] {
  plant(world, cwd, 's1');
  expect(specstory(world, ['init', '--yes'], { cwd })).toMatchObject({ code: 0 });
  expect(specstory(world, ['status', '--json'], { cwd }).code).toBe(0);
  const listed = JSON.parse(specstory(world, ['list', '--json'], { cwd }).out);
  return listed.map(({ session_id: id }: { session_id: string }) => id);
}

describe('B33: every kind of repository', () => {
  it('an unborn branch', () => {
    const world = scratch();
    expect(captureIn(world, world.repository)).toEqual(['s1']);
  });

  it('a detached HEAD', () => {
    const world = scratch();
    world.git('commit', '-qm', 'one', '--allow-empty');
    world.git('checkout', '-q', '--detach');
    expect(captureIn(world, world.repository)).toEqual(['s1']);
  });

  it('SHA-256 objects', () => {
    const world = scratch();
    const cwd = join(world.home, 'sha256');
    world.git('init', '-q', '--object-format=sha256', cwd);
    expect(captureIn(world, cwd)).toEqual(['s1']);
    expect(specstory(world, ['show', 's1'], { cwd }).out).toContain('Do step 1');
  });

  it('a shallow clone and a partial clone', () => {
    const world = scratch();
    for (const message of ['one', 'two']) world.git('commit', '-qm', message, '--allow-empty');
    for (const [name, option] of [
      ['shallow', '--depth=1'],
      ['partial', '--filter=blob:none'],
    ]) {
      const cwd = join(world.home, name ?? '');
      world.git('clone', '-q', option ?? '', `file://${world.repository}`, cwd);
      expect(captureIn(world, cwd)).toEqual(['s1']);
    }
  });

  it('a submodule, whose history is its own', () => {
    const world = scratch();
    const inner = scratch('inner');
    inner.git('commit', '-qm', 'one', '--allow-empty');
    world.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.repository, 'part');
    expect(captureIn(world, join(world.repository, 'part'))).toEqual(['s1']);
    expect(world.git('for-each-ref', 'refs/specstory')).toBe('');
  });

  it('a folder with blanks, quotation marks and other alphabets in its name', () => {
    const world = scratch();
    const cwd = join(world.home, `it's "ours" $HOME ü 日本`);
    mkdirSync(cwd);
    world.git('-C', cwd, 'init', '-q');
    expect(captureIn(world, cwd)).toEqual(['s1']);
  });
});

describe('B23: worktrees that capture at once', () => {
  it('lose nothing and show no error', { timeout: 120_000 }, async () => {
    const world = scratch();
    world.git('commit', '-qm', 'one', '--allow-empty');
    specstory(world, ['init', '--yes']);
    const trees = Array.from({ length: 8 }, (_, index) => `${world.repository}-${index}`);
    for (const tree of trees) world.git('worktree', 'add', '-q', '--detach', tree);
    const captures = trees.map(async (tree, index) => {
      for (let run = 0; run < 4; run++) {
        plant(world, tree, `t${index}-${run}`);
        const { stderr } = await start(process.execPath, [program, 'capture'], { cwd: tree, env: world.env });
        expect(stderr).toBe('');
      }
    });
    await Promise.all(captures);
    expect(JSON.parse(specstory(world, ['list', '--json']).out)).toHaveLength(32);
    expect(world.git('fsck', '--strict')).not.toContain('error');
  });
});
