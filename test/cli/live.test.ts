import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, chmodSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

const program = resolve('dist/specstory.cjs');

/** Waits for what a process in the background does; the test's own limit is the deadline. */
async function until(what: () => boolean): Promise<void> {
  while (!what()) await sleep(50);
}

function sessions(world: Scratch): { session_id: string; exchanges: number }[] {
  return JSON.parse(specstory(world, ['list', '--json']).out);
}

describe('watch', () => {
  it('captures what agents write and tells it as events, until it is stopped', async () => {
    const world = scratch();
    const lines = claudeTranscript(world.repository, 's1', 3);
    const path = world.plantClaude('s1', lines.slice(0, 5).join(''));
    expect(specstory(world, ['init', '--yes']).code).toBe(0);
    const child = spawn(process.execPath, [program, 'watch', '--json', '--interval', '0.1'], {
      cwd: world.repository,
      env: world.env,
    });
    const events: { action: string; session_id: string; exchanges_added: number }[] = [];
    createInterface(child.stdout).on('line', (line) => events.push(JSON.parse(line)));
    await sleep(300);
    appendFileSync(path, lines.slice(5, 10).join(''));
    await until(() => events.length > 0);
    world.plantClaude('s2', claudeTranscript(world.repository, 's2', 1).join(''));
    await until(() => events.some((event) => event.session_id === 's2'));
    child.kill('SIGINT');
    const [code] = await once(child, 'exit');
    expect(code).toBe(0);
    expect(events).toContainEqual(
      expect.objectContaining({ action: 'updated', session_id: 's1', provider: 'claude', exchanges_added: 1 }),
    );
    expect(events).toContainEqual(expect.objectContaining({ action: 'created', session_id: 's2' }));
    expect(sessions(world)).toMatchObject([{ session_id: 's1', exchanges: 2 }, { session_id: 's2' }]);
  });
});

describe('run', () => {
  it('starts an agent, captures what it did, and ends with its exit code', () => {
    const world = scratch();
    expect(specstory(world, ['init', '--yes']).code).toBe(0);
    const transcript = join(world.home, 'transcript.jsonl');
    writeFileSync(transcript, claudeTranscript(world.repository, 'live', 1).join(''));
    const folder = join(world.home, '.claude/projects', world.repository.replace(/[^A-Za-z0-9]/g, '-'));
    const agent = join(world.home, 'agent');
    writeFileSync(
      agent,
      `#!/bin/sh\nmkdir -p '${folder}'\ncp '${transcript}' '${folder}/live.jsonl'\necho "args: $*"\nexit 7\n`,
    );
    chmodSync(agent, 0o755);
    const ran = specstory(world, ['run', 'claude', '-c', agent, '--', '--model', 'x']);
    expect(ran).toMatchObject({ code: 7, out: expect.stringContaining('args: --model x') });
    expect(sessions(world)).toMatchObject([{ session_id: 'live', exchanges: 1 }]);
  });

  it('knows which agents can be started', () => {
    const world = scratch();
    specstory(world, ['init', '--yes']);
    expect(specstory(world, ['run', 'copilotide'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('claude, codex'),
    });
    expect(specstory(world, ['run', 'claude', '-c', '/no/such/program'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('/no/such/program'),
    });
  });
});

describe('the git hooks', () => {
  it('capture at a commit, in the background, from any worktree', async () => {
    const world = scratch();
    expect(specstory(world, ['init', '--yes']).code).toBe(0);
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    world.git('commit', '-qm', 'one', '--allow-empty');
    await until(() => world.git('for-each-ref', 'refs/specstory').includes('history'));
    const linked = `${world.repository}-linked`;
    world.git('worktree', 'add', '-q', linked);
    world.plant(
      `.claude/projects/${linked.replace(/[^A-Za-z0-9]/g, '-')}/s2.jsonl`,
      claudeTranscript(linked, 's2', 1).join(''),
    );
    world.git('-C', linked, 'commit', '-qm', 'two', '--allow-empty');
    await until(() => world.git('log', '--format=%B', 'refs/specstory/history').includes('Session: s2'));
    const folder = join(world.repository, '.git/specstory');
    await until(() => !readdirSync(join(folder, 'worker.lock')).some((name) => name.endsWith('.held')));
    expect(readdirSync(folder)).not.toContain('problem');
    expect(world.git('status', '--porcelain')).toBe('');
  });
});
