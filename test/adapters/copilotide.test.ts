import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { copilotide } from '../../src/adapters/copilotide/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { SpecstoryError } from '../../src/core/errors.ts';
import { digest } from '../../src/core/ids.ts';
import { exchangeSchema, sessionMetaSchema } from '../../src/core/session.ts';
import { nodeHost } from '../../src/platform/host.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import { adapterContract } from './contract.ts';
import {
  asked,
  calls,
  empty,
  id,
  lines,
  other,
  parts,
  project,
  prompts,
  results,
  sessionsIn,
  storage,
  workspace,
  world,
} from './copilot-sessions.ts';

const fixture = fileURLToPath(new URL('../fixtures/copilotide/session.json', import.meta.url));
const document = readFileSync(fixture, 'utf8');
const log = lines({ kind: 0, v: empty(other) }, { kind: 2, k: ['requests'], v: [asked('r1', 'one')] });
const events = lines(
  { type: 'session.start', data: { sessionId: 'ev', copilotVersion: '0.47.0', vscodeVersion: '1.119.0' }, id: 'e1' },
  { type: 'user.message', data: { content: 'fix it', attachments: [{ type: 'file', path: '/p/a.ts' }] }, id: 'e2' },
  {
    type: 'assistant.message',
    data: {
      messageId: 'm1',
      content: 'Editing.',
      toolRequests: [{ toolCallId: 't1', name: 'create_file', arguments: '{"filePath":"/p/b.ts","content":"b"}' }],
    },
    id: 'e3',
  },
  { type: 'tool.execution_start', data: { toolCallId: 't1', toolName: 'create_file', arguments: {} }, id: 'e4' },
  { type: 'tool.execution_complete', data: { toolCallId: 't1', success: false }, id: 'e5' },
  { type: 'user.message', data: { content: 'again' }, id: 'e6' },
);

const sessionOf = (content: string, name = `${id}.jsonl`) =>
  sessionsIn(world({ [`${storage}/workspace.json`]: workspace, [`${storage}/chatSessions/${name}`]: content }))[0];
const afterLog = (...entries: readonly unknown[]) =>
  sessionOf(lines({ kind: 0, v: empty(id, asked('r1', 'one'), asked('r2', 'two')) }, ...entries))?.exchanges ?? [];
const answered = (...response: readonly unknown[]) =>
  sessionOf(lines({ kind: 0, v: empty(id, asked('r1', 'one', { response })) }))?.exchanges[0];
adapterContract(copilotide, [
  {
    name: 'documents and logs of two builds on Linux, one session in two places',
    host: world({
      [`${storage}/workspace.json`]: workspace,
      [`${storage}/chatSessions/${id}.json`]: document,
      [`${storage}/chatSessions/${other}.json`]: '{"requests":[],"version":3,"sessionId":"stale"}',
      [`${storage}/chatSessions/${other}.jsonl`]: log,
      [`${storage}/GitHub.copilot-chat/transcripts/ev.jsonl`]: events,
      '/home/me/.config/VSCodium/User/workspaceStorage/w2/workspace.json': JSON.stringify({
        folder: 'file:///home/me/proj/packages/%C3%A4',
      }),
      [`/home/me/.config/VSCodium/User/workspaceStorage/w2/chatSessions/${id}.json`]: document,
      '/home/me/.config/Code/User/workspaceStorage/w3/workspace.json': JSON.stringify({
        folder: 'file:///home/me/project',
      }),
      [`/home/me/.config/Code/User/workspaceStorage/w3/chatSessions/${other}.jsonl`]: log,
      '/home/me/.config/Code/User/workspaceStorage/w4/workspace.json': '{"folder": 5',
      [`/home/me/.config/Code/User/globalStorage/emptyWindowChatSessions/${other}.jsonl`]: log,
    }),
    project,
    sessions: [id, other],
  },
  {
    name: 'Insiders on macOS, a workspace of several folders',
    host: memoryHost({
      platform: 'darwin',
      home: '/Users/me',
      files: {
        '/Users/me/all.code-workspace': '{\n  // mine\n  "folders": [{ "path": "../you/x" }, { "path": "proj" },],\n}',
        '/Users/me/Library/Application Support/Code - Insiders/User/workspaceStorage/w/workspace.json': JSON.stringify({
          workspace: 'file:///Users/me/all.code-workspace',
        }),
        [`/Users/me/Library/Application Support/Code - Insiders/User/workspaceStorage/w/chatSessions/${other}.jsonl`]:
          log,
      },
    }),
    project: { roots: ['/Users/me/proj'] },
    sessions: [other],
  },
  {
    name: 'Windows, and a portable copy',
    host: memoryHost({
      platform: 'win32',
      home: 'C:\\Users\\me',
      env: { APPDATA: 'C:\\Users\\me\\AppData\\Roaming', VSCODE_PORTABLE: 'E:\\code\\data' },
      files: {
        'C:\\Users\\me\\AppData\\Roaming\\Code\\User\\workspaceStorage\\w\\workspace.json':
          '{"folder":"file:///c%3A/Work/Proj"}',
        [`C:\\Users\\me\\AppData\\Roaming\\Code\\User\\workspaceStorage\\w\\chatSessions\\${id}.json`]: document,
        'E:\\code\\data\\user-data\\User\\workspaceStorage\\w\\workspace.json': '{"folder":"file:///c%3A/Work/Proj"}',
        [`E:\\code\\data\\user-data\\User\\workspaceStorage\\w\\chatSessions\\${other}.jsonl`]: log,
      },
    }),
    project: { roots: ['C:\\work\\proj'] },
    sessions: [id, other],
  },
]);

