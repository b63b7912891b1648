import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { md5 } from '@noble/hashes/legacy.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { cursor } from '../../src/adapters/cursor/index.ts';
import { editsOfCall } from '../../src/adapters/cursor-edits.ts';
import { promptIn } from '../../src/adapters/cursor-prompt.ts';
import { columnText } from '../../src/adapters/database.ts';
import { bytesOf, fields, numberOf, textOf } from '../../src/adapters/protobuf.ts';
import { readSource } from '../../src/adapters/read.ts';
import type { Host } from '../../src/core/host.ts';
import { exchangeSchema, promptOf, type Session, sessionMetaSchema } from '../../src/core/session.ts';
import { nodeHost } from '../../src/platform/host.ts';
import {
  Blobs,
  chatStore,
  composer,
  field,
  linuxHost,
  stateDatabase,
  temporaryHome,
} from '../fixtures/cursor/stores.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import { adapterContract } from './contract.ts';

const ids = {
  chat: 'aaaaaaaa-0000-4000-8000-000000000001',
  child: 'aaaaaaaa-0000-4000-8000-000000000002',
  nested: 'aaaaaaaa-0000-4000-8000-000000000003',
  mirrored: 'aaaaaaaa-0000-4000-8000-000000000004',
  editor: 'aaaaaaaa-0000-4000-8000-000000000005',
  below: 'aaaaaaaa-0000-4000-8000-000000000006',
};

const text = (content: string) => [{ type: 'text', text: content }];
const line = (role: string, content: unknown) => `${JSON.stringify({ role, message: { content } })}\n`;
const typed = (prompt: string) => line('user', text(`<user_query>\n${prompt}\n</user_query>`));
const hash = (path: string) => bytesToHex(md5(utf8ToBytes(path)));
const cursorOptions = (options: object) => ({ providerOptions: { cursor: options } });

/** A conversation with a compaction, the same prompt twice, a sub-agent, a proven and a refused edit. */
function conversation(): { blobs: Blobs; root: number[] } {
  const blobs = new Blobs();
  const user = (prompt: string, options: object = {}) =>
    blobs.add({ role: 'user', content: text(`<user_query>\n${prompt}\n</user_query>`), ...cursorOptions(options) });
  const said = (content: string) => blobs.add({ role: 'assistant', content: text(content) });
  const result = (call: string, name: string, output: object, more: object = {}) =>
    blobs.add({
      role: 'tool',
      content: [{ type: 'tool-result', toolCallId: call, toolName: name, result: `${name} says` }],
      ...cursorOptions({ highLevelToolCallResult: { output, ...more } }),
    });
  const system = blobs.add({ role: 'system', content: 'You are an agent.' });
  const machine = blobs.add({
    role: 'user',
    content:
      '<user_info>\nOS: linux\nWorkspace Path: /work/app\n</user_info>\n<git_status>\n## topic/x...origin/topic/x\n M a.ts\n</git_status>',
  });
  const first = user('Start', { requestId: 'r1' });
  const archive = blobs.add(Blobs.names(1, [system, machine, first, said('Started')]));
  const summary = blobs.add({ role: 'user', content: 'What happened so far', ...cursorOptions({ isSummary: true }) });
  const again = user('Again');
  const work = blobs.add({
    role: 'assistant',
    content: [
      { type: 'reasoning', text: 'Hmm' },
      { type: 'redacted-reasoning', data: 'x', ...cursorOptions({ modelName: 'model-b' }) },
      {
        type: 'tool-call',
        toolCallId: 'c1',
        toolName: 'StrReplace',
        args: { path: '/work/app/a.ts', old_string: 'a', new_string: 'b' },
      },
      { type: 'tool-call', toolCallId: 'c2', toolName: 'Write', args: { path: '/work/app/b.ts', contents: 'x\n' } },
      { type: 'tool-call', toolCallId: 'c3', toolName: 'Task', args: { prompt: 'Look' } },
    ],
  });
  const results = [
    result('c1', 'StrReplace', { success: { beforeFullFileContent: '1\na\n', afterFullFileContent: '1\nb\n' } }),
    result('c2', 'Write', { rejected: {} }),
    result('c3', 'Task', { success: { agentId: ids.child } }),
  ];
  const left = said('A branch that was left');
  const message = blobs.add([...field(1, 'Start'), ...field(2, 'message-1')]);
  const turn = blobs.add(field(1, Uint8Array.from([...Blobs.names(1, [message]), ...field(3, 'r1')])));
  expect(left).toHaveLength(64);
  const root = [
    ...Blobs.names(1, [system, machine, summary, again, work, ...results, again, said('Twice')]),
    ...Blobs.names(13, [archive]),
    ...Blobs.names(8, [turn]),
    ...field(14, Uint8Array.from([...field(1, 5), ...field(2, 1_767_323_045_000)])),
    ...field(9, 'file:///work/app'),
  ];
  return { blobs, root };
}

