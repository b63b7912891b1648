import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { withLock } from '../../src/platform/lock.ts';
import { temporaryFolder } from '../git/repositories.ts';
import { bundle } from './bundle.ts';

let locker: string;
let folder: string;

beforeAll(async () => {
  locker = await bundle(new URL('./locker.ts', import.meta.url));
});

beforeEach(() => {
  folder = path.join(temporaryFolder(), 'lock');
});

async function holder(): Promise<ChildProcess> {
  const child = spawn(process.execPath, [locker, folder, '60000'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  return child;
}

async function outputOf(...args: string[]): Promise<string> {
  const child = spawn(process.execPath, [locker, ...args], { stdio: ['ignore', 'pipe', 'inherit'] });
  let output = '';
  child.stdout.on('data', (chunk) => {
    output += chunk;
  });
  await once(child, 'close');
  return output;
}

const ask = (wait: number) => withLock(folder, { wait, purpose: 'ask' }, async ({ recovered }) => recovered);

describe('B20: withLock between processes', () => {
  it('is recovered exactly once when its owner is killed while many wait', async () => {
    const owner = await holder();
    const waiting = Array.from({ length: 6 }, () => outputOf(folder, '20'));
    await expect(ask(300)).rejects.toMatchObject({ kind: 'conflict', message: new RegExp(`process ${owner.pid} `) });
    owner.kill('SIGKILL');
    const all = (await Promise.all(waiting)).toSorted();
    expect(all).toEqual(['recovered\nlet go\n', ...Array(5).fill('taken\nlet go\n')]);
    expect(readdirSync(folder)).toEqual(['7.free']);
  });

  it('is respected while its owner is stopped', async () => {
    const owner = await holder();
    owner.kill('SIGSTOP');
    await expect(ask(300)).rejects.toMatchObject({ kind: 'conflict' });
    owner.kill('SIGKILL');
    await once(owner, 'close');
    expect(await ask(5000)).toBe(true);
  });

  it.runIf(process.platform === 'linux')('is recovered from an owner that nobody has waited for', async () => {
    const script = `'${process.execPath}' '${locker}' '${folder}' 60000 & exec sleep 60`;
    const parent = spawn('sh', ['-c', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(parent.stdout, 'data');
    const [name = ''] = readdirSync(folder);
    const { pid } = JSON.parse(readFileSync(path.join(folder, name), 'utf8'));
    process.kill(pid, 'SIGKILL');
    expect(await ask(5000)).toBe(true);
    expect(process.kill(pid, 0)).toBe(true);
    parent.kill('SIGKILL');
  });
});