describe('a session of VS Code', () => {
  const session = sessionOf(document, `${id}.json`);
  const [first, second] = session?.exchanges ?? [];

  it('knows title, version, folder and place of the session', () => {
    expect(session?.meta).toMatchObject({
      ...{ id, title: 'Greeting', agentVersion: '0.37.1', origin: 'panel', cwd: '/home/me/proj' },
      ...{ createdAt: '2026-03-01T10:00:00.000Z', unknown: { 'response: aKindOfTheYear2030': 1 } },
    });
  });

  it('shows what was typed and attached', () => {
    expect(first?.messages[0]?.parts).toEqual([
      { kind: 'text', text: 'add a greeting' },
      { kind: 'attachment', name: 'hello.ts' },
      { kind: 'attachment', name: 'Pasted Image', mime: 'image/png', bytes: 5, sha256: digest('hello') },
    ]);
    expect(second?.messages[0]?.parts).toEqual([{ kind: 'note', label: 'command', text: '/explain this' }]);
  });

  it('joins text around file names and drops the fences around edits', () => {
    const said = parts(first).filter((part) => part.kind === 'thinking' || part.kind === 'text');
    expect(said.map((part) => part.text)).toEqual(['add a greeting', 'First I read.', 'Reading `hello.ts`.', 'Done.']);
  });

  it('puts arguments, results and what is shown of a call together, in the order of the calls', () => {
    expect(calls(first).map(({ id, name }) => [id, name])).toEqual([
      ['call_a', 'read_file'],
      ['call_b', 'manage_todo_list'],
      ['call_c', 'replace_string_in_file'],
      ['call_d', 'run_in_terminal'],
      ['call_e', 'insert_edit_into_file'],
    ]);
    expect(
      results(first)
        .map(({ call, text }) => [call, text])
        .slice(0, 2),
    ).toEqual([
      ['call_a', '```ts\n1\n```'],
      ['call_b', 'ok'],
    ]);
  });

  it('gives the output of a command and says that it failed', () => {
    expect(results(first)[3]).toEqual({
      kind: 'tool_result',
      call: 'call_d',
      ok: false,
      text: '1 failing\n\nExit code: 1',
    });
  });

  it('takes edits from arguments where they tell, else from what was put into the file', () => {
    const edits = calls(first).map((call) =>
      call.edits?.map(({ path, diff }) => [path, diff.split('\n')[0], diff.length]),
    );
    expect(edits).toEqual([
      undefined,
      undefined,
      [['hello.ts', '@@', expect.any(Number)]],
      undefined,
      [['b.ts', '@@', 11]],
    ]);
    expect(calls(first)[4]?.edits?.[0]).toEqual({
      path: 'b.ts',
      change: 'update',
      diff: '@@\n+x\n@@\n+y',
      exact: false,
    });
  });

  it('knows model, tokens and end of an answer', () => {
    expect(first?.messages[1]).toMatchObject({ id: 'response_1', model: 'gpt-5', usage: { input: 900, output: 50 } });
    expect(first?.endedAt).toBe('2026-03-01T10:00:30.000Z');
  });

  it('notes that a request was cancelled', () => {
    expect(parts(second).slice(1)).toEqual([
      { kind: 'text', text: 'It is' },
      { kind: 'note', label: 'interrupted', text: 'Canceled' },
    ]);
  });

  it('never takes a draft', () => {
    const host = world({ [`${storage}/chatSessions/${id}.json`]: document });
    const [source] = copilotide.open(host, `${storage}/chatSessions/${id}.json`);
    const texts = source ? [...copilotide.records(host, source, 0)].map((record) => record.text) : [];
    expect(texts).toHaveLength(3);
    expect(texts.join('\n')).not.toContain('draft');
  });
});

