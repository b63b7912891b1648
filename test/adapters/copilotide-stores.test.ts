import { describe, expect, it } from 'vitest';
import { copilotide } from '../../src/adapters/copilotide/index.ts';
import { readSource } from '../../src/adapters/read.ts';
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
  sessionsIn,
  storage,
  workspace,
  world,
} from './copilot-sessions.ts';

const user = '/home/me/.config/Code/User';
const fileOf = (path: string) => ({ $mid: 1, fsPath: path, external: `file://${path}`, path, scheme: 'file' });
const attaching = (path: string) => ({
  variableData: { variables: [{ kind: 'file', id: 'f', name: 'a.ts', value: fileOf(path) }] },
});

adapterContract(copilotide, [
  {
    name: 'a chat of a window without a folder, and a session whose files are kept',
    host: world({
      [`${storage}/workspace.json`]: workspace,
      [`${storage}/chatSessions/${id}.json`]: JSON.stringify(empty(id, asked('r1', 'one'))),
      [`${storage}/chatEditingSessions/${id}/state.json`]: JSON.stringify({
        version: 1,
        recentSnapshot: {
          entries: [
            {
              ...{ resource: 'file:///home/me/proj/a.ts', originalHash: 'a', currentHash: 'b', state: 1 },
              telemetryInfo: { requestId: 'r1' },
            },
          ],
        },
      }),
      [`${storage}/chatEditingSessions/${id}/contents/a`]: 'one\n',
      [`${storage}/chatEditingSessions/${id}/contents/b`]: 'two\n',
      [`${user}/globalStorage/emptyWindowChatSessions/${other}.jsonl`]: lines({
        kind: 0,
        v: empty(other, asked('r2', 'two', attaching('/home/me/proj/a.ts'))),
      }),
    }),
    project,
    sessions: [id, other],
  },
]);

describe('a chat of a window without a folder', () => {
  const chat = (...requests: readonly unknown[]) => lines({ kind: 0, v: empty(id, ...requests) });
  const found = (files: Record<string, string>, known?: Map<string, boolean>) => {
    const host = world(files);
    return { host, sources: [...copilotide.find(host, project, known)] };
  };
  const places = [
    `${user}/globalStorage/emptyWindowChatSessions/${id}.jsonl`,
    `${user}/globalStorage/transferredChatSessions/${id}.json`,
    `${user}/workspaceStorage/1772359500000/chatSessions/${id}.jsonl`,
    `${user}/workspaceStorage/no-workspace/chatSessions/${id}.json`,
  ];

  it("is the project's when files of the project were attached, read or edited in it", () => {
    const about = [
      asked('r1', 'one', attaching('/home/me/proj/a.ts')),
      asked('r1', 'one', { response: [{ kind: 'textEditGroup', uri: fileOf('/home/me/proj/b.ts'), edits: [] }] }),
      asked('r1', 'one', {
        result: {
          metadata: {
            toolCallRounds: [
              { toolCalls: [{ id: 'c', name: 'read_file', arguments: '{"filePath":"/home/me/proj/c.ts"}' }] },
            ],
          },
        },
      }),
    ];
    for (const request of about) {
      for (const place of places) {
        const content = place.endsWith('l') ? chat(request) : JSON.stringify(empty(id, request));
        expect(found({ [place]: content }).sources).toMatchObject([{ key: id, path: place }]);
      }
    }
    const others = [
      asked('r1', 'what is in /home/me/proj/a.ts?'),
      asked('r1', 'one', attaching('/home/me/project/a.ts')),
      asked('r1', 'one', attaching('/elsewhere/a.ts')),
    ];
    for (const request of others) expect(found({ [places[0]!]: chat(request) }).sources).toEqual([]);
    expect(found({ [places[0]!]: '{"kind":0' }).sources).toEqual([]);
  });

  it('is looked into again only when it has changed', () => {
    const known = new Map<string, boolean>();
    const before = { [places[0]!]: chat(asked('r1', 'one')) };
    expect(found(before, known).sources).toEqual([]);
    const again = found(before, known);
    expect([again.sources, again.host.read]).toEqual([[], []]);
    const after = { [places[0]!]: chat(asked('r1', 'one'), asked('r2', 'two', attaching('/home/me/proj/a.ts'))) };
    expect(found(after, known).sources).toHaveLength(1);
    const last = found(after, known);
    expect([last.sources.length, last.host.read]).toEqual([1, []]);
  });

  it('is one session with its copy in the folder that was opened then', () => {
    const request = asked('r1', 'one', attaching('/home/me/proj/a.ts'));
    const { host, sources } = found({
      [`${storage}/workspace.json`]: workspace,
      [`${storage}/chatSessions/${id}.jsonl`]: chat(request, asked('r2', 'two')),
      [places[0]!]: chat(request),
    });
    expect(sources).toHaveLength(1);
    expect(prompts(readSource(copilotide, host, sources[0]!, project.roots)[0]?.exchanges)).toEqual(['one', 'two']);
    expect(copilotide.places(host, project)).toContain(`${user}/globalStorage/emptyWindowChatSessions`);
  });
});

