import { describe, expect, it } from 'vitest';
import { exchangesIn, partsOf, projectRoot, Script } from './claude-script.ts';

const hunk = { oldStart: 7, oldLines: 2, newStart: 7, newLines: 2, lines: [' a', '-b', '+c'] };

describe('answers', () => {
  it('joins the lines of one message and counts its tokens once, by the last line', () => {
    const script = new Script();
    script.user('go');
    script.answer('msg_1', { type: 'thinking', thinking: '', signature: 'x' }, {}, { usage: { output_tokens: 1 } });
    script.answer('msg_1', 'one', {}, { usage: { output_tokens: 2 } });
    const usage = {
      input_tokens: 3,
      output_tokens: 9,
      cache_read_input_tokens: 5,
      output_tokens_details: { thinking_tokens: 4 },
    };
    script.answer('msg_1', 'two', {}, { usage });
    const [exchange] = exchangesIn(script);
    expect(exchange?.messages).toHaveLength(2);
    expect(exchange?.messages[1]).toMatchObject({
      id: 'msg_1',
      model: 'claude-opus-4-6',
      usage: { input: 3, output: 9, cacheRead: 5, reasoning: 4 },
      parts: [
        { kind: 'thinking', text: '' },
        { kind: 'text', text: 'one' },
        { kind: 'text', text: 'two' },
      ],
    });
  });

  it('takes a block that the stream repeats once', () => {
    const script = new Script();
    script.user('go');
    script.answer('msg_1', 'one');
    script.answer('msg_1', 'one');
    script.call('toolu_1', 'Bash', { command: 'ls' }, 'msg_1');
    script.call('toolu_1', 'Bash', { command: 'ls' }, 'msg_1');
    script.answer('msg_2', 'one');
    expect(partsOf(exchangesIn(script)[0]).map(({ kind }) => kind)).toEqual(['text', 'text', 'tool_call', 'text']);
  });

  it('keeps the tokens with the exchange in which an answer began', () => {
    const script = new Script();
    script.user('go');
    script.answer('msg_1', 'one', {}, { usage: { output_tokens: 5 } });
    script.user('wait');
    script.answer('msg_1', 'late', {}, { usage: { output_tokens: 5 } });
    const usage = exchangesIn(script).map(({ messages }) => messages.map((message) => message.usage?.output));
    expect(usage).toEqual([
      [undefined, 5],
      [undefined, undefined],
    ]);
  });

  it('shows a failed request as an error and leaves out what the program says to itself', () => {
    const script = new Script();
    script.user('go');
    const synthetic = { model: '<synthetic>', usage: { output_tokens: 0 } };
    script.answer('msg_1', 'No response requested.', {}, synthetic);
    script.answer('msg_2', 'API Error: 529', { isApiErrorMessage: true }, synthetic);
    const [exchange] = exchangesIn(script);
    expect(exchange?.messages[1]).toEqual({
      role: 'agent',
      id: 'msg_2',
      at: expect.any(String),
      parts: [{ kind: 'note', label: 'error', text: 'API Error: 529' }],
    });
  });

  it('reads calls and results that were records of their own', () => {
    const script = new Script();
    script.user('Open README');
    script.record({ type: 'tool_use', name: 'bash', input: { command: 'cat README.md' } });
    script.record({ type: 'tool_result', name: 'bash', output: '# Title' });
    expect(partsOf(exchangesIn(script)[0]).slice(1)).toMatchObject([
      { kind: 'tool_call', name: 'bash', type: 'shell' },
      { kind: 'tool_result', ok: true, text: '# Title' },
    ]);
  });
});

describe('results', () => {
  it('puts a result behind its call, without reminders, with images as attachments', () => {
    const script = new Script();
    script.user('go');
    script.call('toolu_1', 'Read', { file_path: '/work/shop/a.png' }, 'msg_1');
    script.call('toolu_2', 'Bash', { command: 'ls' }, 'msg_1');
    script.result('toolu_2', '  1\ta\n\n<system-reminder>\nmalware?\n</system-reminder>\n');
    const source = { type: 'base64', media_type: 'image/png', data: 'aGVsbG8=' };
    script.result('toolu_1', [{ type: 'image', source }]);
    const parts = partsOf(exchangesIn(script)[0]);
    expect(parts.slice(3)).toMatchObject([
      { kind: 'tool_result', call: 'toolu_2', text: '  1\ta' },
      { kind: 'tool_result', call: 'toolu_1', text: '' },
      { kind: 'attachment', mime: 'image/png', bytes: 5 },
    ]);
    expect(exchangesIn(script)[0]?.messages).toHaveLength(2);
  });

  it('keeps a reminder that is quoted inside a line', () => {
    const script = new Script();
    script.user('go');
    script.call('toolu_1', 'Read', { file_path: 'x' });
    script.result('toolu_1', '1→<system-reminder>quoted</system-reminder>');
    expect(partsOf(exchangesIn(script)[0])[2]).toMatchObject({ text: '1→<system-reminder>quoted</system-reminder>' });
  });
});