describe('parts of a response', () => {
  it('take files that were made, moved and deleted for edits', () => {
    const uri = (path: string) => ({ $mid: 1, path, scheme: 'file' });
    const edits = [
      { oldResource: uri('/home/me/proj/a.ts'), newResource: uri('/home/me/proj/b.ts') },
      { newResource: uri('/home/me/proj/c.ts') },
      { oldResource: uri('/home/me/proj/d.ts') },
      null,
    ];
    const exchange = answered({ kind: 'workspaceEdit', edits }, { kind: 'workspaceEdit', edits: [edits[2]] });
    expect(calls(exchange).flatMap((call) => call.edits ?? [])).toEqual([
      { path: 'a.ts', change: 'move', to: 'b.ts', diff: '', exact: false },
      { path: 'c.ts', change: 'add', diff: '', exact: false },
      { path: 'd.ts', change: 'delete', diff: '', exact: false },
    ]);
  });

  it('keep an edit that only takes lines out, and one of the cells of a notebook', () => {
    const uri = (path: string) => ({ $mid: 1, path, scheme: 'file' });
    const range = { startLineNumber: 3, startColumn: 1, endLineNumber: 5, endColumn: 1 };
    const cells = [{ cellKind: 2, language: 'python', source: 'a = 1\nprint(a)' }, { source: 'b = 2' }];
    const exchange = answered(
      { kind: 'textEditGroup', uri: uri('/home/me/proj/a.ts'), edits: [[{ range, text: '' }], []], done: true },
      {
        kind: 'notebookEditGroup',
        uri: uri('/home/me/proj/b.ipynb'),
        edits: [[{ editType: 1, index: 0, count: 0, cells }]],
      },
      { kind: 'textEditGroup', uri: uri('/home/me/proj/c.ts'), edits: [[], []], done: true },
    );
    expect(calls(exchange).flatMap((call) => call.edits ?? [])).toEqual([
      { path: 'a.ts', change: 'update', diff: '', exact: false },
      { path: 'b.ipynb', change: 'update', diff: '@@\n+a = 1\n+print(a)\n+b = 2', exact: false },
    ]);
  });

  it('take what was to be put in for the edit where no group tells, and once', () => {
    const uri = { $mid: 1, path: '/home/me/proj/a.ts', scheme: 'file' };
    const call = (id: string) => ({
      ...{ id, name: 'insert_edit_into_file' },
      arguments: JSON.stringify({ filePath: '/home/me/proj/a.ts', code: '// ...existing code...\nx' }),
    });
    const request = (more: object, ...response: readonly unknown[]) =>
      asked('r3', 'x', { response, result: { metadata: { toolCallRounds: [{ toolCalls: [call('c1')] }] } }, ...more });
    const shown = (isConfirmed: unknown) => ({
      ...{ kind: 'toolInvocationSerialized', toolId: 'copilot_insertEdit', toolCallId: 'c1', isComplete: true },
      isConfirmed,
    });
    const group = { kind: 'textEditGroup', uri, edits: [[{ range: {}, text: 'x' }]], done: true };
    const edits = (...response: readonly unknown[]) =>
      calls(afterLog({ kind: 2, k: ['requests'], v: [request({}, ...response)] })[2]).flatMap(
        (each) => each.edits ?? [],
      );
    const proposed = { path: 'a.ts', change: 'update', diff: '@@\n+// ...existing code...\n+x', exact: false };
    expect(edits(shown({ type: 1 }))).toEqual([proposed]);
    expect(edits(shown({ type: 0 }))).toEqual([{ ...proposed, rejected: true }]);
    expect(edits(shown({ type: 1 }), group)).toEqual([{ ...proposed, diff: '@@\n+x' }]);
  });

  it('name the model by the line below the answer where nothing else does', () => {
    const model = (more: object) =>
      afterLog({ kind: 2, k: ['requests'], v: [asked('r3', 'x', more)] })[2]?.messages.at(-1)?.model;
    expect(model({ result: { details: 'Claude Sonnet 4 \u2022 1x' } })).toBe('Claude Sonnet 4');
    expect(model({ modelId: 'copilot/gpt-5', result: { details: 'GPT-5 \u2022 1x' } })).toBe('gpt-5');
    expect(model({ result: { details: 'nothing of the kind' } })).toBeUndefined();
  });

  const shown = (toolId: string, toolCallId: string, more: object = {}) => ({
    kind: 'toolInvocationSerialized',
    ...{ toolId, toolCallId, isComplete: true, isConfirmed: { type: 1 } },
    ...more,
  });

  it('reads a call that only the window knows', () => {
    const data = {
      kind: 'terminal',
      commandLine: { original: 'ls', userEdited: 'ls -a' },
      terminalCommandOutput: { text: '.' },
    };
    const exchange = answered(
      shown('run_in_terminal', 'x', { toolSpecificData: data }),
      shown('copilot_readFile', 'y', { pastTenseMessage: { value: 'Read [](file:///home/me/%C3%A4.ts#1-2)' } }),
      shown('mcp_x_y', 'z', {
        resultDetails: { input: '{}', output: [{ isText: true, value: 'out' }], isError: true },
      }),
    );
    expect(calls(exchange)[0]?.input).toEqual({ command: 'ls -a' });
    expect(results(exchange).map(({ ok, text }) => [ok, text])).toEqual([
      [true, '.'],
      [true, 'Read /home/me/ä.ts'],
      [false, 'out'],
    ]);
  });

  it('says that the person refused an edit', () => {
    const call = { id: 'c__vscode-1', name: 'create_file', arguments: '{"filePath":"/home/me/proj/a","content":"x"}' };
    const result = { metadata: { toolCallRounds: [{ toolCalls: [call] }] } };
    const response = [shown('copilot_createFile', 'u', { isConfirmed: { type: 0 }, pastTenseMessage: 'Skipped' })];
    const exchange = sessionOf(lines({ kind: 0, v: empty(id, asked('r', 'go', { response, result })) }))?.exchanges[0];
    expect(calls(exchange)[0]?.edits).toEqual([expect.objectContaining({ path: 'a', change: 'add', rejected: true })]);
    expect(results(exchange)[0]?.ok).toBe(false);
  });

  it('shows an edit without a tool, and one whose tool has no arguments', () => {
    const group = (path: string) => ({
      kind: 'textEditGroup',
      uri: { path },
      edits: [[{ text: 'new', range: { startLineNumber: 1, endLineNumber: 1 } }]],
    });
    const exchange = answered(group('/home/me/proj/a'), shown('copilot_applyPatch', 'u'), group('/home/me/proj/b'));
    expect(calls(exchange).map(({ name, edits }) => [name, edits?.map(({ path }) => path)])).toEqual([
      ['textEditGroup', ['a']],
      ['copilot_applyPatch', ['b']],
    ]);
  });

  it('takes calls and text from the rounds when the response has none', () => {
    const call = (n: string) => ({ id: n, name: `tool_${n}`, arguments: 'not JSON' });
    const rounds = [
      { response: 'Looking.', thinking: { id: 't', text: 'Hm.' }, toolCalls: [call('a')] },
      { response: 'Found.', toolCalls: [] },
    ];
    const request = asked('r', 'go', { response: [], result: { metadata: { toolCallRounds: rounds } } });
    const exchange = sessionOf(lines({ kind: 0, v: empty(id, request) }))?.exchanges[0];
    expect(parts(exchange).map((part) => ('text' in part ? part.text : part.kind))).toEqual([
      ...['go', 'Hm.', 'Looking.', 'tool_call', 'Found.'],
    ]);
    expect(calls(exchange)[0]?.input).toEqual({ value: 'not JSON' });
  });

  it('nests a sub-agent below the session', () => {
    const data = { kind: 'subagent', description: 'Look around', prompt: 'look', result: 'seen' };
    const response = [
      shown('runSubagent', 'sub', { toolSpecificData: data, resultDetails: { output: 'seen' } }),
      shown('copilot_readFile', 'in', { subAgentInvocationId: 'sub', pastTenseMessage: 'Read a' }),
      { value: 'End.' },
    ];
    const content = lines({ kind: 0, v: empty(id, asked('r', 'go', { response })) });
    const host = world({ [`${storage}/workspace.json`]: workspace, [`${storage}/chatSessions/${id}.jsonl`]: content });
    const [main, child] = sessionsIn(host);
    expect(child?.meta).toMatchObject({ id: `${id}.sub`, parent: id, title: 'Look around' });
    expect(prompts(child?.exchanges)).toEqual(['look']);
    expect(calls(child?.exchanges[0]).map(({ name }) => name)).toEqual(['copilot_readFile']);
    expect(calls(main?.exchanges[0]).map(({ name }) => name)).toEqual(['runSubagent']);
    expect(results(main?.exchanges[0])[0]).toMatchObject({ text: 'seen', session: `${id}.sub` });
  });

  it('links a sub-agent to the call that the model made, and keeps two of them apart', () => {
    const start = (n: string) =>
      shown('runSubagent', `ui-${n}`, { toolSpecificData: { kind: 'subagent', prompt: `look ${n}` } });
    const inner = (n: string) => shown('copilot_readFile', `in-${n}`, { subAgentInvocationId: `ui-${n}` });
    const toolCalls = ['1', '2'].map((n) => ({ id: `call_${n}__vscode-${n}`, name: 'runSubagent', arguments: '{}' }));
    const toolCallResults = { 'call_1__vscode-1': { content: ['one'] }, 'call_2__vscode-2': { content: ['two'] } };
    const request = asked('r', 'go', {
      response: [start('1'), start('2'), inner('2'), inner('1')],
      result: { metadata: { toolCallRounds: [{ toolCalls }], toolCallResults } },
    });
    const content = lines({ kind: 0, v: empty(id, request) });
    const host = world({ [`${storage}/workspace.json`]: workspace, [`${storage}/chatSessions/${id}.jsonl`]: content });
    const [main, ...children] = sessionsIn(host);
    expect(children.map(({ meta, exchanges }) => [meta.id, prompts(exchanges)])).toEqual([
      [`${id}.ui-1`, ['look 1']],
      [`${id}.ui-2`, ['look 2']],
    ]);
    expect(results(main?.exchanges[0]).map(({ call, text, session }) => [call, text, session])).toEqual([
      ['call_1', 'one', `${id}.ui-1`],
      ['call_2', 'two', `${id}.ui-2`],
    ]);
  });

  it('keeps calls in place that are shown in another order than they were made', () => {
    const call = (n: string) => ({ id: n, name: n, arguments: '{}' });
    const rounds = [{ toolCalls: [call('a'), call('b')] }, { toolCalls: [call('c'), call('d')] }];
    const response = [shown('b', 'b'), shown('a', 'a'), { value: 'then' }, shown('d', 'd')];
    const request = asked('r', 'go', { response, result: { metadata: { toolCallRounds: rounds } } });
    const exchange = sessionOf(lines({ kind: 0, v: empty(id, request) }))?.exchanges[0];
    const order = parts(exchange).filter((part) => part.kind === 'tool_call' || part.kind === 'text');
    expect(order.slice(1).map((part) => (part.kind === 'text' ? part.text : part.name))).toEqual([
      'b',
      'a',
      'then',
      'c',
      'd',
    ]);
  });

  it('keeps what a restored checkpoint hides and says what the next prompt continues', () => {
    const hidden = { shouldBeRemovedOnSend: { requestId: 'r2' } };
    const requests = [asked('r1', 'one'), asked('r2', 'two', hidden), asked('r3', 'three')];
    const exchanges = sessionOf(lines({ kind: 0, v: empty(id, ...requests) }))?.exchanges ?? [];
    expect(prompts(exchanges)).toEqual(['one', 'two', 'three']);
    expect(exchanges.map(({ parent }) => parent)).toEqual([undefined, undefined, exchanges[0]?.id]);
  });
});

