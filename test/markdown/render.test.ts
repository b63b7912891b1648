import fc from 'fast-check';
import { remark } from 'remark';
import { describe, expect, it } from 'vitest';
import { SpecstoryError } from '../../src/core/errors.ts';
import type { Exchange, Part } from '../../src/core/session.ts';
import { vouch } from '../../src/core/vouch.ts';
import { readFrontmatter } from '../../src/markdown/frontmatter.ts';
import { parseExchange } from '../../src/markdown/parse.ts';
import { renderExchange } from '../../src/markdown/render.ts';
import { exchange, rendered, someExchangeId } from './arbitrary.ts';

const render = (value: Exchange): string => renderExchange(vouch(value));
const of = (...parts: Part[]): Exchange => ({ id: someExchangeId, messages: [{ role: 'agent', parts }] });
const equal = (a: unknown, b: unknown): boolean => {
  try {
    expect(a).toEqual(b);
    return true;
  } catch {
    return false;
  }
};
/** Whether a changed rendering gives the exchange back. */
const survives = (value: Exchange, change: (text: string) => string): boolean => {
  try {
    return equal(parseExchange(change(render(value))), value);
  } catch (thrown) {
    if (thrown instanceof SpecstoryError) return false;
    throw thrown;
  }
};

describe('renderExchange', { timeout: 60_000 }, () => {
  it('is undone by parseExchange', () => {
    fc.assert(
      fc.property(exchange, (value) => {
        const text = render(value);
        expect(parseExchange(Buffer.from(text).toString())).toEqual(value);
        expect(text).not.toContain('\0');
      }),
      { numRuns: 2000 },
    );
  });

  it('gives the same bytes for what it gave before', () => {
    fc.assert(
      fc.property(exchange, (value) => {
        const text = render(value);
        expect(render(value)).toBe(text);
        expect(render(parseExchange(text))).toBe(text);
      }),
      { numRuns: 1000 },
    );
  });

  const own = /^boundary: (\w+)$/m.exec(rendered)?.[1] ?? '';
  const breakages: Record<string, (text: string) => string> = {
    'a boundary word that is always the same': (text) => text.replaceAll(/^boundary: (\w+)$[\s\S]*/gm, (all, word) => all.replaceAll(`<!-- ${word} `, `<!-- ${own} `).replace(word, own)), // biome-ignore format: one line
    'fences of three backticks': (text) => text.replaceAll(/^`{4,}/gm, '```'),
    'no carriage returns': (text) => text.replaceAll('\r', ''),
    'line ends made alike': (text) => text.replaceAll('\r\n', '\n'),
    'no spaces at line ends': (text) => text.replaceAll(/ +$/gm, ''),
    'one empty line at most': (text) => text.replaceAll(/\n{4,}/g, '\n\n\n'),
    'plain line breaks only': (text) => text.replaceAll('\u2028', '\n'),
    'no byte order marks': (text) => text.replaceAll('\uFEFF', ''),
    'composed letters': (text) => text.normalize('NFC'),
    'arguments left out': (text) => text.replaceAll(/"shown":\[[^\]]*\],?/g, ''),
    'no closing fences': (text) => text.replaceAll(/,?"close":"[`~]*"/g, ''),
  };
  it.each(Object.entries(breakages))('would not survive %s: the generator reaches that', (_what, change) => {
    const result = fc.check(
      fc.property(exchange, (value) => survives(value, change)),
      { numRuns: 3000, endOnFailure: true },
    );
    expect(result.failed).toBe(true);
  });

  it('keeps markers inside one comment', () => {
    fc.assert(
      fc.property(exchange, (value) => {
        const text = render(value);
        const word = readFrontmatter(text).data.boundary;
        const markers = text.split('\n').filter((line) => line.startsWith(`<!-- ${word} `));
        const parts = value.messages.reduce((sum, message) => sum + 1 + message.parts.length, 0);
        expect(markers.filter((line) => !/^<!-- \w+ exchange /.test(line))).toHaveLength(parts);
        for (const line of markers) {
          expect(line.slice(4)).toMatch(/^ \w+ \w+(?: \{[^<>\p{Cc}\u2028\u2029]*\})? -->$/u);
          expect(line.slice(4, -3)).not.toContain('--');
        }
        expect(JSON.stringify(value.messages)).not.toContain(word);
      }),
      { numRuns: 1000 },
    );
  });

  it('lets no text swallow the markers behind it on a page', () => {
    const piece = fc.constantFrom('```', '````js', '~~~', '`', 'a', '', '# b', '```\ncode\n```', '`` ` ``', 'x ``` y');
    const prose = fc.array(piece, { maxLength: 6 }).map((lines) => lines.join('\n'));
    const kind = fc.constantFrom('text' as const, 'thinking' as const);
    const parts = fc.array(fc.record({ kind, text: prose }), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(parts, (given) => {
        const text = render(of(...given));
        const { data, body } = readFrontmatter(text);
        const seen = remark().parse(body).children.filter((node) => node.type === 'html' && node.value.includes(`<!-- ${data.boundary} `)); // biome-ignore format: one line
        expect(seen).toHaveLength(given.length + 1);
      }),
      { numRuns: 300 },
    );
  });

  it('shows an edit and its arguments once', () => {
    const content = `${'a line of the file\n'.repeat(5)}`;
    const diff = `@@ -0,0 +1,5 @@\n${content.replaceAll(/^(?=.)/gm, '+').trimEnd()}`;
    const call: Part = {
      kind: 'tool_call',
      name: 'Write',
      type: 'write',
      input: { file_path: 'a.txt', content },
      edits: [{ path: 'a.txt', change: 'add', diff, exact: true }],
    };
    const text = render(of(call));
    expect(text.match(/a line of the file/g)).toHaveLength(5);
    expect(text).toContain('```diff\n--- /dev/null\n+++ b/a.txt\n@@ -0,0 +1,5 @@\n+a line of the file\n');
    expect(text).toContain('<summary>Write: <code>a.txt</code> (+5 −0)</summary>');
    expect(parseExchange(text)).toEqual(of(call));
  });

  it('shows commands, paths, to-do lists and failures in words', () => {
    const todos = [{ content: 'one', status: 'completed' }, { content: 'two', status: 'in_progress' }]; // biome-ignore format: one line
    const text = render(
      of(
        { kind: 'tool_call', name: 'Bash', type: 'shell', input: { command: 'ls <a> && ls', description: 'List' } },
        { kind: 'tool_result', ok: false, text: 'ls: no such file\nexit 2' },
        { kind: 'tool_call', name: 'Read', type: 'read', input: { limit: 3, file_path: 'src/a.ts' } },
        { kind: 'tool_result', ok: true, text: 'a\nb\n' },
        { kind: 'tool_call', name: 'TodoWrite', type: 'task', input: { todos } },
        { kind: 'tool_result', ok: true, text: '' },
      ),
    );
    expect(text).toContain(
      '<summary>Bash: <code>ls &lt;a&gt; &amp;&amp; ls</code></summary>\n\n```bash\nls <a> && ls\n```\n',
    );
    expect(text).toContain('```json\n{"description":"List"}\n```');
    expect(text).toContain('<summary>Failed: <code>ls: no such file</code></summary>');
    expect(text).toContain('<summary>Read: <code>src/a.ts</code></summary>');
    expect(text).toContain('<summary>Result: 2 lines</summary>');
    expect(text).toContain('\n- [x] one\n- [ ] **two**\n');
    expect(text).toContain('<details><summary>Result: empty</summary></details>\n');
  });

  it('shows who said what when, and what models and tools were at work', () => {
    const at = '2026-01-02T03:04:05.678Z';
    const text = render({
      id: someExchangeId,
      startedAt: at,
      messages: [
        { role: 'user', at, parts: [{ kind: 'text', text: 'Do it' }] },
        {
          role: 'agent',
          at,
          model: 'claude-x',
          parts: [{ kind: 'tool_call', name: 'Bash', type: 'shell', input: {} }],
        },
      ],
    });
    expect(text).toContain('_**User (2026-01-02 03:04:05Z)**_\n');
    expect(text).toContain('_**Agent (claude-x 2026-01-02 03:04:05Z)**_\n');
    expect(text).toContain('models: [claude-x]\ntools: {Bash: 1}\n');
    expect(text.endsWith('</details>\n')).toBe(true);
  });

  it('keeps its word while an exchange grows', () => {
    const [a, b] = [of({ kind: 'text', text: 'a' }), of({ kind: 'text', text: 'a' }, { kind: 'text', text: 'b' })];
    expect(render(b).startsWith(render(a))).toBe(true);
  });

  it('keeps long folder and branch names', () => {
    const value = { ...of(), cwd: 'é"'.repeat(100_000), branch: 'b'.repeat(1024) };
    expect(parseExchange(render(value))).toEqual(value);
  });

  it('keeps 1 MB of anything', () => {
    for (const piece of ['a', '\n', '`', '\r', '```\n', ' ', '-->', '<', own, '\u2028']) {
      const text = piece.repeat((1 << 20) / piece.length);
      const value = of({ kind: 'text', text }, { kind: 'tool_result', ok: true, text }, { kind: 'thinking', text });
      expect(parseExchange(render(value))).toEqual(value);
    }
  });
});

