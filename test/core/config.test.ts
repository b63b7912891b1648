import fc from 'fast-check';
import { parse } from 'smol-toml';
import { describe, expect, it } from 'vitest';
import { configKey, defaults, describeConfig, type Level, mergeConfig } from '../../src/core/config.ts';
import { SpecstoryError } from '../../src/core/errors.ts';
import { parseConfig } from '../../src/core/parse-config.ts';
import { readConfigValue, setConfigValue } from '../../src/core/set-config-value.ts';

const file = '/home/dev/app/.specstory/config.toml';

function errorOf(work: () => unknown): SpecstoryError {
  try {
    work();
  } catch (thrown) {
    if (thrown instanceof SpecstoryError) return thrown;
    throw thrown;
  }
  throw new Error('nothing was thrown');
}

const refusal = (text: string, level: Level = 'project') => errorOf(() => parseConfig(text, file, level));

describe('parseConfig', () => {
  it('reads what is set and nothing else', () => {
    const text = `
[capture]
agents = ["claude", "codex"]
raw = false
ignore_paths = ["~/secret/**"]

[[redaction.rules]]
id = "ticket"
pattern = "TICKET-[0-9]{8}"
samples = ["TICKET-12345678"]
`;
    expect(parseConfig(text, file, 'user')).toEqual({
      capture: { agents: ['claude', 'codex'], raw: false, ignorePaths: ['~/secret/**'] },
      redaction: { rules: [{ id: 'ticket', pattern: 'TICKET-[0-9]{8}', samples: ['TICKET-12345678'] }] },
    });
    expect(parseConfig('', file, 'user')).toEqual({});
    expect(parseConfig('\uFEFF[capture]\n', file, 'user')).toEqual({});
  });

  it('names file, line and the nearest key', () => {
    expect(refusal('[capture]\n\n# agents\nagent = ["claude"]\n')).toMatchObject({
      kind: 'config',
      message: `${file}:4: unknown key capture.agent`,
      hint: 'did you mean capture.agents?',
    });
    expect(refusal('# one\n[captures]\nraw = true\n').message).toBe(`${file}:3: unknown key captures.raw`);
    expect(refusal('raw = true').message).toBe(`${file}:1: unknown key raw`);
    expect(refusal('[capture]\nignorePaths = []').hint).toBe('did you mean capture.ignore_paths?');
    expect(refusal('capture = 5').message).toBe(`${file}:1: capture must be a table`);
  });

  it('names the line of a wrong value, in any spelling of the key', () => {
    for (const text of ['\n[capture]\nraw = "no"', '\n\ncapture.raw = "no"', '\n\ncapture = { raw = "no" }']) {
      const error = refusal(text);
      expect(error.message).toMatch(/config\.toml:3: capture\.raw: .*expected boolean/);
      expect(error.hint).toContain('original records');
    }
    expect(refusal('[capture]\nignore_sessions = [\n "a",\n 5,\n]').message).toContain(
      ':2: capture.ignore_sessions[1]',
    );
    expect(refusal('[capture]\nagents = ["Not An Agent"]').message).toContain('not an agent id');
    expect(refusal('[capture]\nraw = 1979-05-27').message).toContain(':2: capture.raw');
    expect(refusal('[[redaction.rules]]\nid = "x"\npatern = "y"').message).toContain('redaction.rules[0]');
  });

  it('names the line of what is not TOML', () => {
    expect(refusal('[capture]\nraw = yes\n').message).toMatch(/config\.toml:2: /);
    expect(refusal('[capture\n').kind).toBe('config');
    expect(refusal('#'.repeat(300 << 10)).message).toContain('256 kB');
  });

  it('lets a committed file neither weaken redaction nor reach out', () => {
    expect(refusal('[redaction]\nentropy = false')).toMatchObject({
      message: `${file}:2: redaction.entropy cannot be switched off in a project file`,
    });
    expect(refusal('[redaction]\nallow = ["x"]').hint).toContain('cannot weaken redaction');
    expect(parseConfig('[redaction]\nentropy = true', file, 'project')).toEqual({ redaction: { entropy: true } });
    expect(parseConfig('[redaction]\nentropy = false\nallow = ["x"]', file, 'user').redaction?.allow).toEqual(['x']);
    for (const key of ['capture.command', 'sync.server', 'remote.url', 'capture.node_program', 'auth.token']) {
      const [section, name] = key.split('.');
      expect(refusal(`[${section}]\n${name} = "x"`)).toMatchObject({
        kind: 'config',
        hint: expect.stringContaining('cannot name a program'),
      });
    }
  });

  it('has no key that could name a program or a server at any level', () => {
    expect(describeConfig().map(({ key }) => key)).toEqual([
      'capture.agents',
      'capture.raw',
      'capture.foreground',
      'capture.mirror',
      'capture.ignore_paths',
      'capture.ignore_sessions',
      'redaction.rules',
      'redaction.allow',
      'redaction.entropy',
    ]);
  });

  it('says what is wrong with any text, in its own words', () => {
    const fragment = fc.constantFrom(
      '[',
      ']',
      '"',
      "'",
      '=',
      '\n',
      '{',
      '}',
      '#',
      '__proto__',
      'capture',
      '.raw',
      ' ',
      '"""',
      'true',
      '\0',
    );
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fragment, fc.string({ unit: 'binary', maxLength: 5 })), { maxLength: 30 }),
        (parts) => {
          try {
            parseConfig(parts.join(''), file, 'project');
          } catch (thrown) {
            expect(thrown).toMatchObject({ name: 'SpecstoryError', kind: 'config' });
          }
        },
      ),
    );
    expect(refusal('[__proto__]\nraw = true').message).toContain('unknown key __proto__');
    expect(refusal(`a = ${'['.repeat(50_000)}`).kind).toBe('config');
  });
});

