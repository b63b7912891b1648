import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, makeScratch } from '../hosts/scratch.ts';
import { countCalls, type Fault, hasStrace, runWith } from './strace.ts';

const program = [process.execPath, path.resolve('dist/specstory.cjs'), 'capture'];

/** What the whole program changes on a disk, its memory included; git's own calls are struck in crash.test.ts. */
describe.runIf(hasStrace())('B19, B21, R1: a fault at any change of the disk in a whole capture', () => {
  const home = process.env.HOME;
  const folder = process.cwd();
  let world: ReturnType<typeof makeScratch>;
  let start: string;
  let expected: string;
  let faults: Fault[];

  const tree = () => ['history', 'raw'].map((ref) => world.git('ls-tree', '-r', `refs/specstory/${ref}`)).join('');

  /** The same folder each time, because transcripts name it. */
  function restore(): void {
    process.chdir('/');
    rmSync(path.dirname(world.home), { recursive: true, maxRetries: 5 });
    cpSync(start, path.dirname(world.home), { recursive: true, preserveTimestamps: true });
    process.chdir(world.repository);
  }

  beforeAll(async () => {
    world = makeScratch('project');
    start = `${path.dirname(world.home)}-start`;
    const lines = claudeTranscript(world.repository, 's1', 3);
    const transcript = world.plantClaude('s1', lines.slice(0, 7).join(''));
    expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
    appendFileSync(transcript, lines.slice(7).join(''));
    world.plantClaude('s2', claudeTranscript(world.repository, 's2', 1).join(''));
    cpSync(path.dirname(world.home), start, { recursive: true, preserveTimestamps: true });
    process.env.HOME = world.home;
    restore();
    const calls = await countCalls('node', path.dirname(world.home), program);
    expected = tree();
    faults = calls.flatMap((call): Fault[] => [
      { ...call, effect: 'signal=SIGKILL' },
      ...(/^(?:openat|p?write|link|rename|mkdir)/.test(call.call)
        ? [{ ...call, effect: 'error=ENOSPC' } as const]
        : []),
    ]);
  }, 60_000);

  afterAll(() => {
    process.chdir(folder);
    if (home === undefined) delete process.env.HOME;
    else process.env.HOME = home;
    rmSync(start, { recursive: true, force: true });
    world.remove();
  });

  it('loses nothing, stores nothing twice, and the next capture is complete', { timeout: 400_000 }, async () => {
    const wrong: string[] = [];
    for (const fault of faults) {
      restore();
      await runWith(fault, program);
      const fsck = execFileSync('git', ['fsck', '--strict', '--no-dangling'], { encoding: 'utf8', stdio: 'pipe' });
      const next = specstory(world, ['capture']);
      const left = readdirSync('.git/specstory').filter((name) => /^import-|\.tmp$|new-/.test(name));
      const isRight =
        fsck === '' &&
        next.code === 0 &&
        tree() === expected &&
        left.length === 0 &&
        world.git('status', '--porcelain') === '';
      if (!isRight) wrong.push(`${JSON.stringify(fault)}: ${next.code} ${next.err} ${left.join()} ${fsck}`);
    }
    console.info(`a whole capture: ${faults.length} faults`);
    expect(wrong).toEqual([]);
    expect(faults.length).toBeGreaterThan(40);
    expect(existsSync('.git/index.lock')).toBe(false);
  });
});