/** The edits of one call with this result. */
function editsOf(name: string, input: unknown, toolUseResult?: unknown, error = false): unknown {
  const script = new Script();
  script.user('go');
  script.call('toolu_1', name, input);
  if (toolUseResult !== undefined) script.result('toolu_1', 'done', { toolUseResult }, error);
  const call = partsOf(exchangesIn(script)[0]).find(({ kind }) => kind === 'tool_call');
  return call?.kind === 'tool_call' ? call.edits : undefined;
}

describe('edits', () => {
  const file = `${projectRoot}/src/a.ts`;
  const input = { file_path: file, old_string: 'b', new_string: 'c' };

  it('prefers recorded hunks to the strings of the call', () => {
    const guess = {
      path: 'src/a.ts',
      change: 'update',
      diff: '@@\n-b\n\\ No newline at end of file\n+c',
      exact: false,
    };
    expect(editsOf('Edit', input)).toMatchObject([{ ...guess, diff: expect.stringContaining('-b') }]);
    const result = { filePath: file, oldString: 'b', newString: 'c', structuredPatch: [hunk], userModified: false };
    const exact = { path: 'src/a.ts', change: 'update', diff: '@@ -7,2 +7,2 @@\n a\n-b\n+c', exact: true };
    expect(editsOf('Edit', input, result)).toEqual([exact]);
    expect(editsOf('Edit', input, { ...result, userModified: true })).toEqual([{ ...exact, userModified: true }]);
  });

  it('does not believe damaged hunks', () => {
    const structuredPatch = [{ ...hunk, lines: [' a', 'b\nc'] }];
    expect(editsOf('Edit', input, { filePath: file, structuredPatch })).toMatchObject([{ exact: false }]);
  });

  it('tells a new file from a file that was written over', () => {
    const write = { file_path: file, content: 'x\ny\n' };
    const added = [{ path: 'src/a.ts', change: 'add', diff: '@@ -0,0 +1,2 @@\n+x\n+y', exact: true }];
    expect(editsOf('Write', write)).toEqual(added);
    const create = { type: 'create', filePath: file, content: 'x\ny\n', structuredPatch: [], originalFile: null };
    expect(editsOf('Write', write, create)).toEqual(added);
    const update = { type: 'update', filePath: file, content: 'x\ny\n', structuredPatch: [hunk], originalFile: 'b\n' };
    expect(editsOf('Write', write, update)).toMatchObject([
      { change: 'update', exact: true, diff: expect.stringMatching(/^@@ -7,2/) },
    ]);
    const bare = { ...update, structuredPatch: [] };
    expect(editsOf('Write', write, bare)).toMatchObject([
      { change: 'update', exact: true, diff: expect.stringMatching(/-b\n\+x\n\+y/) },
    ]);
  });

  it('reads several edits of one call, and cells of notebooks', () => {
    const edits = [
      { old_string: 'a', new_string: 'b' },
      { old_string: 'c', new_string: 'd' },
    ];
    expect(editsOf('MultiEdit', { file_path: file, edits })).toHaveLength(2);
    const multi = { filePath: file, edits, originalFileContents: 'a', structuredPatch: [hunk], userModified: false };
    expect(editsOf('MultiEdit', { file_path: file, edits }, multi)).toMatchObject([{ exact: true }]);
    const cell = { notebook_path: `${projectRoot}/n.ipynb`, cell_id: '1', new_source: 'print(1)' };
    expect(editsOf('NotebookEdit', cell, { ...cell, edit_mode: 'replace' })).toMatchObject([
      { path: 'n.ipynb', diff: expect.stringMatching(/\+print\(1\)/), exact: false },
    ]);
  });

  it('marks what was refused or failed', () => {
    expect(editsOf('Edit', input, 'User rejected tool use', true)).toMatchObject([{ rejected: true, exact: false }]);
    expect(editsOf('Write', { file_path: file, content: 'x' }, 'Error: no', true)).toMatchObject([{ rejected: true }]);
  });

  it('keeps evidence that comes after the exchange of its call', () => {
    const script = new Script();
    script.user('go');
    script.call('toolu_1', 'Edit', input);
    script.user('meanwhile');
    script.result('toolu_1', 'done', { toolUseResult: { filePath: file, structuredPatch: [hunk] } });
    expect(partsOf(exchangesIn(script)[1])[1]).toMatchObject({ kind: 'tool_result', edits: [{ exact: true }] });
  });
});