describe('a log of changes', () => {
  it('sets, pushes, cuts and deletes', () => {
    expect(prompts(afterLog({ kind: 1, k: ['requests', 1, 'message', 'text'], v: 'second' }))).toEqual([
      'one',
      'second',
    ]);
    expect(prompts(afterLog({ kind: 2, k: ['requests'], v: [asked('r3', 'three')] }))).toEqual(['one', 'two', 'three']);
    expect(prompts(afterLog({ kind: 2, k: ['requests'], v: [asked('r4', 'new')], i: 1 }))).toEqual(['one', 'new']);
    expect(prompts(afterLog({ kind: 2, k: ['requests'], i: 1 }))).toEqual(['one']);
    expect(parts(afterLog({ kind: 3, k: ['requests', 1, 'response'] })[1])).toHaveLength(1);
    expect(parts(afterLog({ kind: 2, k: ['requests', 0, 'response'], v: [{ value: '!' }] })[0])[1]).toEqual({
      kind: 'text',
      text: 'answer to one!',
    });
    expect(prompts(afterLog({ kind: 0, v: empty(id, asked('r9', 'fresh')) }))).toEqual(['fresh']);
  });

  it('passes over changes at places that are not there, and touches no prototype', () => {
    const before = afterLog();
    const hostile = [
      { kind: 1, k: ['__proto__', 'polluted'], v: true },
      { kind: 1, k: ['constructor', 'prototype', 'polluted'], v: true },
      { kind: 2, k: ['requests', '__proto__'], v: ['x'] },
      { kind: 1, k: ['requests', 0, '__proto__'], v: { isCanceled: true } },
      { kind: 1, k: ['requests', 4_000_000_000], v: {} },
      { kind: 1, k: ['requests', 'length'], v: 0 },
      { kind: 2, k: ['requests'], v: [], i: -1 },
      { kind: 3, k: ['requests', 77] },
      { kind: 1, k: [], v: {} },
      { kind: 1, k: 'requests', v: [] },
      { kind: 4, k: ['requests'], v: [] },
      { kind: 1, k: ['inputState', 'inputText'], v: 'draft' },
      {},
    ];
    expect(afterLog(...hostile)).toEqual(before);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
  });

  it('counts broken lines and waits for one that is being written', () => {
    const session = sessionOf(`${lines({ kind: 0, v: empty(id, asked('r1', 'one')) })}{broken\n{"kind":2,"k":["req`);
    expect(session?.meta.unreadable).toBe(1);
    expect(prompts(session?.exchanges)).toEqual(['one']);
  });

  it('asks to try again while there is no whole first entry, or no whole document', () => {
    const read = (name: string, content: string) => () => sessionOf(content, name);
    for (const attempt of [
      read('a.jsonl', '{"kind":0,"v":{"requ'),
      read('a.jsonl', ''),
      read('a.json', document.slice(0, 700)),
    ]) {
      expect(attempt).toThrow(SpecstoryError);
      expect(attempt).toThrow(expect.objectContaining({ kind: 'unavailable', hint: expect.stringContaining('again') }));
    }
  });

  it('reads anything without throwing', () => {
    // The constant breaks whatever turns it into text without asking.
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ toString: 1, valueOf: 1 }));
    const key = fc.oneof(fc.constantFrom('requests', 'response', 'message', 'text', '__proto__'), fc.nat(3), value);
    const entry = fc.record({
      kind: fc.oneof(fc.integer({ min: 0, max: 4 }), value),
      k: fc.array(key),
      v: value,
      i: value,
    });
    const part = fc.oneof(
      value,
      fc.record({ kind: value, toolId: value }),
      fc.record({
        kind: fc.constantFrom('toolInvocationSerialized', 'textEditGroup', 'thinking', 'inlineReference', 'warning'),
        ...{ value, toolId: value, toolCallId: value, toolSpecificData: value, resultDetails: value, uri: value },
        ...{ edits: value, inlineReference: value, subAgentInvocationId: value, isComplete: value },
      }),
    );
    const request = asked('r', 'x');
    const odd = fc.record({
      requestId: value,
      timestamp: value,
      message: value,
      response: fc.array(part),
      result: value,
    });
    fc.assert(
      fc.property(fc.array(entry), fc.array(odd), (entries, requests) => {
        const first = { kind: 0, v: empty(id, request, ...requests) };
        for (const content of [lines(first, ...entries.filter(({ kind }) => kind !== 0)), lines(first)]) {
          for (const exchange of sessionOf(content)?.exchanges ?? [])
            expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('files a person names', () => {
  const host = world({
    '/a/chat.json': JSON.stringify({ responderUsername: 'GitHub Copilot', requests: [asked('r1', 'one')] }),
    '/a/later.json': JSON.stringify(
      { responderUsername: 'x', requests: [asked('r1', 'one'), asked('r2', 'two')] },
      null,
      2,
    ),
    '/a/log.txt': log,
    '/a/events': events,
    '/a/half.json': document.slice(0, 700),
    '/a/empty.jsonl': '',
    '/a/cli.jsonl': lines({ type: 'session.start', data: { sessionId: 's', copilotVersion: '1.0.77' } }),
    '/a/gemini.json': JSON.stringify({ sessionId: 's', projectHash: 'h', messages: [] }),
    '/a/requests.json': '{"requests": []}',
  });
  const opened = (path: string) =>
    [...copilotide.open(host, path)].map((source) => readSource(copilotide, host, source)[0]);

  it('gives an export an id that a later export of the same chat repeats', () => {
    const [[first], [later]] = [opened('/a/chat.json'), opened('/a/later.json')];
    expect(first?.meta.id).toMatch(/^export-[0-9a-f]{32}$/);
    expect(later?.meta.id).toBe(first?.meta.id);
    expect(prompts(later?.exchanges)).toEqual(['one', 'two']);
  });

  it('reads a transcript of the extension', () => {
    const [session] = opened('/a/events');
    expect(session?.meta).toMatchObject({ id: 'ev', agentVersion: '0.47.0' });
    expect(prompts(session?.exchanges)).toEqual(['fix it', 'again']);
    expect(calls(session?.exchanges[0])).toEqual([expect.objectContaining({ id: 't1', edits: [expect.anything()] })]);
    expect(results(session?.exchanges[0])).toEqual([{ kind: 'tool_result', call: 't1', ok: false, text: '' }]);
  });

  it('goes on with a transcript from a checkpoint', () => {
    const [source] = copilotide.open(host, '/a/events');
    if (!source) throw new Error('not opened');
    const parser = copilotide.parser({ source, roots: [] });
    for (const record of copilotide.records(host, source, 0)) parser.push(record);
    const mark = parser.checkpoint();
    const rest = copilotide.parser({ source, roots: [] }, mark?.state);
    for (const record of copilotide.records(host, source, mark?.offset ?? 0)) rest.push(record);
    expect(rest.open()).toEqual(parser.open());
    expect(rest.sessions()).toEqual(parser.sessions());
  });

  it('opens its files under any name, and no others', () => {
    const count = (name: string) => [...copilotide.open(host, `/a/${name}`)].length;
    expect(['chat.json', 'log.txt', 'events', 'half.json'].map(count)).toEqual([1, 1, 1, 1]);
    expect(['empty.jsonl', 'cli.jsonl', 'gemini.json', 'requests.json', 'missing'].map(count)).toEqual([0, 0, 0, 0, 0]);
  });
});

const corpus = process.env.SPECSTORY_CORPUS;
if (!corpus) console.info('copilotide: SPECSTORY_CORPUS is not set, real transcripts are not read');

describe.runIf(corpus)('real transcripts of VS Code', () => {
  const folder = `${corpus}/copilot-chat`;
  const host = nodeHost();
  // A list of models and a pointer to a folder: files beside the sessions.
  const beside = /models\.json$|workspace\.json$/;
  const names = corpus ? readdirSync(folder) : [];
  const read = (name: string) =>
    [...copilotide.open(host, `${folder}/${name}`)].flatMap((source) => readSource(copilotide, host, source));

  it('knows what is not a session', () => {
    expect(names.filter((name) => beside.test(name)).flatMap(read)).toEqual([]);
  });

  it('reads every file into what the model can hold', () => {
    const count = { sessions: 0, exchanges: 0, calls: 0, edits: 0, unknown: 0 };
    for (const name of names.filter((candidate) => !beside.test(candidate))) {
      for (const { meta, exchanges } of read(name)) {
        expect(sessionMetaSchema.safeParse(meta).error, name).toBeUndefined();
        for (const exchange of exchanges) expect(exchangeSchema.safeParse(exchange).error, name).toBeUndefined();
        count.sessions++;
        count.exchanges += exchanges.length;
        count.calls += exchanges.flatMap(calls).length;
        count.edits += exchanges.flatMap(calls).filter((call) => call.edits).length;
        count.unknown += Object.keys(meta.unknown ?? {}).length;
      }
    }
    expect(count).toEqual({ sessions: 7, exchanges: 12, calls: 11, edits: 5, unknown: 0 });
  });

  it('gives the same session from a document and from a log', () => {
    const session = (ending: string) => read(names.find((name) => name.endsWith(`simple.${ending}`)) ?? '');
    expect(session('jsonl')).toEqual(session('json'));
  });
});
