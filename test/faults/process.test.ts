import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { detach, run, start } from '../../src/platform/process.ts';
import { temporaryFolder } from '../git/repositories.ts';

let cwd: string;

beforeEach(() => {
  cwd = temporaryFolder();
});

const env = { PATH: process.env.PATH };
const patient = { timeout: 20_000, maxBytes: 1 << 20 };
const shell = (script: string, options = {}) => run('sh', ['-c', script], { cwd, env, ...patient, ...options });

async function appears(file: string): Promise<string> {
  for (let turn = 0; turn < 500 && !existsSync(file); turn++) await pause(10);
  return readFileSync(file, 'utf8').trim();
}

/** Whether a process does something still; one that nobody waited for is over. */
/** On a busy machine a process that was killed is still there for a moment. */
async function isGone(pid: number): Promise<boolean> {
  for (let tries = 0; tries < 200 && isRunning(pid); tries++) await pause(10);
  return !isRunning(pid);
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !/\) [ZX] /.test(readFileSync(`/proc/${pid}/stat`, 'latin1'));
  } catch {
    return false;
  }
}

describe('run', () => {
  it('gives code, output and the errors of a program, whatever the code', async () => {
    const outcome = await shell('cat; echo problem >&2; pwd; exit 3', { input: 'text\n' });
    expect(outcome).toMatchObject({ code: 3, signal: null, stderr: 'problem\n' });
    expect(outcome.stdout.toString('utf8')).toBe(`text\n${cwd}\n`);
    expect(await shell('kill -TERM $$')).toMatchObject({ code: null, signal: 'SIGTERM' });
  });

  it('passes on the environment it was given, and nothing else', async () => {
    const { stdout } = await run('env', [], { cwd, env: { ...env, ONE: '1', NONE: undefined }, ...patient });
    expect(stdout.toString('utf8').split('\n').filter(Boolean).toSorted()).toEqual(['ONE=1', `PATH=${env.PATH}`]);
  });

  it('kills what takes too long, with all it started', async () => {
    const script = 'sleep 60 & echo $! > pid; wait';
    await expect(shell(script, { timeout: 300 })).rejects.toMatchObject({ kind: 'unavailable', message: /300 ms/ });
    expect(await isGone(Number(await appears(path.join(cwd, 'pid'))))).toBe(true);
  });

  it('does not wait for what left the group and holds the output open', async () => {
    const script = 'setsid sleep 20 & sleep 20';
    await expect(shell(script, { timeout: 300 })).rejects.toMatchObject({ kind: 'unavailable' });
  });

  it('kills what writes too much', async () => {
    await expect(shell('yes', { maxBytes: 100_000 })).rejects.toMatchObject({ message: /more than 100000 bytes/ });
  });

  it('fails when a program that went well has not taken all its input', async () => {
    await expect(shell('exit 0', { input: Buffer.alloc(1 << 20) })).rejects.toMatchObject({ kind: 'unavailable' });
    expect(await shell('exit 4', { input: Buffer.alloc(1 << 20) })).toMatchObject({ code: 4 });
  });

  it('tells a missing program from a missing folder', async () => {
    const missing = run('no-such-program', [], { cwd, env, ...patient });
    await expect(missing).rejects.toMatchObject({ kind: 'unavailable', hint: /install no-such-program/ });
    const nowhere = run('true', [], { cwd: path.join(cwd, 'no'), env, ...patient });
    await expect(nowhere).rejects.toMatchObject({ kind: 'not-found' });
  });
});

describe('start', () => {
  it('leaves the streams to the caller, and ends when it is killed', async () => {
    const child = await start('sh', ['-c', 'sleep 60 & echo $! >&2; cat'], { cwd, env });
    child.stdin.write('ping');
    const [chunk] = await child.stdout.take(1).toArray();
    expect(String(chunk)).toBe('ping');
    child.kill();
    expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });
    expect(await isGone(Number(child.stderr()))).toBe(true);
    child.kill();
  });

  it('survives a child that is gone while it writes', async () => {
    const child = await start('true', [], { cwd, env });
    await child.ended;
    child.stdin.write('x');
    await pause(20);
  });
});

describe('detach', () => {
  it('starts what lives in a session of its own', async () => {
    await detach('sh', ['-c', 'cut -d" " -f1,6 /proc/self/stat > session; echo $$ > pid'], { cwd, env });
    const pid = await appears(path.join(cwd, 'pid'));
    expect((await appears(path.join(cwd, 'session'))).split(' ')[1]).toBe(pid);
    await expect(detach('no-such-program', [], { cwd, env })).rejects.toMatchObject({ kind: 'unavailable' });
  });
});
