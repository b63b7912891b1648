import { appendFileSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { specstory } from '../hosts/program.ts';
import { claudeTranscript, type Scratch, scratch } from '../hosts/scratch.ts';

function initialised(): Scratch {
  const world = scratch();
  expect(specstory(world, ['init', '--yes'])).toMatchObject({ code: 0 });
  return world;
}

function list(world: Scratch) {
  return JSON.parse(specstory(world, ['list', '--json']).out);
}

function capture(world: Scratch) {
  const { code, out } = specstory(world, ['capture', '--json']);
  return { code, ...JSON.parse(out) };
}

/** Everything that refs reach, as one text. */
function everything(world: Scratch, ref = 'refs/specstory/history'): string {
  const ids = world
    .git('rev-list', '--objects', ref)
    .split('\n')
    .map((line) => line.split(' ')[0] ?? '');
  return ids
    .filter(Boolean)
    .map((id) => world.git('cat-file', '-p', id))
    .join('\n');
}

// The numbers are those of the acceptance table of bad inputs and faults.
describe('bad input', () => {
  it('B25: a line that is half written waits for its other half', () => {
    const world = initialised();
    const text = claudeTranscript(world.repository, 's1', 2).join('');
    const path = world.plantClaude('s1', text.slice(0, -40));
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    appendFileSync(path, text.slice(-40));
    capture(world);
    expect(list(world)).toMatchObject([{ session_id: 's1', exchanges: 2 }]);
    expect(everything(world, 'refs/specstory/raw')).toContain('"stop_reason":"end_turn"');
  });

  it('B27: records of an unknown kind are counted and kept', () => {
    const world = initialised();
    const strange = {
      type: 'hologram',
      uuid: 'x',
      sessionId: 's1',
      cwd: world.repository,
      payload: 'from the year 2030',
    };
    const lines = [...claudeTranscript(world.repository, 's1', 1), `${JSON.stringify(strange)}\n`];
    world.plantClaude('s1', lines.join(''));
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    expect(everything(world)).toMatch(/unknown: \{?\s*hologram: 1/);
    expect(everything(world, 'refs/specstory/raw')).toContain('from the year 2030');
  });

  it('B27: a transcript of which nothing is understood is kept as it is', () => {
    const world = initialised();
    const strange = {
      type: 'hologram',
      uuid: 'x',
      sessionId: 's1',
      cwd: world.repository,
      payload: 'from the year 2030',
    };
    world.plantClaude('s1', `${JSON.stringify(strange)}\n`);
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    expect(everything(world, 'refs/specstory/raw')).toContain('from the year 2030');
    expect(list(world)).toMatchObject([{ session_id: 's1', exchanges: 0 }]);
  });

  it('B28: transcripts without a conversation are no sessions', () => {
    const world = initialised();
    world.plantClaude('empty', '');
    world.plantClaude('blank', '\n\n\n');
    world.plantClaude(
      'titles',
      `${JSON.stringify({ type: 'summary', summary: 'Of another session', leafUuid: 'x' })}\n`,
    );
    expect(capture(world)).toMatchObject({ code: 0, captured: [], failed: [] });
    expect(list(world)).toEqual([]);
  });

  it('B29: clocks that are wrong break nothing', () => {
    const world = initialised();
    const times = [
      '1970-01-01T00:00:00.000Z',
      '9999-12-31T23:59:59.999Z',
      '+275760-09-13T00:00:00.000Z',
      'REDACTED',
      '',
      '2026-13-45',
    ];
    for (const [index, time] of times.entries()) {
      const lines = claudeTranscript(world.repository, `t${index}`, 2).map((line) =>
        line.replace(/"timestamp":"[^"]*"/, `"timestamp":${JSON.stringify(time)}`),
      );
      world.plantClaude(`t${index}`, lines.join(''));
    }
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    expect(list(world)).toHaveLength(times.length);
    expect(list(world).every(({ exchanges }: { exchanges: number }) => exchanges === 2)).toBe(true);
  });

  it('B31: a damaged memory is as good as none', () => {
    const world = initialised();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 2).join(''));
    capture(world);
    const before = everything(world);
    const state = join(world.repository, '.git/specstory/state');
    for (const name of readdirSync(state))
      if (name !== 'bookmarks') writeFileSync(join(state, name), Buffer.from([0, 255, 10, 91, 34]));
    for (const name of readdirSync(join(state, 'bookmarks')))
      writeFileSync(join(state, 'bookmarks', name), '{"checkpoint":{"offset":"x"}}');
    writeFileSync(join(world.repository, '.git/specstory/belonging'), '\0\0\0');
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    expect(everything(world)).toBe(before);
    writeFileSync(join(world.repository, '.git/specstory/writer'), 'me\n');
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 3).join(''));
    expect(list(world)).toHaveLength(1);
  });

  it('B32: the same session found twice is one session', () => {
    const world = initialised();
    const text = claudeTranscript(world.repository, 's1', 2).join('');
    world.plantClaude('s1', text);
    world.plant(`.config/claude/projects/${world.repository.replace(/[^A-Za-z0-9]/g, '-')}/s1.jsonl`, text);
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    expect(list(world)).toMatchObject([{ session_id: 's1', exchanges: 2 }]);
  });

  it.runIf(process.getuid?.() === 0)('B35: a repository of somebody else is named as that', () => {
    const world = initialised();
    for (const path of [world.repository, join(world.repository, '.git')]) chownSync(path, 12_345, 12_345);
    const { code, err } = specstory(world, ['list']);
    expect(code).toBe(1);
    expect(err).toMatch(/belongs to another user/);
    expect(existsSync(join(world.home, '.gitconfig'))).toBe(false);
  });

  it("B36: a hook's variables lead nowhere else", () => {
    const world = initialised();
    const other = scratch();
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1).join(''));
    const env = {
      GIT_DIR: join(other.repository, '.git'),
      GIT_WORK_TREE: other.repository,
      GIT_INDEX_FILE: join(other.home, 'index'),
      GIT_OBJECT_DIRECTORY: join(other.home, 'objects'),
    };
    expect(specstory(world, ['capture'], { env }).code).toBe(0);
    expect(list(world)).toHaveLength(1);
    expect(other.git('for-each-ref')).toBe('');
    expect(existsSync(join(other.home, 'index'))).toBe(false);
  });

  it('B40: a title made to deceive is shown as text everywhere', () => {
    const world = initialised();
    const evil =
      'Fix\u001b]0;pwned\u0007 \u001b[2J\u202Egnp.exe <script>alert(1)</script>"; drop table x;\r\n---\njs: 1\n# h';
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1, () => evil).join(''));
    expect(capture(world)).toMatchObject({ code: 0, failed: [] });
    for (const args of [['list'], ['list', '--json'], ['status'], ['capture']]) {
      const { out, err } = specstory(world, args);
      expect(out + err, args.join(' ')).not.toMatch(/[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/);
    }
    const subject = world.git('log', '-1', '--format=%s', 'refs/specstory/history');
    expect(subject).not.toContain('\n\n');
    expect(list(world)).toHaveLength(1);
  });

  it('B56: a committed configuration names no program and no server, and weakens nothing', () => {
    const world = initialised();
    mkdirSync(join(world.repository, '.specstory'));
    for (const line of [
      '[capture]\ncommand = "touch /tmp/x"',
      '[redaction]\nentropy = false',
      '[redaction]\nallow = ["x"]',
      '[cloud]\nurl = "https://example.org"',
    ]) {
      writeFileSync(join(world.repository, '.specstory/config.toml'), `${line}\n`);
      expect(specstory(world, ['capture']), line).toMatchObject({
        code: 1,
        err: expect.stringContaining('.specstory/config.toml'),
      });
    }
  });

  it('B57: a transcript full of escapes is harmless on a terminal', () => {
    const world = initialised();
    const noise = '\u001b]52;c;aGk=\u0007\u001b]8;;http://x\u0007link\u001b[31mred\u009b2J\u001bP+q\u001b\\ done';
    world.plantClaude('s1', claudeTranscript(world.repository, 's1', 1, () => noise).join(''));
    capture(world);
    expect(specstory(world, ['list']).out).toContain('done');
    expect(readFileSync(join(world.repository, '.git/HEAD'), 'utf8')).toBe('ref: refs/heads/main\n');
  });

  it('B60: a password of this machine is replaced wherever it appears', () => {
    const world = initialised();
    writeFileSync(join(world.repository, '.env'), 'DATABASE_PASSWORD=hunter2hunter2\n');
    world.plantClaude(
      's1',
      claudeTranscript(world.repository, 's1', 1, () => 'log in with hunter2hunter2 please').join(''),
    );
    capture(world);
    for (const ref of ['refs/specstory/history', 'refs/specstory/raw'])
      expect(everything(world, ref)).not.toContain('hunter2hunter2');
  });
});
