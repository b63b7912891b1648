import { describe, expect, it } from 'vitest';
import { cursoride } from '../../src/adapters/cursoride/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { partsOf } from '../../src/core/session.ts';
import { composer, linuxHost, type StateRows, stateDatabase, temporaryHome } from '../fixtures/cursor/stores.ts';

const project = { roots: ['/work/app'] };
const address = (path: string) => ({
  $mid: 1,
  ...{ fsPath: path, external: `file://${path}`, path, scheme: 'file' },
});
const block = (path: string, more: object = {}) => ({ uri: address(path), version: 0, content: '', ...more });
const kept = (path: string, entries: readonly object[]) => ({
  [`file://${path}`]: entries.map((entry) => ({ uri: address(path), version: 0, languageId: 'typescript', ...entry })),
});

/** The edits in the one conversation of these databases. */
function edits(ofWorkspace: StateRows, global: StateRows = {}) {
  const { home, plant } = temporaryHome();
  plant('.config/Cursor/User/workspaceStorage/w1/workspace.json', '{"folder":"file:///work/app"}');
  stateDatabase(plant('.config/Cursor/User/workspaceStorage/w1/state.vscdb'), ofWorkspace);
  stateDatabase(plant('.config/Cursor/User/globalStorage/state.vscdb'), global);
  const host = linuxHost(home);
  const [source] = cursoride.find(host, project);
  const session = source && readSource(cursoride, host, source, project.roots)[0];
  expect(session?.meta.unknown).toBeUndefined();
  return [...partsOf(session?.exchanges ?? [])].flatMap((part) =>
    part.kind === 'tool_call' ? (part.edits ?? []) : [],
  );
}

const asked = { bubbleId: 'u', type: 1, text: 'Change it' };

describe('code blocks that the editor took for changes to files', () => {
  it('are edits, by what became of them, in a composer of 2024', () => {
    const paths = ['/work/app/a.ts', '/work/app/new.ts', '/work/app/c.ts', '/work/app/d.ts'];
    const [a = '', made = '', c = '', d = ''] = paths;
    const conversation = [
      asked,
      {
        bubbleId: 'x',
        type: 2,
        text: 'So:',
        codeBlocks: [...paths.map((path) => block(path)), block('/work/app/e.ts')],
      },
      { bubbleId: 'y', type: 2, text: 'And:', codeBlocks: [block(a, { version: 1 }), { content: 'npm test' }] },
    ];
    const codeBlockData = {
      ...kept(a, [
        { content: 'one', status: 'accepted' },
        { content: 'two', status: 'completed', version: 1 },
      ]),
      ...kept(made, [{ content: 'x\ny\n', status: 'accepted' }]),
      ...kept(c, [{ content: 'c', status: 'rejected' }]),
      ...kept(d, [{ content: 'd', status: 'outdated' }]),
    };
    const head = { composerId: 'c', conversation, codeBlockData, newlyCreatedFiles: [{ uri: address(made) }] };
    expect(edits({ ItemTable: { 'composer.composerData': { allComposers: [head] } } })).toEqual([
      { path: 'a.ts', change: 'update', diff: '@@\n+one', exact: false },
      { path: 'new.ts', change: 'add', diff: '@@ -0,0 +1,2 @@\n+x\n+y', exact: true },
      { path: 'c.ts', change: 'update', diff: '@@\n+c', exact: false, rejected: true },
      { path: 'd.ts', change: 'update', diff: '@@\n+d', exact: false, rejected: true },
      { path: 'a.ts', change: 'update', diff: '@@\n+two', exact: false },
    ]);
  });

  it('have their lines in a row of their own in one of 2025; those of tools are told by the tool', () => {
    const path = '/work/app/a.ts';
    const bubbles = [
      asked,
      { bubbleId: 'x', type: 2, text: 'So:', codeBlocks: [block(path)] },
      {
        ...{ bubbleId: 'y', type: 2, text: '', codeBlocks: [block(path)] },
        toolFormerData: { name: 'read_file', toolCallId: 't', status: 'completed', result: '{}' },
      },
    ];
    const about = { codeBlockData: kept(path, [{ diffId: 'd1', bubbleId: 'x', status: 'accepted' }]) };
    const diff = {
      newModelDiffWrtV0: [
        { original: { startLineNumber: 2, endLineNumberExclusive: 3 }, modified: ['two', 'and a half'] },
        { original: { startLineNumber: 9, endLineNumberExclusive: 9 }, modified: ['ten'] },
        null,
      ],
    };
    const rows = { ...composer('c', about, bubbles), 'codeBlockDiff:c:d1': diff };
    const listed = { ItemTable: { 'composer.composerData': { allComposers: [{ composerId: 'c' }] } } };
    expect(edits(listed, { cursorDiskKV: rows })).toEqual([
      { path: 'a.ts', change: 'update', diff: '@@\n+two\n+and a half\n@@\n+ten', exact: false },
    ]);
    const { 'codeBlockDiff:c:d1': _, ...without } = rows;
    expect(edits(listed, { cursorDiskKV: without })).toEqual([]);
  });
});
