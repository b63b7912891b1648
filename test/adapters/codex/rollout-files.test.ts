import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Source } from '../../../src/adapters/adapter.ts';
import { codex } from '../../../src/adapters/codex/index.ts';
import { readSource } from '../../../src/adapters/read.ts';
import { nodeHost } from '../../../src/platform/host.ts';
import { type MemoryWorld, memoryHost } from '../../hosts/memory-host.ts';
import {
  event,
  fixture,
  ids,
  lines,
  meta,
  project,
  readFile,
  rolloutName,
  said,
  storeBelow,
  texts,
} from './rollouts.ts';

describe('finding', () => {
  const files = storeBelow('/h/.codex', '/');
  const world = (more: MemoryWorld['files'] = {}) => memoryHost({ home: '/h', files: { ...files, ...more } });
  const keys = (sources: Iterable<Source>) => [...sources].map((source) => source.key);

  it('looks into a rollout once, and only at its start', () => {
    const big = `/h/.codex/sessions/2026/03/03/${rolloutName('2026-03-03', ids.fork)}`;
    const host = world({ [big]: `${lines(meta({ cwd: '/other' }))}${'x'.repeat(1 << 20)}` });
    const known = new Map<string, boolean>();
    const found = keys(codex.find(host, project, known));
    expect(found).toHaveLength(5);
    expect(known.size).toBe(6);
    expect(host.read.filter((path) => path.endsWith('.jsonl') && path.includes('rollout'))).toHaveLength(6);
    host.read.length = 0;
    expect(keys(codex.find(host, project, known))).toEqual(found);
    expect(host.read.filter((path) => path.includes('rollout'))).toEqual([]);
  });

  it('gives a rollout that has got a title, though its file is unchanged', () => {
    const path = `/h/.codex/sessions/2026/03/02/${rolloutName('2026-03-02', ids.main)}`;
    const index = `${JSON.stringify({ id: ids.main, thread_name: 'A title' })}\n`;
    const host = memoryHost({
      home: '/h',
      files: { [path]: fixture('rollout.jsonl'), '/h/.codex/session_index.jsonl': index },
    });
    const list = (folder: string) => host.files.list(folder).map((entry) => ({ ...entry, unchanged: true as const }));
    const marked = { ...host, files: { ...host.files, list } };
    expect([...codex.find(marked, project)].map(({ title }) => title)).toEqual(['A title']);
  });

  it('does not decide about a rollout whose first line is still being written', () => {
    const path = `/h/.codex/sessions/2026/03/03/${rolloutName('2026-03-03', ids.fork)}`;
    const known = new Map<string, boolean>();
    keys(codex.find(memoryHost({ home: '/h', files: { [path]: '{"timest' } }), project, known));
    expect(known.size).toBe(0);
  });

  it('takes one file of several with the same name: plain before compressed, live before archived', () => {
    const name = rolloutName('2026-03-02', ids.main);
    const host = memoryHost({
      home: '/h',
      files: {
        [`/h/.codex/archived_sessions/${name}`]: fixture('rollout.jsonl'),
        [`/h/.codex/sessions/2026/03/02/${name}.zst`]: fixture('rollout.jsonl.zst'),
      },
    });
    expect([...codex.find(host, project)].map((source) => source.path)).toEqual([
      `/h/.codex/archived_sessions/${name}`,
    ]);
  });

  it('takes the name a person gave from the index, and sees when it changes', () => {
    const index = (...names: string[]) => names.map((thread_name) => ({ id: ids.main, thread_name, updated_at: '' }));
    const source = (...names: string[]) => {
      const host = world({ '/h/.codex/session_index.jsonl': `not json\n${lines(...index(...names))}` });
      return { host, main: [...codex.find(host, project)].find(({ path }) => path.includes(ids.main))! };
    };
    const [one, two] = [source('Prices'), source('Prices', 'Rounding')];
    expect(readSource(codex, two.host, two.main)[0]?.meta.title).toBe('Rounding');
    expect(one.main.version).not.toBe(two.main.version);
    const named = event('thread_name_updated', { thread_name: 'From the file' });
    expect(readFile(lines(meta(), named, event('user_message', { message: 'p' }))).meta.title).toBe('From the file');
  });

  it('names places that change with a new prompt', () => {
    const places = codex.places(world({ '/h/.codex/state_5.sqlite-wal': 'x' }), project);
    expect(places).toContain('/h/.codex/history.jsonl');
    expect(places).toContain('/h/.codex/state_5.sqlite-wal');
    expect(places).toContain(`/h/.codex/sessions/2026/03/02/${rolloutName('2026-03-02', ids.main)}`);
  });

  it('reads lines that lie across the pieces of a real file', () => {
    const path = join(mkdtempSync(join(tmpdir(), 'codex-')), 'long.jsonl');
    const answer = (n: number) => said(`${n} ${'ä'.repeat(300_000)}`);
    writeFileSync(
      path,
      lines(meta(), event('user_message', { message: 'p' }), answer(1), answer(2), answer(3), answer(4)),
    );
    const host = nodeHost({ env: {} });
    const [session] = readSource(codex, host, [...codex.open(host, path)][0]!);
    expect(session?.meta.unreadable).toBeUndefined();
    expect(texts(session!).slice(1)).toEqual([1, 2, 3, 4].map((n) => `${n} ${'ä'.repeat(300_000)}`));
  });
});