function machine(): Host {
  const { home, plant } = temporaryHome();
  const bucket = `.cursor/chats/${hash('/work/app')}`;
  const { blobs, root } = conversation();
  plant(
    `${bucket}/${ids.chat}/meta.json`,
    JSON.stringify({ schemaVersion: 1, title: 'A title', updatedAtMs: 1_767_330_000_000 }),
  );
  chatStore(
    join(home, bucket, ids.chat, 'store.db'),
    { agentId: ids.chat, name: 'New Agent', createdAt: 1_767_323_000_000 },
    blobs,
    root,
  );
  const small = new Blobs();
  const only = Blobs.names(1, [small.add({ role: 'user', content: 'Look' })]);
  const info = { subagentInfo: { parentAgentId: ids.chat, toolCallId: 'c3' } };
  chatStore(plant(`${bucket}/${ids.child}/store.db`), { agentId: ids.child, ...info }, small, only);
  const below = `.cursor/chats/${hash('/work/app/sub')}/${ids.below}`;
  chatStore(plant(`${below}/store.db`), { agentId: ids.below, workspacePath: '/work/app/sub' }, small, only);
  const foreign = `.cursor/chats/${hash('/work/other')}/bbbbbbbb-0000-4000-8000-000000000001`;
  plant(`${foreign}/meta.json`, JSON.stringify({ schemaVersion: 1, cwd: '/work/other' }));
  chatStore(plant(`${foreign}/store.db`), { agentId: 'other' }, small, only);
  const mirror = '.cursor/projects/work-app/agent-transcripts';
  plant(`${mirror}/${ids.chat}/${ids.chat}.jsonl`, typed('Start'));
  plant(`${mirror}/${ids.mirrored}.jsonl`, typed('Only here') + line('assistant', text('Yes')));
  plant(`${mirror}/${ids.mirrored}/subagents/${ids.nested}.jsonl`, typed('Below'));
  plant(`${mirror}/${ids.editor}/${ids.editor}.jsonl`, typed('In the editor'));
  plant('.cursor/projects/work-other/agent-transcripts/x.jsonl', typed('Elsewhere'));
  stateDatabase(plant('.config/Cursor/User/globalStorage/state.vscdb'), {
    cursorDiskKV: composer(ids.editor, {}, [{ bubbleId: 'b', type: 1 }]),
  });
  return linuxHost(home);
}

const project = { roots: ['/work/app'] };
const host = machine();
const windows = memoryHost({
  platform: 'win32',
  home: 'C:\\Users\\me',
  files: {
    [`C:\\Users\\me\\.cursor\\projects\\d-code-my-app\\agent-transcripts\\${ids.chat}.jsonl`]: typed('On Windows'),
  },
});
const trusted = (path: string) => JSON.stringify({ trustedAt: '2026-01-01T00:00:00Z', workspacePath: path });
const mac = memoryHost({
  platform: 'darwin',
  home: '/Users/me',
  env: { CURSOR_CONFIG_DIR: '/Users/me/conf' },
  links: { '/tmp/app': '/private/tmp/app' },
  files: {
    '/Users/me/conf/projects/private-tmp-app-sub/.workspace-trusted': trusted('/private/tmp/app/sub'),
    [`/Users/me/conf/projects/private-tmp-app-sub/agent-transcripts/${ids.chat}/${ids.chat}.jsonl`]:
      typed('In a folder'),
    '/Users/me/.cursor/projects/private-tmp-app/.workspace-trusted': trusted('/private/tmp-app'),
    '/Users/me/.cursor/projects/private-tmp-app/agent-transcripts/y.jsonl': typed('Another path, the same slug'),
    '/Users/me/.cursor/projects/private-tmp-app-two/agent-transcripts/x.jsonl': typed('A neighbour'),
  },
});

