import { readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import Database from 'libsql';
import { describe, expect, it } from 'vitest';
import { cursoride } from '../../src/adapters/cursoride/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import type { Column, Host } from '../../src/core/host.ts';
import { exchangeSchema, type Part, promptOf, type Session, sessionMetaSchema } from '../../src/core/session.ts';
import { nodeHost } from '../../src/platform/host.ts';
import { openDatabase } from '../../src/platform/sqlite.ts';
import { composer, linuxHost, type StateRows, stateDatabase, temporaryHome } from '../fixtures/cursor/stores.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import { adapterContract } from './contract.ts';

const user = '.config/Cursor/User';
const global = `${user}/globalStorage/state.vscdb`;
const workspace = `${user}/workspaceStorage/w1`;
const folder = (path: string) => JSON.stringify({ folder: `file://${path}` });
const ms = (second: number) => Date.UTC(2026, 0, 2, 3, 4, second);
const at = (second: number) => new Date(ms(second)).toISOString();

/** A machine with one global database, and one workspace of `/work/app` with this database. */
function machine(rows: StateRows, ofWorkspace: StateRows = {}, folders: Record<string, string> = {}) {
  const { home, plant } = temporaryHome();
  for (const [id, path] of Object.entries(folders))
    plant(`${user}/workspaceStorage/${id}/workspace.json`, folder(path));
  plant(`${workspace}/workspace.json`, folder('/work/app'));
  stateDatabase(plant(`${workspace}/state.vscdb`), ofWorkspace);
  const { path } = stateDatabase(plant(global), rows);
  return { home, plant, path, host: linuxHost(home) };
}

const project = { roots: ['/work/app'] };
const sources = (host: Host, of = project) => [...cursoride.find(host, of)];
const sessions = (host: Host, of = project): Session[] =>
  sources(host, of).flatMap((source) => readSource(cursoride, host, source, of.roots));
const prompts = (session: Session | undefined) => session?.exchanges.map(({ messages }) => promptOf(messages));
const parts = (session: Session | undefined): Part[] =>
  session?.exchanges.flatMap(({ messages }) => messages.flatMap((message) => message.parts)) ?? [];
const asked = (bubbleId: string, text: string, more: object = {}) => ({ bubbleId, type: 1, text, ...more });
const said = (bubbleId: string, text: string, more: object = {}) => ({ bubbleId, type: 2, text, ...more });
const tool = (bubbleId: string, former: object, more: object = {}) => ({
  bubbleId,
  type: 2,
  text: '',
  toolFormerData: former,
  ...more,
});
const heads = (...ids: string[]) => ({
  'composer.composerData': { allComposers: ids.map((composerId) => ({ type: 'head', composerId })) },
});
/** The conversation that these messages make, as the newest version stores it. */
const conversation = (
  bubbles: readonly { bubbleId: string; type: number }[],
  about: object = {},
  rows: Record<string, unknown> = {},
) =>
  sessions(machine({ cursorDiskKV: { ...composer('c', about, bubbles), ...rows } }, { ItemTable: heads('c') }).host)[0];

const tab = {
  tabId: 'tab-1',
  chatTitle: 'A chat of 2023',
  lastSendTime: ms(30),
  bubbles: [
    {
      type: 'user',
      id: 'u1',
      messageType: 2,
      text: 'Old question',
      selectedImages: [{ uuid: 'i', path: 'C:\\x\\shot.png' }],
    },
    { type: 'ai', id: 'a1', messageType: 3, text: 'Old answer', rawText: 'Old answer', modelType: 'gpt-4' },
    { type: 'user', id: 'u2', messageType: 2, text: '' },
  ],
};
const inline = {
  composerId: 'inline-1',
  name: 'A composer of 2024',
  createdAt: ms(0),
  lastUpdatedAt: ms(40),
  text: 'an unsent draft',
  conversation: [asked('i1', 'First'), said('i2', 'One'), asked('i3', 'Second'), said('i4', 'Two')],
};
const ofWindow = {
  ItemTable: {
    'workbench.panel.aichat.view.aichat.chatdata': { tabs: [tab, { tabId: 'empty', bubbles: [] }] },
    'composer.composerData': { allComposers: [inline, { composerId: 'never-used', conversation: [] }] },
    'cursorAuth/accessToken': 'not for anybody',
  },
};
const listed = {
  ItemTable: {
    ...heads('head-1', 'both', 'draft-only'),
    'workbench.panel.composerChatViewPane.p1': { 'workbench.panel.aichat.view.in-pane': { collapsed: false } },
  },
};
const one = (id: string, text = id) =>
  composer(id, { name: `Title of ${id}`, createdAt: ms(0) }, [asked(`${id}-u`, text), said(`${id}-a`, 'Yes')]);
const uri = (fsPath: string) => ({ uri: { fsPath, scheme: 'file' } });

const chats = machine({}, ofWindow);
const two = machine(
  {
    ItemTable: { 'cursorAuth/refreshToken': 'not for anybody' },
    cursorDiskKV: {
      ...one('head-1'),
      ...one('in-pane'),
      ...one('elsewhere'),
      'composerData:both': { ...inline, composerId: 'both' },
      'composerData:draft-only': { composerId: 'draft-only', text: 'draft', fullConversationHeadersOnly: [] },
      'composerData:deleted': null,
      'bubbleId:deleted:x': asked('x', 'left over'),
    },
  },
  listed,
);
const three = machine(
  {
    ItemTable: {
      'composer.composerHeaders': {
        allComposers: [
          {
            composerId: 'by-folder',
            workspaceIdentifier: { id: 'gone', ...uri('/work/app/sub') },
            lastUpdatedAt: ms(9),
          },
          { composerId: 'by-workspace', workspaceIdentifier: { id: 'w1' } },
          { composerId: 'other', workspaceIdentifier: { id: 'w2', ...uri('/work/application') } },
        ],
      },
    },
    composerHeaders: [
      { composerId: 'in-table', workspaceId: 'w1', lastUpdatedAt: ms(8), name: 'x' },
      {
        composerId: 'judge',
        workspaceId: 'w1',
        isBestOfNSubcomposer: true,
        subagentInfo: { parentComposerId: 'in-table' },
      },
      { composerId: 'child', isSubagent: 1, subagentInfo: { parentComposerId: 'in-table' } },
      { composerId: 'draft', workspaceId: 'w1', isDraft: true },
      { composerId: 'other-too', workspaceId: 'w2' },
    ],
    cursorDiskKV: {
      ...one('by-folder'),
      ...one('by-workspace'),
      ...one('other'),
      ...one('in-table'),
      ...one('other-too'),
      ...composer('child', { subagentInfo: { parentComposerId: 'in-table' } }, [asked('child-u', 'Look')]),
      ...composer('judge', { isBestOfNSubcomposer: true, subagentInfo: { parentComposerId: 'in-table' } }, [
        asked('judge-u', 'Try'),
      ]),
      ...composer('unlisted', { workspaceIdentifier: uri('/work/app') }, [asked('unlisted-u', 'In no list')]),
      ...composer('grandchild', { subagentInfo: { parentComposerId: 'child' } }, [asked('grandchild-u', 'Deeper')]),
      'composerData:draft': { composerId: 'draft', isDraft: true },
    },
  },
  {},
  { w2: '/work/application' },
);

/** The same database at the places of another platform. */
function elsewhere(world: Parameters<typeof memoryHost>[0], database: string, window: string): Host {
  const real = stateDatabase(temporaryHome().plant('state.vscdb'), { cursorDiskKV: one('head-1') }).path;
  const space = stateDatabase(temporaryHome().plant('state.vscdb'), { ItemTable: heads('head-1') }).path;
  const files = { ...world.files, [database]: 'SQLite format 3\0', [window]: 'SQLite format 3\0' };
  return memoryHost({
    ...world,
    files,
    databases: { [database]: () => openDatabase(real), [window]: () => openDatabase(space) },
  });
}
const windows = 'C:\\Users\\me\\AppData\\Roaming\\Cursor\\User';
const nightly = '/Users/me/Library/Application Support/Cursor Nightly/User';

adapterContract(cursoride, [
  { name: 'tabs and inline composers of a workspace', host: chats.host, project, sessions: ['inline-1', 'tab-1'] },
  {
    name: 'lists in the workspace, rows in the global database',
    host: two.host,
    project,
    sessions: ['both', 'head-1', 'in-pane'],
  },
  {
    name: 'lists in the global database',
    host: three.host,
    project,
    sessions: ['by-folder', 'by-workspace', 'in-table', 'unlisted'],
  },
  {
    name: 'Windows',
    host: elsewhere(
      {
        platform: 'win32',
        env: { APPDATA: 'C:\\Users\\me\\AppData\\Roaming' },
        files: { [`${windows}\\workspaceStorage\\w\\workspace.json`]: '{"folder":"file:///d%3A/Code/My%20App"}' },
      },
      `${windows}\\globalStorage\\state.vscdb`,
      `${windows}\\workspaceStorage\\w\\state.vscdb`,
    ),
    project: { roots: ['D:\\code\\my app'] },
    sessions: ['head-1'],
  },
  {
    name: 'Nightly on macOS, in a workspace with several folders',
    host: elsewhere(
      {
        platform: 'darwin',
        home: '/Users/me',
        links: { '/Users/me/link': '/work/app' },
        files: {
          [`${nightly}/workspaceStorage/w/workspace.json`]: '{"workspace":"file:///Users/me/all.code-workspace"}',
          '/Users/me/all.code-workspace': '{ "folders": [ { "path": "other" }, { "path": "link" } ] }',
        },
      },
      `${nightly}/globalStorage/state.vscdb`,
      `${nightly}/workspaceStorage/w/state.vscdb`,
    ),
    project,
    sessions: ['head-1'],
  },
]);

describe('find', () => {
  it('takes sub-agents of sub-agents with it, and leaves drafts and other projects', () => {
    const parents = Object.fromEntries(sessions(three.host).map(({ meta }) => [meta.id, meta.parent]));
    expect(parents).toEqual({
      'by-folder': undefined,
      'by-workspace': undefined,
      'in-table': undefined,
      unlisted: undefined,
      child: 'in-table',
      judge: 'in-table',
      grandchild: 'child',
    });
  });

  it('knows the conversations of the project by the folders of their transcripts as well', () => {
    const { host, plant } = machine({ cursorDiskKV: { ...one('mirrored'), ...one('foreign') } });
    plant('.cursor/projects/work-app/agent-transcripts/mirrored/mirrored.jsonl', '');
    expect(sources(host).map(({ key }) => key)).toEqual(['mirrored']);
  });

  it('looks once into what no list names', () => {
    const known = new Map<string, boolean>();
    const first = [...cursoride.find(three.host, project, known)];
    expect(Object.fromEntries(known)).toEqual({ unlisted: true, grandchild: true });
    const queries: string[] = [];
    expect([
      ...cursoride.find(
        spying(three.host, (sql) => queries.push(sql)),
        project,
        known,
      ),
    ]).toEqual(first);
    expect(queries.join()).not.toContain('json_extract');
  });

  it('asks the index for keys, and never for messages or for secrets', () => {
    const plans: string[] = [];
    const host = spying(three.host, (sql, parameters, path) => {
      const database = openDatabase(path);
      for (const { detail } of database.rows(`EXPLAIN QUERY PLAN ${sql}`, parameters))
        plans.push(`${detail} <- ${sql}`);
      database.close();
    });
    expect([...cursoride.find(host, project)].length).toBeGreaterThan(0);
    const ofMessages = plans.filter((plan) => plan.includes('cursorDiskKV'));
    expect(ofMessages.length).toBeGreaterThan(3);
    for (const plan of ofMessages) expect(plan).toMatch(/^SEARCH cursorDiskKV USING (?:COVERING )?INDEX/);
    expect(plans.filter((plan) => /count\(\*\)/.test(plan)).every((plan) => plan.includes('COVERING INDEX'))).toBe(
      true,
    );
    expect(
      plans.filter((plan) => /ItemTable|LIKE/.test(plan)).every((plan) => /SEARCH ItemTable.*key (?:=|>=)/.test(plan)),
    ).toBe(true);
  });

  it('gives a new version to what changed, and only to that', () => {
    const { host, path } = machine({ cursorDiskKV: { ...one('a'), ...one('b') } }, { ItemTable: heads('a', 'b') });
    const before = Object.fromEntries(sources(host).map(({ key, version }) => [key, version]));
    const database = new Database(path);
    database.prepare('INSERT INTO cursorDiskKV VALUES (?, ?)').run('bubbleId:a:a-a', JSON.stringify(said('a-a', 'No')));
    database.close();
    const after = Object.fromEntries(sources(host).map(({ key, version }) => [key, version]));
    expect(after.b).toBe(before.b);
    expect(after.a).not.toBe(before.a);
  });

  it('gives a conversation that moved to the global database once, from there', () => {
    const { host, path } = machine({ cursorDiskKV: one('inline-1') }, ofWindow);
    expect(sources(host).map(({ key, path: from }) => [key, from === path])).toEqual([
      ['inline-1', true],
      ['tab-1', false],
    ]);
  });

  it('reads what is still in the WAL, and writes nothing', () => {
    const { host, plant, home } = machine({}, { ItemTable: heads('late') });
    const { database } = stateDatabase(plant(global), { cursorDiskKV: one('late') }, true);
    const state = () =>
      readdirSync(join(home, user, 'globalStorage')).map((name) => [
        name,
        statSync(join(home, user, 'globalStorage', name)).size,
      ]);
    const before = state();
    expect(before.map(([name]) => name)).toContain('state.vscdb-wal');
    expect(sessions(host).map(({ meta }) => meta.id)).toEqual(['late']);
    expect(state()).toEqual(before);
    database.close();
  });

  it('reports a damaged database as one source that says why, and goes on', () => {
    const { host, path } = machine({ cursorDiskKV: one('a') }, ofWindow);
    for (const end of ['-wal', '-shm']) rmSync(path + end, { force: true });
    truncateSync(path, 4096);
    const found = sources(host);
    expect(found.map(({ key }) => key.replace(path, 'global'))).toEqual(['database:global', 'inline-1', 'tab-1']);
    expect(() => [...cursoride.records(host, found[0]!, 0)]).toThrow(
      expect.objectContaining({ name: 'SpecstoryError', kind: 'unavailable', hint: expect.stringContaining('Cursor') }),
    );
    writeFileSync(path, 'SQLite format 3\0 but no database');
    expect(sources(host)).toHaveLength(3);
    expect([...cursoride.open(host, path)]).toEqual([]);
  });
});

describe('records', () => {
  const lines = (host: Host) =>
    sources(host).map((source) => [...cursoride.records(host, source, 0)].map(({ text }) => JSON.parse(text).key));

  it('are the conversation, then its messages in the order of the headers, for every generation', () => {
    expect(lines(chats.host)).toEqual([
      [
        'workspace.json',
        'composerData:inline-1',
        'bubbleId:inline-1:i1',
        'bubbleId:inline-1:i2',
        'bubbleId:inline-1:i3',
        'bubbleId:inline-1:i4',
      ],
      ['workspace.json', 'chatTab:tab-1', 'bubbleId:tab-1:u1', 'bubbleId:tab-1:a1', 'bubbleId:tab-1:u2'],
    ]);
    expect(lines(two.host)).toContainEqual([
      'composerData:head-1',
      'bubbleId:head-1:head-1-u',
      'bubbleId:head-1:head-1-a',
    ]);
  });

  it('hold neither keys nor the opaque state', () => {
    const secret = {
      conversationState: '~c2VjcmV0',
      blobEncryptionKey: 'secret',
      speculativeSummarizationEncryptionKey: 'secret',
    };
    const rows = composer('c', secret, [asked('u', 'x', { conversationState: { 0: '~' } })]);
    const { host } = machine({ cursorDiskKV: rows }, { ItemTable: heads('c') });
    const text = [...cursoride.records(host, sources(host)[0]!, 0)].map((record) => record.text).join('\n');
    expect(text).not.toMatch(/secret|conversationState/);
  });
});

describe('conversation', () => {
  it('names the one model it was billed for, and the branch, as older versions have them', () => {
    const talk = [asked('u', 'Ask'), said('a', 'Answer')];
    const about = { usageData: { 'model-c': { costInCents: 4, amount: 1 } }, activeBranch: { branchName: 'topic/y' } };
    const session = conversation(talk, about);
    expect([session?.exchanges[0]?.messages[1]?.model, session?.meta.branch]).toEqual(['model-c', 'topic/y']);
    const two = { usageData: { ...about.usageData, 'model-d': {} } };
    expect(conversation(talk, two)?.exchanges[0]?.messages[1]?.model).toBeUndefined();
  });

  it('of the chat pane ends before the empty input, and names the model', () => {
    const found = sessions(chats.host).find(({ meta }) => meta.id === 'tab-1');
    expect(found?.meta).toMatchObject({ title: 'A chat of 2023', cwd: '/work/app', updatedAt: at(30) });
    expect(found?.exchanges).toHaveLength(1);
    expect(found?.exchanges[0]?.messages[1]?.model).toBe('gpt-4');
    expect(parts(found)[1]).toEqual({ kind: 'attachment', name: 'shot.png' });
  });

  it('without times spreads its prompts between the first and the last', () => {
    const found = sessions(chats.host).find(({ meta }) => meta.id === 'inline-1');
    expect(found?.exchanges.map(({ startedAt }) => startedAt)).toEqual([at(0), at(20)]);
  });

  it('prefers its own times, and no clock that does not count from 1970', () => {
    const found = conversation([
      asked('a', 'x', { createdAt: at(5) }),
      asked('b', 'y', { timingInfo: { clientRpcSendTime: ms(6) } }),
      asked('c', 'z', { timingInfo: { clientStartTime: 12345.6, clientEndTime: ms(7) } }),
    ]);
    expect(found?.exchanges.map(({ startedAt }) => startedAt)).toEqual([at(5), at(6), at(7)]);
  });

  it('finds its messages by the id in their key or in themselves, and does without missing ones', () => {
    const headers = ['a', 'store:v1:b', 'missing', 'null', ''].map((bubbleId) => ({ bubbleId }));
    const rows = {
      'composerData:c': { fullConversationHeadersOnly: headers, workspaceIdentifier: uri('/work/app') },
      'bubbleId:c:a': { type: 1, text: 'by key' },
      'bubbleId:c:other': asked('store:v1:b', 'by own id'),
      'bubbleId:c:null': null,
      'bubbleId:c:bad': '{"type": 1, "te',
      'bubbleId:c:empty': { type: 1, bubbleId: '', text: 'by no id' },
      'bubbleId:c:branch': asked('gone', 'a branch that was left'),
    };
    const found = sessions(machine({ cursorDiskKV: rows }, { ItemTable: heads('c') }).host)[0];
    expect(prompts(found)).toEqual(['by key', 'by own id', 'by no id']);
  });

  it('is read from bytes and from UTF-16', () => {
    const bytes = (value: object) => Buffer.from(JSON.stringify(value), 'utf8');
    const rows = {
      'composerData:c': Buffer.from(
        JSON.stringify({ name: 'Überschrift', fullConversationHeadersOnly: [{ bubbleId: 'u' }] }),
        'utf16le',
      ),
      'bubbleId:c:u': bytes(asked('u', 'Grüße 😀')),
    };
    const found = sessions(machine({ cursorDiskKV: rows }, { ItemTable: heads('c') }).host)[0];
    expect([found?.meta.title, prompts(found)]).toEqual(['Überschrift', ['Grüße 😀']]);
  });

  it('has thinking, tokens, summaries and errors', () => {
    const found = conversation(
      [
        asked('u', 'x'),
        said('t', '', { thinking: { text: 'Hmm', signature: 's' }, capabilityType: 30 }),
        said('h', '', { thinking: {}, capabilityType: 30 }),
        said('a', 'Answer', { tokenCount: { inputTokens: 10, outputTokens: 4 }, modelInfo: { modelName: 'model-a' } }),
        said('z', 'Zero', { tokenCount: { inputTokens: 0, outputTokens: 0 } }),
        said('s', 'Summary', { capabilityType: 22 }),
        said('e', '', { errorDetails: { error: 'Boom' } }),
      ],
      { modelConfig: { modelName: 'default' }, createdOnBranch: 'main' },
    );
    expect(parts(found).slice(1)).toEqual([
      { kind: 'thinking', text: 'Hmm' },
      { kind: 'thinking', text: '' },
      { kind: 'text', text: 'Answer' },
      { kind: 'text', text: 'Zero' },
      { kind: 'note', label: 'compaction', text: 'Summary' },
      { kind: 'note', label: 'error', text: 'Boom' },
    ]);
    const messages = found?.exchanges[0]?.messages ?? [];
    expect(messages.map(({ usage }) => usage).filter(Boolean)).toEqual([{ input: 10, output: 4 }]);
    expect(messages.map(({ model }) => model)).toEqual([
      undefined,
      'default',
      'default',
      'model-a',
      'model-a',
      'model-a',
      'model-a',
    ]);
    expect(found?.meta.branch).toBe('main');
  });

  it('takes a prompt out of rich text when there is no plain one', () => {
    const richText = JSON.stringify({
      root: {
        type: 'root',
        children: [
          {
            type: 'paragraph',
            children: [
              { type: 'text', text: 'Fix ' },
              { type: 'mention', text: '@a.ts' },
            ],
          },
        ],
      },
    });
    expect(prompts(conversation([asked('u', '', { richText })]))).toEqual(['Fix @a.ts']);
  });
});

describe('edits', () => {
  const edit = (former: object, rows: Record<string, unknown> = {}) =>
    parts(conversation([asked('u', 'x'), tool('t', { toolCallId: 'call', status: 'completed', ...former })], {}, rows));
  const edits = (found: readonly Part[]) =>
    found.flatMap((part) => (part.kind === 'tool_call' ? (part.edits ?? []) : []));

  it('are the hunks that Cursor recorded', () => {
    const chunk = { diffString: '  one\n- two\n+ zwei\n  three', oldStart: 4, newStart: 4, oldLines: 3, newLines: 3 };
    const result = JSON.stringify({ diff: { chunks: [chunk], editor: 'EDITOR_AI' } });
    const found = edit({ name: 'edit_file', rawArgs: '{"target_file":"/work/app/a.ts","code_edit":"zwei"}', result });
    expect(edits(found)).toEqual([
      { path: 'a.ts', change: 'update', diff: '@@ -4,3 +4,3 @@\n one\n-two\n+zwei\n three', exact: true },
    ]);
    expect(found.at(-1)).toEqual({ kind: 'tool_result', call: 'call', ok: true, text: '' });
  });

  it('are the contents before and after where only these are kept', () => {
    const rows = { 'composer.content.aa': '1\n2\n', 'composer.content.bb': '1\nzwei\n' };
    const result = JSON.stringify({ beforeContentId: 'composer.content.aa', afterContentId: 'bb' });
    const params = JSON.stringify({ relativeWorkspacePath: 'src/a.ts' });
    const v2 = { name: 'edit_file_v2', rawArgs: '', params, result };
    expect(edits(edit(v2, rows))).toEqual([
      { path: 'src/a.ts', change: 'update', diff: '@@ -1,2 +1,2 @@\n 1\n-2\n+zwei', exact: true },
    ]);
    expect(edits(edit({ ...v2, result: '{"afterContentId":"bb"}' }, rows))).toMatchObject([
      { change: 'add', exact: true },
    ]);
    expect(edits(edit(v2))).toEqual([]);
  });

  it('that were refused or failed are marked', () => {
    const args = { name: 'search_replace', rawArgs: '{"file_path":"a","old_string":"x","new_string":"y"}' };
    expect(edits(edit({ ...args, userDecision: 'rejected' }))).toMatchObject([{ rejected: true }]);
    const failed = edit({ ...args, status: 'error', error: '{"clientVisibleErrorMessage":"no such text"}' });
    expect(edits(failed)).toMatchObject([{ rejected: true }]);
    expect(failed.at(-1)).toEqual({ kind: 'tool_result', call: 'call', ok: false, text: 'no such text' });
    expect(edit({ ...args, status: 'loading' }).map(({ kind }) => kind)).toEqual(['text', 'tool_call']);
  });

  it('are not expected of other tools, whose result is read as text', () => {
    const shell = {
      name: 'run_terminal_command_v2',
      params: '{"command":"ls"}',
      result: '{"output":"a.ts","exitCodeV2":0}',
    };
    expect(edit(shell).slice(1)).toEqual([
      { kind: 'tool_call', id: 'call', name: 'run_terminal_command_v2', type: 'shell', input: { command: 'ls' } },
      { kind: 'tool_result', call: 'call', ok: true, text: 'a.ts' },
    ]);
    expect(edit({ name: 'mcp_x_y', result: 'plain' }).at(-1)).toMatchObject({ text: 'plain' });
  });

  it('of a sub-agent are in its own session, which the call names', () => {
    const found = conversation(
      [
        asked('u', 'x'),
        tool('t', { name: 'task_v2', toolCallId: 'call', status: 'completed', result: '{"agentId":"kid"}' }),
      ],
      {
        subagentComposerIds: ['kid'],
      },
    );
    expect(parts(found).at(-1)).toMatchObject({ kind: 'tool_result', session: 'kid' });
  });
});

it('never throws because of what is in a row', () => {
  const key = fc.constantFrom('composerData:c', 'chatTab:c', 'bubbleId:c:b', 'composer.content', 'workspace.json', 'x');
  const names = [
    'type',
    'text',
    'toolFormerData',
    'name',
    'result',
    'rawArgs',
    'diff',
    'chunks',
    'createdAt',
    'thinking',
    '__proto__',
  ];
  const { value } = fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 5 },
      fc.constantFrom(1, 2, -1, null, 'edit_file', '{"path":"a"}', 1e20),
      fc.jsonValue(),
      tie('object'),
    ),
    object: fc.dictionary(fc.constantFrom(...names), tie('value')),
  }));
  const source = { agent: cursoride.id, key: 'c', path: '/p', version: '', modified: 0, appendOnly: false };
  fc.assert(
    fc.property(fc.array(fc.record({ key, value })), (records) => {
      const parser = cursoride.parser({ source, roots: [] });
      for (const [start, record] of records.entries())
        parser.push({ text: JSON.stringify(record), value: record, start, end: start + 1, newline: true });
      for (const { exchange } of [...parser.take(), ...parser.open()])
        expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
      expect(sessionMetaSchema.safeParse(parser.sessions()[0]).error).toBeUndefined();
      expect(JSON.parse(JSON.stringify(parser.checkpoint() ?? null))).toBeDefined();
    }),
  );
});

