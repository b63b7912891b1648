import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../src/adapters/adapter.ts';
import { gemini } from '../../src/adapters/gemini/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { SpecstoryError } from '../../src/core/errors.ts';
import { digest } from '../../src/core/ids.ts';
import { type Exchange, exchangeSchema, type Message, promptOf, sessionMetaSchema } from '../../src/core/session.ts';
import { nodeHost } from '../../src/platform/host.ts';
import { type MemoryHost, memoryHost } from '../hosts/memory-host.ts';
import { adapterContract } from './contract.ts';

const fixture = fileURLToPath(new URL('../fixtures/gemini/session-2026-03-01T10-00-11112222.json', import.meta.url));
const document = readFileSync(fixture, 'utf8');
const id = '11112222-0000-4000-8000-000000000001';
const other = '33334444-0000-4000-8000-000000000002';
const project = { roots: ['/home/me/proj'] };
const chats = `/home/me/.gemini/tmp/${digest('/home/me/proj')}/chats`;
const name = 'session-2026-03-01T10-00-11112222';

const lines = (...records: readonly unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');
const meta = (sessionId: string) => ({
  sessionId,
  projectHash: digest('/home/me/proj'),
  startTime: at(0),
  kind: 'main',
});
const at = (second: number) => new Date(Date.UTC(2026, 2, 1, 12, 0, second)).toISOString();
const user = (messageId: string, content: unknown, second = 1) => ({
  id: messageId,
  timestamp: at(second),
  type: 'user',
  content,
});
const answer = (messageId: string, content: unknown, more: object = {}) => ({
  id: messageId,
  timestamp: at(9),
  type: 'gemini',
  content,
  ...more,
});

const log = lines(meta(other), user('a', 'first'), answer('b', 'one'), { $set: { lastUpdated: at(3) } });
const world = (files: Record<string, string>) => memoryHost({ home: '/home/me', files });
const read = (host: MemoryHost, source: Source) => readSource(gemini, host, source, project.roots);
const sessionsOf = (files: Record<string, string>) => {
  const host = world(files);
  return [...gemini.find(host, project)].flatMap((source) => read(host, source));
};
const exchangesOf = (...records: readonly unknown[]): readonly Exchange[] =>
  sessionsOf({ [`${chats}/${name}.jsonl`]: lines(meta(id), ...records) })[0]?.exchanges ?? [];
const prompts = (exchanges: readonly Exchange[]) => exchanges.map((exchange) => promptOf(exchange.messages));
const parts = (messages: readonly Message[] = []) => messages.flatMap((message) => message.parts);

adapterContract(gemini, [
  {
    name: 'hashed project folder, document and log',
    host: world({
      [`${chats}/${name}.json`]: document,
      [`${chats}/session-2026-05-01T10-00-33334444.jsonl`]: log,
      [`${chats}/${other}/sub-1.jsonl`]: lines(
        { ...meta('sub-1'), kind: 'subagent' },
        user('s1', 'look'),
        answer('s2', 'x'),
      ),
      [`/home/me/.gemini/tmp/${digest('/home/me/else')}/chats/${name}.json`]: document,
      '/home/me/.gemini/tmp/bin/rg': '',
    }),
    project,
    sessions: [id, other],
  },
  {
    name: 'slug by .project_root, on macOS, started in a folder of the project',
    host: memoryHost({
      platform: 'darwin',
      home: '/Users/me',
      files: {
        '/Users/me/.gemini/tmp/proj-1/.project_root': '/Users/me/proj/packages/a\n',
        [`/Users/me/.gemini/tmp/proj-1/chats/${name}.json`]: document,
        '/Users/me/.gemini/tmp/proj/.project_root': '/Users/me/old/proj',
        [`/Users/me/.gemini/tmp/proj/chats/${name}.json`]: document,
      },
    }),
    project: { roots: ['/Users/me/proj'] },
    sessions: [id],
  },
  {
    name: 'slug by projects.json, GEMINI_CLI_HOME, on Windows',
    host: memoryHost({
      platform: 'win32',
      home: 'C:\\Users\\me',
      env: { GEMINI_CLI_HOME: 'D:\\gem' },
      files: {
        'D:\\gem\\.gemini\\projects.json': JSON.stringify({ projects: { 'c:\\work\\proj': 'proj', 5: 7 } }),
        [`D:\\gem\\.gemini\\tmp\\proj\\chats\\${name}.json`]: document,
        [`D:\\gem\\.gemini\\tmp\\${digest('c:\\Work\\Proj')}\\chats\\session-2026-01-01T00-00-33334444.jsonl`]: log,
        'C:\\Users\\me\\.gemini\\tmp\\proj\\chats\\session-2026-01-01T00-00-55556666.jsonl': log,
      },
    }),
    project: { roots: ['C:\\Work\\Proj'] },
    sessions: [id, other],
  },
]);

describe('a document of Gemini CLI', () => {
  const [session] = sessionsOf({ [`${chats}/${name}.json`]: document });
  const [first, second] = session?.exchanges ?? [];

  it('gives title, times and folder of the session', () => {
    expect(session?.meta).toMatchObject({ id, title: 'Greeting', createdAt: '2026-03-01T10:00:00.000Z' });
  });

  it('opens exchanges at what a person typed only', () => {
    expect(prompts(session?.exchanges ?? [])).toEqual(['add a greeting to src/hello.ts', 'explain @README.md']);
  });

  it('keeps thoughts, text, calls and results of one answer in order', () => {
    const kinds = parts(first?.messages).map((part) => part.kind);
    expect(kinds).toEqual([
      ...[
        'text',
        'thinking',
        'text',
        'tool_call',
        'tool_result',
        'tool_call',
        'tool_result',
        'tool_call',
        'tool_result',
      ],
      ...['note', 'text'],
    ]);
    expect(parts(first?.messages)[1]).toEqual({ kind: 'thinking', text: '**Planning**\n\nOne file.' });
  });

  it('counts tokens apart from the cache and with what was thought', () => {
    expect(first?.messages[1]?.usage).toEqual({ input: 42, output: 25, cacheRead: 60, reasoning: 5 });
    expect(first?.messages[1]?.model).toBe('gemini-3-pro');
  });

  it('takes the hunks that were shown to the person', () => {
    const [call] = parts(first?.messages).filter((part) => part.kind === 'tool_call');
    expect(call?.edits).toEqual([
      {
        path: 'src/hello.ts',
        change: 'add',
        diff: '@@ -0,0 +1,1 @@\n+export const hello = 1;\n\\ No newline at end of file',
        exact: true,
      },
    ]);
  });

  it('says of a command with an exit code that it failed, and of a cancelled edit that it was refused', () => {
    const all = parts(first?.messages);
    const results = all.filter((part) => part.kind === 'tool_result').map((part) => [part.call, part.ok]);
    expect(results).toEqual([
      ['write_file_1_0', true],
      ['run_shell_command_1_1', false],
      ['replace_1_2', false],
    ]);
    const refused = all.filter((part) => part.kind === 'tool_call')[2]?.edits;
    expect(refused).toEqual([
      { path: 'src/hello.ts', change: 'update', diff: expect.any(String), exact: false, rejected: true },
    ]);
  });

  it('notes what the program said, and keeps of an image its size and hash', () => {
    expect(parts(first?.messages)).toContainEqual({ kind: 'note', label: 'interrupted', text: 'Request cancelled.' });
    expect(parts(second?.messages)).toEqual([
      { kind: 'text', text: 'explain @README.md' },
      { kind: 'attachment', mime: 'image/png', bytes: 5, sha256: digest('hello') },
      { kind: 'note', label: 'error', text: '[API Error: quota]' },
    ]);
  });

  it('drops the content of referenced files without displayContent too', () => {
    const content = [{ text: 'read @a.md' }, { text: '--- Content from referenced files ---' }, { text: 'secret' }];
    const glued = 'read @b.md\n--- Content from referenced files ---\nsecret\n--- End of content ---';
    expect(prompts(exchangesOf(user('a', content), user('b', glued)))).toEqual(['read @a.md', 'read @b.md']);
  });

  it('shows a slash command as a command and a path as text', () => {
    const first = exchangesOf(user('a', '/review src'), user('b', '/home/me is full')).map(
      ({ messages }) => parts(messages)[0],
    );
    expect(first).toEqual([
      { kind: 'note', label: 'command', text: '/review src' },
      { kind: 'text', text: '/home/me is full' },
    ]);
  });
});

describe('a log of Gemini CLI', () => {
  it('takes the last version of a message at its first place', () => {
    const call = { id: 't', name: 'read_file', args: { file_path: 'x' }, status: 'executing' };
    const [exchange] = exchangesOf(
      user('a', 'go'),
      answer('b', '', { toolCalls: [call] }),
      answer('c', 'end'),
      answer('b', 'reading', { toolCalls: [{ ...call, status: 'success', result: [], resultDisplay: 'content' }] }),
    );
    expect(parts(exchange?.messages).map((part) => ('text' in part ? part.text : part.kind))).toEqual([
      'go',
      'reading',
      'tool_call',
      'content',
      'end',
    ]);
  });

  it('keeps what a rewind takes back and says what the next prompt continues', () => {
    const exchanges = exchangesOf(
      user('a', 'one'),
      answer('b', '1'),
      user('c', 'two'),
      answer('d', '2'),
      { $rewindTo: 'c' },
      user('e', 'two again'),
      user('f', 'three'),
    );
    expect(prompts(exchanges)).toEqual(['one', 'two', 'two again', 'three']);
    expect(exchanges.map(({ parent }) => parent)).toEqual([undefined, undefined, exchanges[0]?.id, undefined]);
  });

  it('takes a new list of messages for what the model sees, not for what was said', () => {
    const summary = user('z', [{ text: '<state_snapshot>all so far</state_snapshot>' }], 4);
    const masked = answer('b', [{ text: '[masked]' }]);
    const [first, second] = exchangesOf(
      user('a', 'one'),
      answer('b', 'long answer'),
      { $set: { messages: [summary, user('y', [{ functionResponse: {} }]), masked], summary: 'Title' } },
      user('c', 'two'),
    );
    expect(parts(first?.messages).map((part) => part.kind)).toEqual(['text', 'text', 'note']);
    expect(parts(first?.messages)[1]).toMatchObject({ text: 'long answer' });
    expect(promptOf(second?.messages ?? [])).toBe('two');
  });

  it('reads a resumed session from all its files, each exchange once', () => {
    const more = lines(meta(id), user('u1', 'add a greeting to src/hello.ts'), answer('g9', 'x'), user('u3', 'third'));
    const sessions = sessionsOf({
      [`${chats}/${name}.json`]: document,
      [`${chats}/${name}.jsonl`]: more,
      [`${chats}/session-2026-03-02T09-00-11112222.jsonl`]: lines(meta(id), user('u4', 'fourth')),
    });
    expect(sessions.map((session) => session.meta.id)).toEqual([id]);
    expect(prompts(sessions[0]?.exchanges ?? [])).toEqual([
      'add a greeting to src/hello.ts',
      'explain @README.md',
      'third',
      'fourth',
    ]);
  });

  it('tells sessions apart whose ids begin alike', () => {
    const twin = '11112222-ffff-4000-8000-000000000009';
    const sessions = sessionsOf({
      [`${chats}/${name}.json`]: document,
      [`${chats}/session-2026-03-02T09-00-11112222.jsonl`]: lines(meta(twin), user('q', 'other')),
    });
    expect(sessions.map((session) => session.meta.id)).toEqual([id, twin]);
  });

  it('hangs a sub-agent below the session that started it', () => {
    const call = {
      id: 't',
      name: 'codebase_investigator',
      args: {},
      status: 'success',
      agentId: 'scout-1',
      result: [],
    };
    const sessions = sessionsOf({
      [`${chats}/${name}.jsonl`]: lines(meta(id), user('a', 'go'), answer('b', '', { toolCalls: [call] })),
      [`${chats}/${id}/scout-1.jsonl`]: lines({ ...meta('scout-1'), kind: 'subagent' }, user('s', 'look around')),
    });
    expect(sessions.map(({ meta }) => [meta.id, meta.parent])).toEqual([
      [id, undefined],
      [`${id}.scout-1`, id],
    ]);
    expect(parts(sessions[0]?.exchanges[0]?.messages)).toContainEqual(
      expect.objectContaining({ kind: 'tool_result', session: `${id}.scout-1` }),
    );
  });

  it('gives the folder of the project as cwd and paths relative to it', () => {
    const [session] = sessionsOf({ [`${chats}/${name}.jsonl`]: lines(meta(id), user('a', 'go')) });
    expect(session?.meta.cwd).toBe('/home/me/proj');
    expect(session?.exchanges[0]?.cwd).toBe('/home/me/proj');
  });

  it('waits for a line that is being written and counts one that is broken', () => {
    const [session] = sessionsOf({
      [`${chats}/${name}.jsonl`]: `${lines(meta(id), user('a', 'go'))}{broken\n{"id":"half`,
    });
    expect(session?.meta.unreadable).toBe(1);
    expect(session?.exchanges).toHaveLength(1);
  });

  it('reads anything without throwing', () => {
    const value = fc.oneof(fc.jsonValue({ maxDepth: 2 }), fc.constant({ toString: 1, valueOf: 1 }));
    const message = fc.record({
      id: fc.oneof(fc.constantFrom('a', 'b', 'c'), value),
      type: fc.oneof(fc.constantFrom('user', 'gemini', 'info', 'model'), value),
      timestamp: value,
      content: fc.oneof(fc.string(), value, fc.array(fc.record({ text: fc.oneof(fc.string(), value) }))),
      toolCalls: fc.array(fc.oneof(value, fc.record({ id: value, name: value, args: value, result: value }))),
      tokens: value,
    });
    const record = fc.oneof(message, value, fc.record({ $rewindTo: value }), fc.record({ $set: value }));
    fc.assert(
      fc.property(fc.array(record, { maxLength: 12 }), (records) => {
        for (const exchange of exchangesOf(...records))
          expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
      }),
      { numRuns: 150 },
    );
  });
});

describe('files that are not whole or not ours', () => {
  it('asks to try again when a document is half written', () => {
    const path = `${chats}/${name}.json`;
    const host = world({ [path]: document.slice(0, 900) });
    const [source] = gemini.find(host, project);
    const reading = () => source && [...gemini.records(host, source, 0)];
    expect(reading).toThrow(SpecstoryError);
    expect(reading).toThrow(expect.objectContaining({ kind: 'unavailable', hint: expect.stringContaining('again') }));
    expect([...gemini.open(host, path)]).toHaveLength(1);
  });

  it('opens its files under any name, and no others', () => {
    const host = world({
      '/a/full.jsonl': document,
      '/a/log.txt': log,
      '/a/no-metadata': lines(user('a', 'x'), answer('b', 'y')),
      '/a/empty': '',
      '/a/claude.jsonl': lines({
        parentUuid: null,
        sessionId: 's',
        type: 'user',
        message: { role: 'user', content: 'x' },
      }),
      '/a/copilot.json': JSON.stringify({ sessionId: 's', requests: [] }),
      '/a/opencode.json': JSON.stringify({ info: {}, messages: [{ info: {}, parts: [] }] }),
      '/a/notes.md': '# Notes\n\n"messages": [ "type": "gemini"\n',
    });
    const opened = (path: string) => [...gemini.open(host, path)].length;
    expect(['full.jsonl', 'log.txt', 'no-metadata'].map((file) => opened(`/a/${file}`))).toEqual([1, 1, 1]);
    const foreign = ['empty', 'claude.jsonl', 'copilot.json', 'opencode.json', 'notes.md', 'missing'];
    expect(foreign.map((file) => opened(`/a/${file}`))).toEqual([0, 0, 0, 0, 0, 0]);
  });
});

const corpus = process.env.SPECSTORY_CORPUS;
if (!corpus) console.info('gemini: SPECSTORY_CORPUS is not set, real transcripts are not read');

describe.runIf(corpus)('real transcripts of Gemini CLI', () => {
  const folder = `${corpus}/gemini-cli`;
  const host = nodeHost();
  // A drawing of a newer format by another tool: no messages, no session id.
  const foreign = ['jazzyalex-agent-sessions__stage0-schema_drift.json'];
  const files = corpus ? readdirSync(folder).filter((file) => !foreign.includes(file)) : [];

  it('knows what is not a session', () => {
    for (const file of foreign) expect([...gemini.open(host, `${folder}/${file}`)]).toEqual([]);
  });

  it('reads every file into what the model can hold', () => {
    const count = { exchanges: 0, calls: 0, exact: 0, unknown: 0 };
    for (const file of files) {
      const sources = [...gemini.open(host, `${folder}/${file}`)];
      expect(sources, file).toHaveLength(1);
      for (const { meta, exchanges } of sources.flatMap((source) => readSource(gemini, host, source))) {
        expect(sessionMetaSchema.safeParse(meta).error, file).toBeUndefined();
        for (const exchange of exchanges) expect(exchangeSchema.safeParse(exchange).error, file).toBeUndefined();
        const calls = exchanges.flatMap(({ messages }) => parts(messages)).filter((part) => part.kind === 'tool_call');
        count.exchanges += exchanges.length;
        count.calls += calls.length;
        count.exact += calls.filter((call) => call.edits?.some((edit) => edit.exact)).length;
        count.unknown += Object.keys(meta.unknown ?? {}).length;
      }
    }
    expect(count).toEqual({ exchanges: 22, calls: 40, exact: 5, unknown: 0 });
  });
});