adapterContract(cursor, [
  { name: 'databases and transcripts on Linux', host, project, sessions: [ids.below, ids.chat, ids.mirrored].sort() },
  { name: 'transcripts on Windows', host: windows, project: { roots: ['D:\\code\\my app'] }, sessions: [ids.chat] },
  { name: 'moved folder and links on macOS', host: mac, project: { roots: ['/tmp/app'] }, sessions: [ids.chat] },
]);

const sessions = (on: Host = host, of = project): Session[] =>
  [...cursor.find(on, of)].flatMap((source) => readSource(cursor, on, source, of.roots));
const session = (id: string) => sessions().find(({ meta }) => meta.id === id);
const prompts = (found: Session | undefined) => found?.exchanges.map(({ messages }) => promptOf(messages));
const transcript = (content: string) => {
  const on = memoryHost({ files: { '/t/any name': content } });
  return [...cursor.open(on, '/t/any name')].flatMap((source) => readSource(cursor, on, source));
};

describe('store.db', () => {
  it('is read from the root, archived messages first, the same message as often as it is named', () => {
    expect(prompts(session(ids.chat))).toEqual(['Start', 'Again', 'Again']);
    expect(new Set(session(ids.chat)?.exchanges.map(({ id }) => id)).size).toBe(3);
    expect(JSON.stringify(session(ids.chat))).not.toContain('A branch that was left');
  });

  it('takes title, folder, branch and times from where they are', () => {
    expect(session(ids.chat)?.meta).toMatchObject({
      title: 'A title',
      cwd: '/work/app',
      branch: 'topic/x',
      createdAt: '2026-01-02T03:03:20.000Z',
      updatedAt: '2026-01-02T05:00:00.000Z',
    });
    expect(session(ids.chat)?.exchanges[0]?.startedAt).toBe('2026-01-02T03:04:05.000Z');
  });

  it('shows a compaction as a note and hides thinking that is not told', () => {
    const [first, second] = session(ids.chat)?.exchanges ?? [];
    expect(first?.messages.at(-1)?.parts.at(-1)).toEqual({
      kind: 'note',
      label: 'compaction',
      text: 'What happened so far',
    });
    const kinds = second?.messages[1]?.parts.map((part) =>
      part.kind === 'thinking' ? `thinking ${part.text}` : part.kind,
    );
    expect(kinds?.slice(0, 3)).toEqual(['thinking Hmm', 'thinking ', 'tool_call']);
    expect(second?.messages[1]?.model).toBe('model-b');
  });

  it('prefers the contents before and after to the arguments, and marks what was refused', () => {
    const parts = session(ids.chat)?.exchanges[1]?.messages.flatMap((message) => message.parts) ?? [];
    const calls = parts.filter((part) => part.kind === 'tool_call');
    expect(calls[0]?.edits).toEqual([
      { path: 'a.ts', change: 'update', diff: '@@ -1,2 +1,2 @@\n 1\n-a\n+b', exact: true },
    ]);
    expect(calls[1]?.edits).toMatchObject([{ path: 'b.ts', rejected: true, exact: false }]);
    expect(parts.filter((part) => part.kind === 'tool_result').map(({ ok }) => ok)).toEqual([true, false, true]);
  });

  it('hangs a sub-agent under its parent, from both sides', () => {
    expect(session(ids.child)?.meta.parent).toBe(ids.chat);
    const parts = session(ids.chat)?.exchanges[1]?.messages.flatMap((message) => message.parts) ?? [];
    expect(parts.find((part) => part.kind === 'tool_result' && part.call === 'c3')).toMatchObject({
      session: ids.child,
    });
  });

  it('that is damaged is one clear error, and the others are read', () => {
    const { home, plant } = temporaryHome();
    const damaged = plant(`.cursor/chats/${hash('/work/app')}/x/store.db`, 'SQLite format 3\0 and nothing else');
    plant('.cursor/projects/work-app/agent-transcripts/y.jsonl', typed('Fine'));
    const on = linuxHost(home);
    const [bad, good] = cursor.find(on, project);
    expect(() => [...cursor.records(on, bad!, 0)]).toThrow(
      expect.objectContaining({ kind: 'unavailable', message: expect.stringContaining(damaged) }),
    );
    expect(prompts(readSource(cursor, on, good!)[0])).toEqual(['Fine']);
    expect([...cursor.open(on, damaged)]).toEqual([]);
  });
});