describe('parseExchange', { timeout: 60_000 }, () => {
  const good = render(
    of({ kind: 'text', text: 'a' }, { kind: 'tool_call', name: 'x', type: 'read', input: { command: 'b' } }),
  );
  it.each([
    ['nothing', '', /line 1: no frontmatter/],
    ['other Markdown', '# Hello\n', /line 1: no frontmatter/],
    ['no boundary', good.replace(/^boundary.*\n/m, ''), /line 1/],
    ['a newer format', good.replace('format: 1', 'format: 2'), /format 2, this program reads 1/],
    ['text before the first marker', good.replace('---\n\n', '---\n\nHello\n'), /line 8: no marker/],
    ['no empty line', good.replace('---\n\n', '---\n'), /line 7: no empty line/],
    ['a marker without an end', good.replace(' text -->', ' text'), /no marker/],
    ['a marker with half its JSON', good.replace('"x",', '"x'), /line 14: a marker without JSON/],
    ['a part of the future', good.replace(' text -->', ' video -->'), /line 11: a part of an unknown kind/],
    ['a part without a message', good.replace(/<!-- \w+ agent -->\n_.*_\n\n/, ''), /before the first message/],
    ['an unknown field', good.replace('"name":"x"', '"nam":"x"'), /line 14: a tool call/],
    ['a fence without an end', good.replace('\nb\n```', '\nb\n'), /line 14: a fence/],
    ['a missing fence', good.replace('```bash\nb\n```\n', ''), /line 14/],
    ['a missing end', good.replace('\n</details>\n', '\n'), /line 14: a folded block/],
    ['no line break at the end', good.trimEnd(), /line 14/],
    ['an id that is none', good.replace(/^id: .*$/m, 'id: xyz'), /not an exchange id at id/],
    ['a reference to nothing', good.replace('"shown"', '"same":[["a",0,"+",0,1,0]],"shown"'), undefined],
  ])('refuses %s', (_what, text, message) => {
    if (message === undefined) expect(() => parseExchange(text)).not.toThrow(TypeError);
    else {
      expect(() => parseExchange(text)).toThrow(SpecstoryError);
      expect(() => parseExchange(text)).toThrow(message);
    }
  });

  it('gives an exchange or says what is wrong, whatever was done to a file', () => {
    fc.assert(
      fc.property(exchange, fc.nat(), fc.nat(40), fc.string({ maxLength: 5 }), (value, at, cut, put) => {
        const text = render(value);
        const from = at % text.length;
        try {
          parseExchange(text.slice(0, from) + put + text.slice(from + cut));
        } catch (thrown) {
          expect(thrown).toBeInstanceOf(SpecstoryError);
        }
      }),
      { numRuns: 1000 },
    );
  });
});
