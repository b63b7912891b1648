import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { agentCommand } from '../../src/client/install/hook-script.ts';
import { agentHook, Sandbox } from './sandbox.ts';

let sandbox: Sandbox;
beforeEach(async () => {
  sandbox = new Sandbox();
  await sandbox.install();
});
afterEach(() => sandbox.remove());

/** As an agent does it: a command line for a shell, JSON on the input, an eye on what comes out. */
function call(options: { cwd: string; env?: Record<string, string>; input?: string; script?: string }) {
  const { cwd, env = {}, input = '{}', script = agentHook } = options;
  const command = agentCommand(script, 'claude');
  const { status, stdout, stderr, error } = spawnSync('sh', ['-c', command], {
    cwd,
    env: { ...process.env, ...env },
    input,
    encoding: 'utf8',
  });
  expect({ status, stdout, stderr, error }).toEqual({ status: 0, stdout: '', stderr: '', error: undefined });
}

describe('agent-hook', () => {
  it('passes shellcheck where it is installed', () => {
    const outcome = spawnSync('shellcheck', ['-s', 'sh', '-S', 'style', '-e', 'SC1091', agentHook], {
      encoding: 'utf8',
    });
    if (outcome.error) console.info('shellcheck is not installed');
    else expect(outcome.stdout).toBe('');
  });

  it('hands what the agent said to a worker and does not wait for it', async () => {
    sandbox.slow(1000);
    sandbox.settle();
    // More than a pipe holds, so that an unread input would stop the agent.
    const input = JSON.stringify({ session_id: 's', last_assistant_message: 'x'.repeat(300_000) });
    mkdirSync(path.join(sandbox.root, 'deep/er'), { recursive: true });
    call({ cwd: path.join(sandbox.root, 'deep/er'), input, env: { GIT_DIR: '/nowhere', GIT_INDEX_FILE: '/nowhere' } });
    expect(sandbox.runs()).toEqual([]);
    const [run] = await sandbox.waitForRuns(1);
    expect(run).toMatchObject({
      argv: [sandbox.common, 'agent', 'claude'],
      cwd: path.join(sandbox.root, 'deep/er'),
      leadsSession: true,
    });
    expect(run?.input).toBe(input);
    expect(Object.keys(run?.env ?? {}).filter((name) => name.startsWith('GIT_'))).toEqual([]);
  });

  it('finds the repository that the agent names when it works elsewhere', async () => {
    for (const name of ['CLAUDE_PROJECT_DIR', 'GEMINI_PROJECT_DIR', 'CURSOR_PROJECT_DIR']) {
      call({ cwd: sandbox.folder, env: { [name]: sandbox.root } });
    }
    expect((await sandbox.waitForRuns(3)).map(({ cwd }) => cwd)).toEqual([sandbox.root, sandbox.root, sandbox.root]);
  });

  it('does nothing in a repository that was not set up, or in none, and still reads its input', async () => {
    const other = new Sandbox('other');
    const input = 'x'.repeat(300_000);
    call({ cwd: other.root, input });
    call({ cwd: other.folder, input });
    // Where the hook is gone, nobody is left to read.
    call({ cwd: other.folder, input: '', script: path.join(other.folder, 'gone', 'agent-hook') });
    call({ cwd: other.folder, input, env: { CLAUDE_PROJECT_DIR: '/nowhere', HOME: '' } });
    expect(await other.noRuns()).toEqual([]);
    expect(sandbox.runs()).toEqual([]);
    other.remove();
  });
});