describe('find', () => {
  it('looks into a folder of chats once to tell whose it is', () => {
    const known = new Map<string, boolean>();
    const first = [...cursor.find(host, project, known)];
    expect([...known.values()].sort()).toEqual([false, true]);
    const blind: Host = { ...host, files: { ...host.files, text: () => undefined } };
    expect([...cursor.find(blind, project, known)].map(({ key }) => key)).toEqual(first.map(({ key }) => key));
  });

  it('leaves to the editor what its database has, and nests sub-agents of transcripts', () => {
    const keys = [...cursor.find(host, project)].map(({ key }) => key);
    expect(keys).not.toContain(ids.editor);
    expect(keys).toContain(`${ids.mirrored}/${ids.nested}`);
    expect(session(ids.nested)?.meta.parent).toBe(ids.mirrored);
  });
});

describe('transcript', () => {
  it('was held in the root that its folder is named after', () => {
    const cwd = (of: Host, root: string) =>
      [...cursor.find(of, { roots: [root] })].map((source) => readSource(cursor, of, source, [root])[0]?.meta.cwd);
    expect(cwd(windows, 'D:\\code\\my app')).toEqual(['D:\\code\\my app']);
    expect(cwd(mac, '/tmp/app')).toEqual([undefined]);
  });

  it('has its prompts without wrappers, with the time they tell', () => {
    const wrapped = '<external_links>\nA page with <user_query>\nfalse\n</user_query>\n</external_links>\n';
    const time = '<timestamp>Saturday, Aug 29, 2026, 1:20 PM (UTC+2)</timestamp>\n';
    const [found] = transcript(line('user', text(`${time}${wrapped}<user_query>\nReal\n</user_query>`)));
    expect(prompts(found)).toEqual(['Real']);
    expect(found?.exchanges[0]?.startedAt).toBe('2026-08-29T11:20:00.000Z');
  });

  it('notes how a turn ended unless it ended well', () => {
    const ended = (status: string, error?: string) => `${JSON.stringify({ type: 'turn_ended', status, error })}\n`;
    const [found] = transcript(
      typed('a') +
        ended('success') +
        typed('b') +
        ended('error', 'User aborted request') +
        ended('error', 'Out of luck'),
    );
    const notes = found?.exchanges.map(({ messages }) => messages.slice(1).flatMap(({ parts }) => parts));
    expect(notes).toEqual([
      [],
      [
        { kind: 'note', label: 'interrupted', text: 'User aborted request' },
        { kind: 'note', label: 'error', text: 'Out of luck' },
      ],
    ]);
  });

  it('with the same prompt twice in a minute has two exchanges, the same ones when read again', () => {
    const time = '<timestamp>Saturday, Aug 29, 2026, 1:20 PM (UTC+2)</timestamp>\n';
    const again = line('user', text(`${time}<user_query>\nAgain\n</user_query>`));
    const ids = (found: Session[]) => found[0]?.exchanges.map(({ id }) => id) ?? [];
    expect(new Set(ids(transcript(again + again + again))).size).toBe(3);
    expect(ids(transcript(again + again + again)).slice(0, 2)).toEqual(ids(transcript(again + again)));
  });

  it('counts what it does not know', () => {
    const [found] = transcript(
      typed('a') +
        line('assistant', [{ type: 'hologram' }]) +
        '{"type":"weather"}\n{"role":"judge","message":{}}\nno json\n',
    );
    expect(found?.meta).toMatchObject({ unknown: { 'part hologram': 1, weather: 1, 'role judge': 1 }, unreadable: 1 });
  });

  it('of another agent is not claimed', () => {
    const foreign = [
      '',
      '{"type":"user","uuid":"u","sessionId":"s","message":{"role":"user","content":[]}}\n',
      '{"type":"error","error":"boom"}\n',
      '{"role":"user","content":"hi"}\n',
      'plain text\n',
    ];
    for (const content of foreign) expect(transcript(content)).toEqual([]);
  });
});