describe('what VS Code keeps of the files that a session edited', () => {
  const group = (path: string, text: string, line = 1) => ({
    kind: 'textEditGroup',
    uri: fileOf(path),
    edits: [[{ range: { startLineNumber: line, startColumn: 1, endLineNumber: line, endColumn: 2 }, text }]],
    done: true,
  });
  const folder = `${storage}/chatEditingSessions/${id}`;
  const entry = (path: string, more: object = {}) => ({
    resource: `file://${path}`,
    languageId: 'typescript',
    originalHash: 'aaa1',
    currentHash: 'bbb2',
    originalToCurrentEdit: [],
    state: 1,
    telemetryInfo: { requestId: 'r1', agentId: 'github.copilot.editsAgent' },
    ...more,
  });
  const base = (...requests: readonly unknown[]) => ({
    [`${storage}/workspace.json`]: workspace,
    [`${storage}/chatSessions/${id}.jsonl`]: lines({ kind: 0, v: empty(id, ...requests) }),
  });
  const state = (...entries: readonly unknown[]) => ({
    [`${folder}/state.json`]: JSON.stringify({ version: 1, initialFileContents: [], recentSnapshot: { entries } }),
    [`${folder}/contents/aaa1`]: 'one\ntwo\nthree\n',
    [`${folder}/contents/bbb2`]: 'one\n2\nthree\n',
    [`${folder}/contents/eee0`]: '',
  });
  const edits = (files: Record<string, string>) =>
    sessionsIn(world(files))[0]?.exchanges.map((exchange) => calls(exchange).flatMap((call) => call.edits ?? []));
  const diff = '@@ -1,3 +1,3 @@\n one\n-two\n+2\n three';
  const one = asked('r1', 'one', { response: [group('/home/me/proj/a.ts', '2')] });

  it('is the evidence of an edit that only tells what was put in', () => {
    expect(edits(base(one))).toEqual([[expect.objectContaining({ diff: '@@\n+2', exact: false })]]);
    const files = { ...base(one), ...state(entry('/home/me/proj/a.ts')) };
    expect(edits(files)).toEqual([[{ path: 'a.ts', change: 'update', diff, exact: true }]]);
    const refused = { ...base(one), ...state(entry('/home/me/proj/a.ts', { state: 2 })) };
    expect(edits(refused)).toEqual([[{ path: 'a.ts', change: 'update', diff, exact: true, rejected: true }]]);
  });

  it('tells of files that the answer does not', () => {
    const created = entry('/home/me/proj/new.ts', { originalHash: 'eee0' });
    expect(edits({ ...base(asked('r1', 'one')), ...state(created) })).toEqual([
      [expect.objectContaining({ path: 'new.ts', change: 'add', exact: true })],
    ]);
  });

  it('is left out where it does not tell one request from another, or names no content', () => {
    const two = asked('r2', 'two', { response: [group('/home/me/proj/a.ts', '3')] });
    const shared = edits({ ...base(one, two), ...state(entry('/home/me/proj/a.ts')) });
    expect(shared?.flat().map(({ exact }) => exact)).toEqual([false, false]);
    const odd = [{ currentHash: '../../../workspace.json' }, { originalHash: 'gone' }, { telemetryInfo: null }];
    for (const more of odd) {
      const files = { ...base(one), ...state(entry('/home/me/proj/a.ts', more), null, 7) };
      expect(edits(files)?.flat()).toMatchObject([{ exact: false }]);
    }
    expect(edits({ ...base(one), [`${folder}/state.json`]: '{"version":' })?.flat()).toHaveLength(1);
  });

  it('is part of the version of the session', () => {
    const version = (files: Record<string, string>) => [...copilotide.find(world(files), project)][0]?.version;
    const files = { ...base(one), ...state(entry('/home/me/proj/a.ts')) };
    expect(version(files)).not.toBe(version(base(one)));
  });

  it('keeps both edits where a file was edited twice and no call says so', () => {
    const twice = asked('r1', 'one', {
      response: [group('/home/me/proj/a.ts', '2'), { value: 'and' }, group('/home/me/proj/a.ts', '9', 9)],
    });
    expect(
      edits(base(twice))
        ?.flat()
        .map((edit) => edit.diff),
    ).toEqual(['@@\n+2', '@@\n+9']);
  });
});

