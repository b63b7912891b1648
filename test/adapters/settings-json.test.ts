import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import { describe, expect, it } from 'vitest';
import { settingsEdit } from '../../src/adapters/settings-json.ts';
import type { Json, JsonObject } from '../../src/core/json.ts';

const command = "[ ! -r '/opt/specstory/hooks/agent-hook' ] || sh '/opt/specstory/hooks/agent-hook' claude";
const group = { hooks: [{ type: 'command', command, timeout: 10 }] };
const edit = settingsEdit({
  path: '/p/settings.json',
  scope: 'project',
  command,
  events: ['Stop', 'SessionEnd'],
  entry: group,
});
const seeded = settingsEdit({
  path: '/p/hooks.json',
  scope: 'user',
  command,
  seed: { version: 1 },
  events: ['stop'],
  entry: { command },
});

/** JSON as people and programs write it: any white space, comments, commas at the end, either line end. */
function written(value: Json, pick: (choices: readonly string[]) => string): string {
  const gap = () => pick(['', ' ', '\n', '\n  ', '\t', '\r\n', ' \n', '  ', '  \n', ' // a\n', '/* b */']);
  const comma = (empty: boolean) => (empty ? '' : pick(['', '', ',']));
  if (Array.isArray(value)) {
    const items = value.map((item) => gap() + written(item, pick) + gap());
    return `[${items.join(',') || gap()}${comma(items.length === 0)}]`;
  }
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const items = Object.entries(value).map(
    ([key, item]) => `${gap()}${JSON.stringify(key)}${gap()}:${gap()}${written(item, pick)}${gap()}`,
  );
  return `{${items.join(',') || gap()}${comma(items.length === 0)}}`;
}

const foreign: fc.Arbitrary<Json> = fc.constantFrom<Json>(
  { hooks: [{ type: 'command', command: 'make lint' }] },
  { matcher: 'Edit', hooks: [] },
  {},
);
const lists = fc.dictionary(fc.constantFrom('Stop', 'SessionEnd', 'PreToolUse'), fc.array(foreign, { maxLength: 2 }), {
  maxKeys: 3,
});
const settings: fc.Arbitrary<JsonObject> = fc
  .record({ hooks: lists, model: fc.constantFrom('x', null, 5, [], {}), version: fc.constant(1) }, { requiredKeys: [] })
  .map((record) => ({ ...record }));
const text = fc.tuple(settings, fc.infiniteStream(fc.nat(1000))).map(([value, stream]) => {
  const pick = (choices: readonly string[]) => choices[(stream.next().value ?? 0) % choices.length] ?? '';
  return `${pick(['', '\n', ' '])}${written(value, pick)}${pick(['', '\n', '  ', '  \n', '\r\n'])}`;
});
const blank = fc.constantFrom('', '\n', '  ', '\r\n\r\n', '\t');