describe('mergeConfig', () => {
  it('puts flags over project over user over defaults', () => {
    expect(mergeConfig({})).toEqual(defaults);
    const merged = mergeConfig({
      user: { capture: { raw: false, mirror: true, foreground: true } },
      project: { capture: { mirror: false } },
      flags: { capture: { foreground: false } },
    });
    expect(merged.capture).toMatchObject({ raw: false, mirror: false, foreground: false });
  });

  it('adds up what protects, so that no file takes it back', () => {
    const rule = { id: 'a', pattern: 'a', samples: [] };
    const merged = mergeConfig({
      user: { capture: { ignorePaths: ['a'], ignoreSessions: ['1'] }, redaction: { rules: [rule] } },
      project: { capture: { ignorePaths: [], ignoreSessions: ['1', '2'] }, redaction: { rules: [] } },
    });
    expect(merged.capture).toMatchObject({ ignorePaths: ['a'], ignoreSessions: ['1', '2'] });
    expect(merged.redaction.rules).toEqual([rule]);
  });
});

describe('describeConfig', () => {
  it('gives every key a meaning, a default and its levels', () => {
    for (const { key, meaning, default: value, levels } of describeConfig()) {
      expect(meaning.length, key).toBeGreaterThan(10);
      expect(configKey(key).schema.safeParse(value).success, key).toBe(true);
      expect(levels).toContain('user');
    }
  });
});

describe('readConfigValue', () => {
  it('takes TOML, a bare word, and words with commas', () => {
    expect(readConfigValue('capture.raw', 'false')).toBe(false);
    expect(readConfigValue('capture.agents', '["claude"]')).toEqual(['claude']);
    expect(readConfigValue('capture.agents', 'claude, codex')).toEqual(['claude', 'codex']);
    expect(readConfigValue('capture.agents', '')).toEqual([]);
    expect(errorOf(() => readConfigValue('capture.raw', 'maybe'))).toMatchObject({ kind: 'usage' });
    expect(errorOf(() => readConfigValue('capture.rwa', 'true'))).toMatchObject({ hint: 'did you mean capture.raw?' });
  });
});

describe('setConfigValue', () => {
  const set = (text: string, key: string, value: unknown, level: Level = 'user') =>
    setConfigValue(text, key, value, { file, level });

  it('makes the section when there is none', () => {
    expect(set('', 'capture.raw', false)).toBe('[capture]\nraw = false\n');
    expect(set('# mine', 'capture.raw', false)).toBe('# mine\n\n[capture]\nraw = false\n');
  });

  it('changes the value and keeps the comment behind it', () => {
    const text = '# top\n[capture] # section\nraw   = true   # keep "raw" #1\nmirror = true\n';
    expect(set(text, 'capture.raw', false)).toBe(text.replace('= true   #', '= false   #'));
    expect(set('[capture]\nagents = [\n  "a", # one\n  "b",\n] # two\n[redaction]\n', 'capture.agents', ['c'])).toBe(
      '[capture]\nagents = [ "c" ] # two\n[redaction]\n',
    );
    expect(set('[capture]\nignore_paths = ["a # b"] # c', 'capture.ignore_paths', ['d'])).toBe(
      '[capture]\nignore_paths = [ "d" ] # c',
    );
    expect(set('capture.raw = true\n', 'capture.mirror', true)).toBe('capture.raw = true\ncapture.mirror = true\n');
  });

  it('adds to the section that is there', () => {
    const text = '[capture]\nraw = true\n\n# about redaction\n[redaction]\nentropy = true\n';
    expect(set(text, 'capture.mirror', true)).toBe(text.replace('raw = true\n', 'raw = true\nmirror = true\n'));
    expect(set('[capture]\r\nraw = true\r\n', 'capture.mirror', true)).toBe(
      '[capture]\r\nraw = true\r\nmirror = true\r\n',
    );
    expect(set('[capture]', 'capture.mirror', true)).toBe('[capture]\nmirror = true\n');
  });

  it('refuses what the level may not say, and files it cannot edit', () => {
    expect(errorOf(() => set('', 'redaction.entropy', false, 'project'))).toMatchObject({ kind: 'config' });
    expect(errorOf(() => set('', 'capture.raw', 'yes'))).toMatchObject({ kind: 'usage' });
    expect(errorOf(() => set('capture = { raw = true }', 'capture.mirror', true))).toMatchObject({
      kind: 'config',
      hint: expect.stringContaining('by hand'),
    });
    expect(errorOf(() => set('[oops]\na = 1', 'capture.raw', true)).message).toContain('unknown key');
  });

  it('never changes anything else', () => {
    const comment = fc.constantFrom('', ' # why', '# "x" = 1');
    const key = fc.constantFrom('raw', 'mirror', 'foreground');
    const body = fc.uniqueArray(fc.tuple(key, fc.boolean(), comment), { selector: ([name]) => name });
    fc.assert(
      fc.property(body, fc.boolean(), key, fc.boolean(), comment, (lines, entropy, name, value, tail) => {
        const capture = lines.map(([other, on, text]) => `${other} = ${on} ${text}\n`).join('');
        const text = `${tail}\n[capture]\n${capture}\n${tail}\n[redaction]\nentropy = ${entropy} ${tail}\n`;
        const after = set(text, `capture.${name}`, value);
        expect(set(after, `capture.${name}`, value)).toBe(after);
        const expected = parse(text);
        expect(parse(after)).toEqual({ ...expected, capture: { ...Object(expected.capture), [name]: value } });
        expect(after.match(/#.*/g)).toEqual(text.match(/#.*/g));
      }),
    );
  });
});