describe('sessions in the database of a workspace, where they were until 2024', () => {
  const session = (sessionId: string, text: string) => ({
    version: 2,
    sessionId,
    requesterUsername: 'ada',
    responderUsername: 'GitHub Copilot',
    creationDate: 1_704_067_200_000,
    providerId: 'copilot',
    welcomeMessage: ['Hi'],
    requests: [
      {
        message: { text, parts: [{ kind: 'text', text, range: {}, editorRange: {} }] },
        response: [{ value: 'Use ', supportThemeIcons: false }, 'a map.'],
        followups: [],
        isCanceled: false,
        vote: 1,
      },
      { message: 'and then?', response: [], responseErrorDetails: { message: 'no network' }, isCanceled: false },
    ],
  });
  const store = (sessions: unknown, files: Record<string, string> = {}) => {
    const path = `${storage}/state.vscdb`;
    const database = () => ({
      rows: (sql: string, [key] = [] as readonly unknown[]) =>
        sql.includes('sqlite_master')
          ? [{ name: 'ItemTable' }]
          : key === 'interactive.sessions' && sessions !== undefined
            ? [{ value: Buffer.from(JSON.stringify(sessions)) }]
            : [],
      close: () => {},
    });
    return memoryHost({
      home: '/home/me',
      files: { [`${storage}/workspace.json`]: workspace, [path]: 'SQLite format 3\0', ...files },
      databases: { [path]: database },
    });
  };

  it('are read, each as a source of its own that has its own version', () => {
    const host = store([session(id, 'why?'), session(other, 'what?'), { sessionId: 'empty', requests: [] }, null]);
    const sources = [...copilotide.find(host, project)];
    expect(sources.map(({ key }) => key)).toEqual([id, other]);
    const [first] = sources.flatMap((source) => readSource(copilotide, host, source, project.roots));
    expect(first?.meta).toMatchObject({ id, cwd: '/home/me/proj', createdAt: '2024-01-01T00:00:00.000Z' });
    expect(prompts(first?.exchanges)).toEqual(['why?', 'and then?']);
    expect(parts(first?.exchanges[0]).at(-1)).toEqual({ kind: 'text', text: 'Use a map.' });
    expect(parts(first?.exchanges[1]).at(-1)).toEqual({ kind: 'note', label: 'error', text: 'no network' });
    const changed = [...copilotide.find(store([session(id, 'why?'), session(other, 'changed')]), project)];
    expect(changed[0]?.version).toBe(sources[0]?.version);
    expect(changed[1]?.version).not.toBe(sources[1]?.version);
    expect([...copilotide.open(host, `${storage}/state.vscdb`)].map(({ key }) => key)).toEqual([id, other]);
  });

  it('give way to files of the same session, and without any are looked for once', () => {
    const file = { [`${storage}/chatSessions/${id}.json`]: JSON.stringify(empty(id, asked('r1', 'newer'))) };
    const both = store([session(id, 'why?')], file);
    expect([...copilotide.find(both, project)].map(({ path }) => path)).toEqual(Object.keys(file));
    const known = new Map<string, boolean>();
    const none = store(undefined, file);
    expect([...copilotide.find(none, project, known)]).toHaveLength(1);
    none.read.length = 0;
    expect([...copilotide.find(none, project, known)]).toHaveLength(1);
    expect(none.read).not.toContain(`${storage}/state.vscdb`);
  });
});
