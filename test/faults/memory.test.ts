import { spawnSync } from 'node:child_process';
import { appendFileSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

const program = resolve('dist/specstory.cjs');

/** Megabytes of resident memory of a capture at its highest, as the process itself reports it. */
function captureIn(world: Scratch): number {
  const [preload, report] = [join(world.home, 'preload.cjs'), join(world.home, 'peak')];
  writeFileSync(
    preload,
    `process.on('exit', () => require('fs').writeFileSync(${JSON.stringify(report)}, String(process.resourceUsage().maxRSS)));`,
  );
  const args = ['--require', preload, program, 'capture', '--json'];
  const ran = spawnSync(process.execPath, args, { cwd: world.repository, env: world.env, encoding: 'utf8' });
  expect(ran.stderr).toBe('');
  expect(JSON.parse(ran.stdout)).toMatchObject({ captured: [{ session_id: 's1' }], failed: [] });
  return Number(readFileSync(report, 'utf8')) / 1024;
}

function begun(): { world: Scratch; path: string; lines: string[] } {
  const world = scratch();
  expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
  const lines = claudeTranscript(world.repository, 's1', 1);
  return { world, path: world.plantClaude('s1', ''), lines };
}

/** Text in which nothing looks like a secret. */
function words(size: number): string {
  return 'the quick brown fox jumps over a lazy dog\n'.repeat(Math.ceil(size / 42)).slice(0, size);
}

/** Megabytes that a capture may take, however large the transcript is. */
const most = 350;

describe('B26: a transcript larger than anybody should have is read in a stream', () => {
  it('with lines of 20 MB', { timeout: 120_000 }, () => {
    const { world, path } = begun();
    const lines = claudeTranscript(world.repository, 's1', 5);
    const output = JSON.stringify(words(10 << 20)).slice(1, -1);
    const long = lines.map((line) =>
      line.replaceAll(/"(stdout|content)":"\d\\n"/g, (_, name) => `"${name}":"${output}"`),
    );
    for (const line of long) appendFileSync(path, line);
    expect(long.filter(({ length }) => length > 20 << 20)).toHaveLength(5);
    const peak = captureIn(world);
    console.info(`five lines of 20 MB: ${peak.toFixed(0)} MB`);
    expect(peak).toBeLessThan(most);
  });

  it('with 200,000 lines', { timeout: 120_000 }, () => {
    const { world, path, lines } = begun();
    for (let turn = 0; turn < 400; turn++) appendFileSync(path, exchange(lines, turn, 500));
    const peak = captureIn(world);
    console.info(`${statSync(path).size >> 20} MB in 200,000 lines: ${peak.toFixed(0)} MB`);
    expect(peak).toBeLessThan(most);
  });
});

/** A prompt and its answer in `count` lines. */
function exchange([prompt = '', said = '']: readonly string[], turn: number, count: number): string {
  let parent: string | null = null;
  const line = (text: string, index: number): string => {
    const uuid = `${turn}-${index}`;
    const record = { ...JSON.parse(text), uuid, parentUuid: parent };
    if (index > 0) record.message = { ...record.message, id: `msg-${uuid}` };
    parent = uuid;
    return `${JSON.stringify(record)}\n`;
  };
  return Array.from({ length: count }, (_, index) => line(index === 0 ? prompt : said, index)).join('');
}