const corpus = process.env.SPECSTORY_CORPUS;
if (!corpus) console.info('SPECSTORY_CORPUS is not set: real Cursor databases are not read');

describe.runIf(corpus)('corpus', () => {
  const files = join(corpus ?? '', 'cursor-ide');
  const host = nodeHost({ env: {} });
  const read = (file: string) =>
    [...cursoride.open(host, join(files, file))].flatMap((source) => readSource(cursoride, host, source));

  it('is read whole', () => {
    const counts = readdirSync(files).map((file) => {
      const found = read(file);
      for (const { meta, exchanges } of found) {
        expect(sessionMetaSchema.safeParse(meta).error).toBeUndefined();
        for (const exchange of exchanges) expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
      }
      return [file.split('__')[1], found.length, found.flatMap(({ exchanges }) => exchanges).length];
    });
    expect(counts).toEqual([
      ['composer-global-state.vscdb', 1, 2],
      ['state.vscdb', 1, 2],
      // 26 composers with 41 prompts, 5 tabs with 22.
      ['state.vscdb', 31, 63],
      // The answer of a query tool about a database, not a store.
      ['workspaceStorage-f87f6e0b.json', 0, 0],
    ]);
  });

  it('keeps every prompt and answer whole', () => {
    const file = readdirSync(files).find((name) => name.startsWith('slevin48') && name.endsWith('.vscdb')) ?? '';
    const texts = new Set(
      read(file)
        .flatMap((session) => parts(session))
        .flatMap((part) => (part.kind === 'text' ? [part.text.trim()] : [])),
    );
    const database = openDatabase(join(files, file));
    const [row] = [...database.rows("SELECT value FROM ItemTable WHERE key = 'composer.composerData'")];
    database.close();
    const composers: { conversation: { text: string }[] }[] = JSON.parse(String(row?.value)).allComposers;
    for (const bubble of composers.flatMap(({ conversation }) => conversation))
      expect(texts).toContain(bubble.text.trim());
    expect(readFileSync(join(files, file)).subarray(0, 6).toString()).toBe('SQLite');
  });
});

/** A host that tells each query before it runs. */
function spying(host: Host, tell: (sql: string, parameters: readonly Column[], path: string) => void): Host {
  return {
    ...host,
    database: (path) => {
      const database = host.database(path);
      return {
        ...database,
        rows: (sql, parameters = []) => {
          tell(sql, parameters, path);
          return database.rows(sql, parameters);
        },
      };
    },
  };
}