describe('promptIn', () => {
  it('gives back what was typed, whatever it was', () => {
    const plain = fc
      .string({ unit: 'grapheme' })
      .filter((typed) => typed.trim() !== '' && !typed.includes('user_query'));
    fc.assert(
      fc.property(plain, (typed) => {
        const wrapped = `<rules>\nbe kind\n</rules>\n<some_new_block a="b">x</some_new_block>\n<user_query>\n${typed}\n</user_query>`;
        expect(promptIn(wrapped)?.text).toBe(typed.trim());
      }),
    );
  });

  it('finds none in injected context', () => {
    const injected = [
      '',
      '<user_info>\nOS\n</user_info>',
      '<user_query>\nBriefly inform the user about the task result and perform any follow-up actions\n</user_query>',
    ];
    for (const message of injected) expect(promptIn(message)).toBeUndefined();
    expect(promptIn('<div>why?</div>')?.text).toBe('<div>why?</div>');
  });

  it('reads a time of any zone, and none without a zone', () => {
    const at = (time: string) => promptIn(`<timestamp>${time}</timestamp>\n<user_query>\nx\n</user_query>`)?.at;
    expect(at('Monday, Jan 5, 2026, 12:05 AM (UTC-8)')).toBe('2026-01-05T08:05:00.000Z');
    expect(at('Monday, Jan 5, 2026, 12:05 PM (UTC+5:30)')).toBe('2026-01-05T06:35:00.000Z');
    expect(at('Monday, Jan 5, 2026, 12:05 PM (UTC)')).toBe('2026-01-05T12:05:00.000Z');
    expect(at('Monday, Jan 5, 2026, 12:05 PM')).toBeUndefined();
    expect(at('REDACTED')).toBeUndefined();
  });
});

describe('editsOfCall', () => {
  const edits = (name: string, input: Record<string, unknown>) => editsOfCall(name, input, (path) => path);

  it('reads every way to ask for an edit', () => {
    expect(edits('search_replace', { file_path: 'a', old_string: 'x\n', new_string: 'y\n' })).toMatchObject([
      { diff: '@@\n-x\n+y' },
    ]);
    expect(edits('edit_file', { target_file: 'a', code_edit: 'x' })).toMatchObject([
      { path: 'a', change: 'update', exact: false },
    ]);
    expect(edits('StrReplace', { path: 'a', old_string: '', new_string: 'y' })).toMatchObject([{ change: 'add' }]);
    expect(edits('Delete', { path: 'a' })).toMatchObject([{ change: 'delete' }]);
    expect(edits('Shell', { path: 'a', contents: 'x' })).toEqual([]);
    expect(edits('Write', { contents: 'x' })).toEqual([]);
  });

  it('reads a patch file by file', () => {
    const patch = `*** Begin Patch
*** Add File: new.ts
+one
*** Update File: old.ts
*** Move to: moved.ts
@@ class X
-a
+b
*** Update File: bare.ts
-c
+d
*** Delete File: gone.ts
*** End Patch`;
    expect(edits('ApplyPatch', { patch })).toMatchObject([
      { path: 'new.ts', change: 'add', diff: '@@ -0,0 +1,1 @@\n+one' },
      { path: 'old.ts', change: 'move', to: 'moved.ts', diff: '@@ class X\n-a\n+b', exact: false },
      { path: 'bare.ts', change: 'update', diff: '@@\n-c\n+d' },
      { path: 'gone.ts', change: 'delete' },
    ]);
  });
});

describe('wire format', () => {
  it('reads what was written', () => {
    const message = Uint8Array.from([...field(1, 'one'), ...field(200, 2 ** 40), ...field(1, 'two'), ...field(3, '')]);
    expect(textOf(message, 1)).toBe('two');
    expect(bytesOf(message, 1)).toHaveLength(2);
    expect(numberOf(message, 200)).toBe(2 ** 40);
  });

  it('never throws and always ends', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect([...fields(bytes)].length).toBeLessThanOrEqual(bytes.length);
      }),
    );
  });
});

