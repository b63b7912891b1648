import { bytesToHex } from '@noble/hashes/utils.js';
import { describe, expect, it } from 'vitest';
import { cursor } from '../../src/adapters/cursor/index.ts';
import { cursoride } from '../../src/adapters/cursoride/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { partsOf, promptOf } from '../../src/core/session.ts';
import { Blobs, composer, field, linuxHost, stateDatabase, temporaryHome } from '../fixtures/cursor/stores.ts';
import { adapterContract } from './contract.ts';

const id = 'aaaaaaaa-0000-4000-8000-000000000001';
const project = { roots: ['/work/app'] };
const user = '.config/Cursor/User';
const text = (value: string) => [{ type: 'text', text: value }];

/** A conversation of two prompts in the form the model gets it, as a state and the blobs it leads to. */
function conversation() {
  const blobs = new Blobs();
  const asked = (prompt: string, requestId: string) =>
    blobs.add({
      role: 'user',
      content: text(`<user_query>\n${prompt}\n</user_query>`),
      providerOptions: { cursor: { requestId } },
    });
  const call = {
    type: 'tool-call',
    toolCallId: 'c1',
    toolName: 'StrReplace',
    args: { path: '/work/app/a.ts', old_string: 'a', new_string: 'b' },
  };
  const result = { type: 'tool-result', toolCallId: 'c1', toolName: 'StrReplace', result: 'done' };
  const messages = [
    blobs.add({ role: 'system', content: 'You are an agent.' }),
    asked('Replace a', 'r1'),
    blobs.add({ role: 'assistant', content: [...text('So be it.'), call] }),
    blobs.add({ role: 'tool', content: [result] }),
    asked('And now?', 'r2'),
    blobs.add({ role: 'assistant', content: text('Nothing.') }),
  ];
  const turn = blobs.add(field(1, Uint8Array.from(field(3, 'r1'))));
  const timing = Uint8Array.from([...field(1, 5), ...field(2, 1_767_323_045_000)]);
  const state = Uint8Array.from([...Blobs.names(1, messages), ...Blobs.names(8, [turn]), ...field(14, timing)]);
  const rows = [...blobs.data].map(([hash, data]) => [`agentKv:blob:${hash}`, data] as const);
  return { state, blobs, rows: Object.fromEntries(rows) };
}

const about = {
  name: 'Letters',
  createdAt: 1_767_323_000_000,
  lastUpdatedAt: 1_767_323_100_000,
  createdOnBranch: 'topic/x',
  modelConfig: { modelName: 'model-b' },
  workspaceIdentifier: { id: 'w1', uri: { fsPath: '/work/app', scheme: 'file' } },
};
const { state, blobs, rows } = conversation();
const inside = { conversationState: `~${Buffer.from(state).toString('base64')}` };

/** A machine whose editor has these rows, and which mirrors the conversation as a transcript when told to. */
function machine(kv: Record<string, unknown>, mirrored = false) {
  const { home, plant } = temporaryHome();
  const heads = { allComposers: [{ composerId: id }] };
  plant(`${user}/workspaceStorage/w1/workspace.json`, '{"folder":"file:///work/app"}');
  stateDatabase(plant(`${user}/workspaceStorage/w1/state.vscdb`), { ItemTable: { 'composer.composerData': heads } });
  stateDatabase(plant(`${user}/globalStorage/state.vscdb`), { cursorDiskKV: kv });
  const line = { role: 'user', message: { content: text('<user_query>\nReplace a\n</user_query>') } };
  if (mirrored) plant(`.cursor/projects/work-app/agent-transcripts/${id}/${id}.jsonl`, `${JSON.stringify(line)}\n`);
  return linuxHost(home);
}
const sessions = (host: ReturnType<typeof linuxHost>) =>
  [...cursoride.find(host, project)].flatMap((source) => readSource(cursoride, host, source, project.roots));

adapterContract(cursoride, [
  {
    name: 'a conversation that is only in the state of the agent',
    host: machine({ ...composer(id, { ...about, ...inside }, []), ...rows }),
    project,
    sessions: [id],
  },
]);

describe('a conversation without messages of the editor', () => {
  it('is read from the state that the agent goes on from', () => {
    const [session] = sessions(machine({ ...composer(id, { ...about, ...inside }, []), ...rows }));
    expect(session?.meta).toMatchObject({
      ...{ id, agent: 'cursoride', title: 'Letters', cwd: '/work/app', branch: 'topic/x' },
      ...{ createdAt: '2026-01-02T03:03:20.000Z', updatedAt: '2026-01-02T03:05:00.000Z' },
    });
    expect(session?.meta.unknown).toBeUndefined();
    expect(session?.exchanges.map(({ messages }) => promptOf(messages))).toEqual(['Replace a', 'And now?']);
    const [first] = session?.exchanges ?? [];
    expect(first).toMatchObject({ startedAt: '2026-01-02T03:04:05.000Z', cwd: '/work/app' });
    expect(first?.messages[1]?.model).toBe('model-b');
    expect([...partsOf(session?.exchanges ?? [])].find(({ kind }) => kind === 'tool_call')).toMatchObject({
      edits: [{ path: 'a.ts', change: 'update', diff: '@@\n-a\n+b' }],
    });
  });

  it('may have its state in a row beside it, or as a blob', () => {
    const root = blobs.add([...state]);
    const all = { ...rows, [`agentKv:blob:${root}`]: state };
    for (const value of [bytesToHex(state), root]) {
      const host = machine({ ...composer(id, about, []), ...all, [`agentKv:checkpoint:${id}`]: value });
      expect(sessions(host)[0]?.exchanges).toHaveLength(2);
    }
  });

  it('is nothing when the state is damaged, or leads to what another machine has', () => {
    for (const conversationState of ['~', '~?', '', `~${Buffer.from('junk').toString('base64')}`, 7]) {
      const host = machine({ ...composer(id, { ...about, conversationState }, []), ...rows });
      expect(sessions(host).flatMap(({ exchanges }) => exchanges)).toEqual([]);
    }
    const away = machine(composer(id, { ...about, ...inside }, []), true);
    expect(sessions(away).flatMap(({ exchanges }) => exchanges)).toEqual([]);
    expect([...cursor.find(away, project)].map(({ key }) => key)).toEqual([id]);
  });

  it('gives way to messages of the editor, which know more', () => {
    const bubbles = [{ bubbleId: 'u', type: 1, text: 'As shown' }];
    const [session] = sessions(machine({ ...composer(id, { ...about, ...inside }, bubbles), ...rows }));
    expect(session?.exchanges.map(({ messages }) => promptOf(messages))).toEqual(['As shown']);
  });

  it('is not read a second time from its transcript', () => {
    const host = machine({ ...composer(id, { ...about, ...inside }, []), ...rows }, true);
    expect([...cursor.find(host, project)]).toEqual([]);
    expect(sessions(host)).toHaveLength(1);
  });
});