describe('settingsEdit', () => {
  it('makes a file that is gone again without us', () => {
    const made = edit.add(undefined);
    expect(JSON.parse(made)).toEqual({ hooks: { Stop: [group], SessionEnd: [group] } });
    expect(made.endsWith('\n')).toBe(true);
    expect(edit.remove(made)).toBeUndefined();
    const other = seeded.add(undefined);
    expect(JSON.parse(other)).toEqual({ version: 1, hooks: { stop: [{ command }] } });
    expect(seeded.remove(other)).toBeUndefined();
  });

  it('gives the bytes back, and twice is once', () => {
    fc.assert(
      fc.property(fc.oneof({ weight: 9, arbitrary: text }, { weight: 1, arbitrary: blank }), (before) => {
        const after = edit.add(before);
        expect(edit.remove(after)).toBe(before);
        expect(edit.add(after)).toBe(after);
        expect(edit.remove(before)).toBe(before);
        const [old, now] = [
          parse(before, [], { allowTrailingComma: true }) ?? {},
          parse(after, [], { allowTrailingComma: true }),
        ];
        const joined = { ...old.hooks };
        for (const name of ['Stop', 'SessionEnd']) joined[name] = [...(joined[name] ?? []), group];
        expect(now).toEqual({ ...old, hooks: joined });
      }),
      { numRuns: 2000 },
    );
  });

  it('looks like the file around it', () => {
    expect(edit.add('{\n\t"model": "x",\n\t"hooks": {\n\t\t"Stop": []\n\t}\n}\n')).toBe(
      `{\n\t"model": "x",\n\t"hooks": {\n\t\t"Stop": [\n\t\t\t${JSON.stringify(group, undefined, '\t').replaceAll('\n', '\n\t\t\t')} \n\t\t],\n\t\t"SessionEnd": [\n\t\t\t${JSON.stringify(group, undefined, '\t').replaceAll('\n', '\n\t\t\t')}\n\t\t]\n\t}\n}\n`,
    );
    expect(edit.add('{"model":"x"}')).toBe(
      `{"model":"x", "hooks": ${JSON.stringify({ Stop: [group], SessionEnd: [group] })
        .replace('],"', '], "')
        .replace('"SessionEnd":', '"SessionEnd": ')}}`,
    );
    expect(edit.add('{}')).toMatch(/^\{\n {2}"hooks": \{\n {4}"Stop": \[\n/);
  });

  it('replaces what an older installation left, and takes it out wherever it is', () => {
    const old = { hooks: [{ type: 'command', command: "sh '/old/git-specstory/hooks/agent-hook' claude" }] };
    const other = { hooks: [{ type: 'command', command: 'make lint' }] };
    const before = JSON.stringify({ hooks: { Stop: [old, other], PreCompact: [old] } }, undefined, 2);
    const after = JSON.parse(edit.add(before));
    expect(after).toEqual({ hooks: { Stop: [other, group], SessionEnd: [group] } });
    expect(JSON.parse(edit.remove(before) ?? '')).toEqual({ hooks: { Stop: [other] } });
  });

  it('keeps what others wrote around ours since', () => {
    const mine = { type: 'command', command: 'mine' };
    const after = JSON.parse(edit.add(undefined));
    after.hooks.Stop[0].hooks.push(mine);
    after.model = 'y';
    const text = JSON.stringify(after, undefined, 4);
    expect(JSON.parse(edit.remove(text) ?? '')).toEqual({ hooks: { Stop: [{ hooks: [mine] }] }, model: 'y' });
    expect(edit.add(JSON.stringify(JSON.parse(edit.add('{"a": 1}'))))).toBe(
      JSON.stringify(JSON.parse(edit.add('{"a": 1}'))),
    );
  });

  it.each([
    '[]',
    '{',
    '{"hooks": [1]',
    'null',
    '"x"',
    '{"hooks": 5}',
    '{"hooks": {"Stop": {}}}',
    '{"a": 1} x',
    '['.repeat(100_000),
    '// only this',
  ])('refuses %.30s and never touches it', (before) => {
    expect(() => edit.add(before)).toThrow(
      expect.objectContaining({ kind: 'config', message: expect.stringContaining('/p/settings.json') }),
    );
    expect(edit.remove(before)).toBe(before);
  });

  it('refuses a file that lacks what it must say', () => {
    expect(() => seeded.add('{"hooks": {}}')).toThrow(
      expect.objectContaining({ kind: 'config', hint: 'add "version": 1, then try again' }),
    );
    const before = '{ "version": 1, "hooks": {"stop": []} }';
    expect(seeded.remove(seeded.add(before))).toBe(before);
  });

  it('takes any text without throwing anything else', () => {
    const fragment = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"hooks"',
      '"Stop"',
      '"__proto__"',
      JSON.stringify(command),
      '\uFEFF',
      '\ud800',
      '/*',
      '//',
      '\n',
      ' ',
    );
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 25 }), (parts) => {
        const before = parts.join('');
        try {
          edit.add(before);
        } catch (thrown) {
          expect(thrown).toMatchObject({ name: 'SpecstoryError', kind: 'config' });
        }
        edit.remove(before);
      }),
      { numRuns: 1000 },
    );
  });
});
