import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { history, plantHook, pushWorld, refspec, type World } from './world.ts';

/** Processes that work for a world: its home is in their environment. */
function processesOf(world: World): string[] {
  const mark = `HOME=${world.env.HOME}`;
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
        return command !== '' && readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0').includes(mark);
      } catch {
        return false;
      }
    });
}

function helperOf(world: World): number {
  const found = processesOf(world).find((pid) =>
    readFileSync(`/proc/${pid}/cmdline`, 'utf8')
      .split('\0')
      .some((part) => part.endsWith('git-remote-specstory')),
  );
  if (!found) throw new Error('no helper');
  return Number(found);
}

async function until(condition: () => boolean): Promise<void> {
  for (let tries = 0; tries < 500 && !condition(); tries++) await sleep(10);
  expect(condition()).toBe(true);
}

const isLinux = process.platform === 'linux';

describe.runIf(isLinux)('a helper that is stopped', () => {
  it.each(['SIGINT', 'SIGTERM'] as const)('by %s ends, and leaves nobody behind', async (signal) => {
    let isAsked = false;
    const world = await pushWorld({
      fault: (seen, _response, request) => {
        if (seen.method !== 'POST') return undefined;
        isAsked = true;
        request.resume();
        return 'answered';
      },
    });
    const push = world.start(['push', 'team', refspec]);
    await until(() => isAsked);
    const helper = helperOf(world);
    process.kill(helper, signal);
    const ran = await push.ran;
    expect(ran.code).not.toBe(0);
    expect(ran.err).not.toContain('Everything up-to-date');
    await until(() => processesOf(world).length === 0);
    expect(world.report()).toMatchObject({ outcome: 'unknown', refs: [{ outcome: 'unknown' }] });
  });

  it.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('gives the code of %s, also when it has nothing to do', async (signal, code) => {
    const world = await pushWorld();
    const helper = world.helper('capabilities\n');
    await new Promise((resolve) => helper.stdout?.once('data', resolve));
    helper.kill(signal);
    expect((await helper.ran).code).toBe(code);
  });

  it.each([
    'while it waits for a hook',
    'while refs are asked',
    'while the push is sent',
    'while the answer is awaited',
  ])('R2: kill -9 %s: no orphan, and the next push settles it', async (phase) => {
    let isThere = false;
    const hold = (at: string): void => {
      if (at === phase) isThere = true;
    };
    const world = await pushWorld({
      fault: async (seen, _response, request) => {
        if (seen.method === 'GET' && phase === 'while refs are asked') {
          hold(phase);
          return 'answered';
        }
        if (seen.method !== 'POST' || seen.headers['content-length'] === '4') return undefined;
        hold('while the push is sent');
        if (phase === 'while the answer is awaited') {
          for await (const _bytes of request);
          hold(phase);
          return 'answered';
        }
        return phase === 'while the push is sent' ? 'answered' : undefined;
      },
    });
    if (phase === 'while it waits for a hook')
      plantHook(world.repository, 'pre-push', `[ "$SLOW" ] && touch slow; while [ -e slow ]; do sleep 0.1; done`);
    const tip = world.grow(phase === 'while the push is sent' ? randomBytes(24 << 20) : undefined);
    const push = world.start(['push', 'team', refspec], { SLOW: '1' });
    if (phase === 'while it waits for a hook') await until(() => readdirSync(world.repository).includes('slow'));
    else await until(() => isThere);
    process.kill(helperOf(world), 'SIGKILL');
    if (phase === 'while it waits for a hook') push.kill('SIGKILL');
    rmSync(join(world.repository, 'slow'), { force: true });
    await push.ran;
    await until(() => processesOf(world).length === 0);
    delete world.server.options.fault;
    const again = await world.push();
    expect(again.code, again.err).toBe(0);
    expect(world.stored()).toEqual({ [history]: tip });
  });

  it('git itself is killed: the helper stops', async () => {
    let isAsked = false;
    const world = await pushWorld({
      fault: (seen, _response, request) => {
        if (seen.method !== 'POST') return undefined;
        isAsked = true;
        request.resume();
        return 'answered';
      },
    });
    const push = world.start(['push', 'team', refspec]);
    await until(() => isAsked);
    push.kill('SIGKILL');
    await push.ran;
    await until(() => processesOf(world).length === 0);
    expect(world.report()?.outcome).toBe('unknown');
  });

  it('B14: a server that dies after it stored everything: unknown, then up to date', async () => {
    const world = await pushWorld({ cutAnswer: 0 });
    const ran = await world.push('--porcelain');
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/\(unknown \(/);
    expect(Object.keys(world.stored())).toEqual([history]);
    delete world.server.options.cutAnswer;
    expect((await world.push()).err).toBe('Everything up-to-date\n');
  });
});
