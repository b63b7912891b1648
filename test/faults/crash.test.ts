import { cpSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { listTree, type Tips, tips } from '../../src/git/read.ts';
import { openRepository } from '../../src/git/repository.ts';
import { checkRepository, git, makeRepository, temporaryFolder } from '../git/repositories.ts';
import { bundle } from './bundle.ts';
import { countCalls, type Fault, hasStrace, runPlain, runWith, type Target } from './strace.ts';

const straced = hasStrace();

it('has strace to strike with', () => {
  if (!straced) console.info('strace is missing: no fault was injected, and nothing is known of crashes');
  if (process.env.CI) expect(straced).toBe(true);
});

/** What a capture starts from, and what it runs then. */
const starts: Record<string, { imports: number; targets: readonly Target[] }> = {
  'the first capture': { imports: 0, targets: ['node', 'fast-import', 'update-ref'] },
  'a capture that consolidates packs': { imports: 19, targets: ['node', 'pack-objects', 'update-ref'] },
};

describe.runIf(straced).each(Object.keys(starts))('B19, B21, R1: a fault at any change of the disk in %s', (name) => {
  const { imports = 0, targets = [] } = starts[name] ?? {};
  let driver: string;
  let start: string;
  let before: Tips;
  let untouched: readonly string[];
  let faults: Fault[];

  const capture = (folder: string, what: string): string[] => [process.execPath, driver, folder, what, '1', '2'];

  beforeAll(async () => {
    driver = await bundle(new URL('./driver.ts', import.meta.url));
    start = makeRepository();
    if (imports > 0) await run(start, 'base', `${imports}`);
    before = await tips(await openRepository(start));
    untouched = others(start);
    faults = [];
    for (const target of targets) {
      const folder = copy();
      for (const call of await countCalls(target, folder, capture(folder, 'counted'))) faults.push(...effects(call));
    }
  }, 120_000);

  function run(folder: string, what: string, times = '1'): Promise<{ code: number | null; output: string }> {
    return runPlain([...capture(folder, what).slice(0, 4), times, '2']);
  }

  function copy(): string {
    const folder = path.join(temporaryFolder(), 'project');
    cpSync(start, folder, { recursive: true, preserveTimestamps: true });
    return folder;
  }

  async function strike(fault: Fault): Promise<'old' | 'new'> {
    const folder = copy();
    const struck = await runWith(fault, capture(folder, 'struck'));
    checkRepository(folder);
    const repository = await openRepository(folder);
    const after = await tips(repository);
    const moved = after.history !== before.history;
    if (moved) expect(after.raw).not.toBe(before.raw);
    if (struck.code === 0) expect(moved).toBe(true);
    if (struck.code === 1) expect(struck.output).toMatch(/^unavailable: /);
    expect(await run(folder, 'next')).toEqual({ code: 0, output: 'done\n' });
    checkRepository(folder);
    const own = readdirSync(path.join(folder, '.git/specstory')).filter((entry) => entry !== 'lock');
    expect(own).toEqual(['packs']);
    expect(readdirSync(path.join(folder, '.git/specstory/lock'))).toEqual([expect.stringMatching(/^\d+\.free$/)]);
    const left = readdirSync(path.join(folder, '.git'), { recursive: true, encoding: 'utf8' });
    expect(left.filter((file) => /\.lock$|\.keep$|tmp_|fast_import_crash/.test(file)).join()).toBe('');
    for (const ref of ['history', 'raw'] as const) {
      const files = (await listTree(repository, `refs/specstory/${ref}`, [])).map((entry) => entry.path);
      const names = [...new Set(files.map((file) => file.split('/')[1]))].filter((entry) => !entry?.startsWith('base'));
      expect(names).toEqual(after[ref] === before[ref] ? ['next-0'] : ['next-0', 'struck-0']);
      expect(files).toHaveLength(2 * (imports + names.length));
    }
    expect(others(folder)).toEqual(untouched);
    rmSync(folder, { recursive: true });
    return moved ? 'new' : 'old';
  }

  it('leaves the repository whole, the next capture complete, and no lock', async () => {
    const ends = { old: 0, new: 0 };
    const wrong: string[] = [];
    const queue = [...faults];
    const work = async (): Promise<void> => {
      for (let fault = queue.pop(); fault; fault = queue.pop()) {
        await strike(fault).then(
          (end) => ends[end]++,
          (thrown) => wrong.push(`${JSON.stringify(fault)}: ${thrown}`),
        );
      }
    };
    await Promise.all([work(), work()]);
    console.info(`${name}: ${faults.length} faults, ref old ${ends.old}, ref new ${ends.new}`);
    expect(wrong).toEqual([]);
    expect(ends.old).toBeGreaterThan(10);
    expect(ends.new).toBeGreaterThan(5);
  }, 240_000);
});

/** A process can die at any call; a disk can be full at those that need room. */
function effects(call: Omit<Fault, 'effect'>): Fault[] {
  const faults: Fault[] = [{ ...call, effect: 'signal=SIGKILL' }];
  if (/^(?:openat|p?write|link|rename|mkdir)/.test(call.call)) faults.push({ ...call, effect: 'error=ENOSPC' });
  if (/sync$/.test(call.call)) faults.push({ ...call, effect: 'error=EIO' });
  return faults;
}

/** What a capture has no business with: index, HEAD, branches, configuration, hooks and the working tree. */
function others(folder: string): string[] {
  const files = ['HEAD', 'config', 'index', 'refs/heads/main'].map((file) => path.join(folder, '.git', file));
  const read = files.map((file) => {
    try {
      return readFileSync(file, 'latin1');
    } catch {
      return 'missing';
    }
  });
  return [
    ...read,
    ...readdirSync(folder),
    ...readdirSync(path.join(folder, '.git/hooks')),
    git(folder, 'branch', '--list'),
  ];
}