it('never throws because of what is in a record', () => {
  const key = fc.constantFrom('meta:0', 'meta.json', 'turns', 'blob:1', 'x');
  const part = fc.record(
    {
      type: fc.constantFrom('text', 'tool-call', 'tool-result', 'image', 'reasoning', 7),
      text: fc.jsonValue(),
      args: fc.jsonValue(),
      toolName: fc.constantFrom('Write', 'ApplyPatch', '', 3),
      toolCallId: fc.constantFrom('1', '', null),
      result: fc.jsonValue(),
      image: fc.string(),
    },
    { requiredKeys: [] },
  );
  const value = fc.oneof(
    fc.jsonValue(),
    fc.record({
      role: fc.constantFrom('user', 'assistant', 'tool', 4),
      content: fc.oneof(fc.array(part), fc.jsonValue()),
    }),
  );
  const source = { agent: cursor.id, key: 'c', path: '/p', version: '', modified: 0, appendOnly: false };
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.record({ key, value }), value)), (records) => {
      const parser = cursor.parser({ source, roots: [] });
      for (const [start, record] of records.entries())
        parser.push({ text: JSON.stringify(record), value: record, start, end: start + 1, newline: true });
      for (const { exchange } of [...parser.take(), ...parser.open()])
        expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
      expect(sessionMetaSchema.safeParse(parser.sessions()[0]).error).toBeUndefined();
    }),
  );
});

it('reads a column in any of the encodings that Cursor used', () => {
  const sample = '{"text":"Grüße, 世界 😀"}';
  const utf16 = Uint8Array.from(Buffer.from(sample, 'utf16le'));
  const swapped = Uint8Array.from(Buffer.from(sample, 'utf16le').swap16());
  for (const value of [sample, utf8ToBytes(sample), utf16, Uint8Array.from([0xff, 0xfe, ...utf16]), swapped])
    expect(columnText(value)).toBe(sample);
  expect(columnText(null)).toBeUndefined();
});

const corpus = process.env.SPECSTORY_CORPUS;
if (!corpus) console.info('SPECSTORY_CORPUS is not set: real Cursor CLI transcripts are not read');

describe.runIf(corpus)('corpus', () => {
  const folder = join(corpus ?? '', 'cursor-cli');
  /** A note without a conversation, and a transcript in which nothing says whose it is. */
  const noSessions = /__meta\.json$|error-only\.jsonl$/;
  const on = nodeHost({ env: {} });
  const read = (file: string) =>
    [...cursor.open(on, join(folder, file))].flatMap((source) => readSource(cursor, on, source));

  it('is read whole', () => {
    for (const file of readdirSync(folder)) {
      const found = read(file);
      expect([file, found.length]).toEqual([file, noSessions.test(file) ? 0 : 1]);
      for (const { meta, exchanges } of found) {
        expect(sessionMetaSchema.safeParse(meta).error).toBeUndefined();
        for (const exchange of exchanges) expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
        if (!file.endsWith('.jsonl')) continue;
        const asked = readFileSync(join(folder, file), 'utf8')
          .split('\n')
          .filter((row) => row.startsWith('{"role":"user"') && !/"tool[-_]result"/.test(row));
        expect([file, exchanges.length]).toEqual([file, Math.max(1, asked.length)]);
      }
    }
  });

  it('has the counts that were counted by hand', () => {
    const exchanges = (part: string) =>
      read(readdirSync(folder).find((file) => file.includes(part)) ?? '')[0]?.exchanges ?? [];
    expect(exchanges('Cala-OpenAI').map(({ startedAt }) => startedAt?.slice(11, 16))).toEqual([
      '11:20',
      '11:26',
      '11:27',
      '11:28',
      '11:33',
    ]);
    expect(exchanges('cp-b8').map(({ messages }) => promptOf(messages).slice(0, 12))).toEqual([
      'review chang',
      'Yes it shoul',
      'Sounds great',
      '```\n@attach_',
      'Review the c',
    ]);
    const parts = exchanges('git-ai-project').flatMap(({ messages }) => messages.flatMap((message) => message.parts));
    expect(parts.filter(({ kind }) => kind === 'tool_call')).toHaveLength(10);
    expect(parts.filter(({ kind }) => kind === 'thinking')).toHaveLength(10);
  });
});

it('changes the version when the WAL grows', () => {
  const { home, plant } = temporaryHome();
  const blobs = new Blobs();
  const path = plant(`.cursor/chats/${hash('/work/app')}/${ids.chat}/store.db`);
  chatStore(path, { agentId: ids.chat }, blobs, Blobs.names(1, [blobs.add({ role: 'user', content: 'x' })]));
  const on = linuxHost(home);
  const before = [...cursor.find(on, project)];
  writeFileSync(`${path}-wal`, 'more');
  const after = [...cursor.find(on, project)];
  expect(after[0]?.key).toBe(before[0]?.key);
  expect(after[0]?.path).toBe(path);
  expect(after[0]?.version).not.toBe(before[0]?.version);
});
