import { describe, expect, it } from 'vitest';
import { codex } from '../../../src/adapters/codex/index.ts';
import { memoryHost } from '../../hosts/memory-host.ts';
import { calls, event, fixture, ids, lines, meta, parts, prompts, readFile, root, texts } from './rollouts.ts';

describe('generations', () => {
  it('reads lines without an envelope', () => {
    const session = readFile(fixture('summer-2025.jsonl'));
    expect(session.meta).toMatchObject({ id: ids.bare, cwd: root, branch: 'main' });
    expect(prompts(session)).toEqual(['What is here?', 'Thanks.']);
    expect(parts(session)).toContainEqual({ kind: 'tool_result', call: 'call_b', ok: true, text: 'README.md\n' });
  });

  it('reads the document of spring 2025, with line breaks or without', () => {
    const text = fixture('spring-2025.json').toString('utf8');
    const session = readFile(text, 'spring.json');
    expect(session.meta).toMatchObject({ id: 'b0a1f7e2-1111-4222-8333-444455556666' });
    expect(prompts(session)).toEqual(['Say hello.']);
    expect(calls(parts(session))[0]).toMatchObject({ name: 'shell', type: 'shell', id: 'call_d' });
    expect(readFile(JSON.stringify(JSON.parse(text)), 'spring.json')).toEqual(session);
  });

  it('reads the paginated log with the calls a script made', () => {
    const session = readFile(fixture('paginated.jsonl'));
    expect(prompts(session)).toEqual(['Count the files.']);
    expect(session.meta).toMatchObject({ id: ids.paginated, origin: 'vscode' });
    expect(session.meta.unknown).toBeUndefined();
    const all = parts(session);
    expect(calls(all).map((call) => call.name)).toEqual(['exec', 'exec_command', 'mcp__docs__find']);
    expect(all).toContainEqual(expect.objectContaining({ call: 'patch-1', edits: [expect.anything()] }));
    expect(texts(session)).toEqual(['Count the files.', 'There are three.']);
  });

  it('refuses the output of codex exec in one line', () => {
    const host = memoryHost({ files: { '/d/x': fixture('exec-output.jsonl') } });
    const [source] = codex.open(host, '/d/x');
    expect(() => [...codex.records(host, source!, 0)]).toThrow(/^\/d\/x is output of "codex exec --json"/);
  });

  it('says of a damaged compressed file that it is damaged, where it is read', () => {
    const bytes = new Uint8Array(fixture('rollout.jsonl.zst'));
    bytes.fill(0xff, 40);
    const host = memoryHost({ files: { '/d/x.zst': bytes, '/d/x.jsonl': fixture('rollout.jsonl') } });
    const [source] = codex.open(host, '/d/x.jsonl');
    expect([...codex.open(host, '/d/x.zst')]).toEqual([]);
    expect(() => [...codex.records(host, { ...source!, path: '/d/x.zst' }, 0)]).toThrow(/damaged compressed data/);
  });

  it.each([
    '',
    '\n\n',
    '{"type":"user","uuid":"u","parentUuid":null}\n',
    '{"role":"user","parts":[]}\n',
    '\0\0\0',
    '{',
  ])('does not claim %j', (content) => {
    expect([...codex.open(memoryHost({ files: { '/d/x': content } }), '/d/x')]).toEqual([]);
  });

  it('recognises a first line longer than what is looked at, and lines after bad ones', () => {
    const long = lines(
      meta({ base_instructions: { text: 'x'.repeat(2 << 20) } }),
      event('user_message', { message: 'p' }),
    );
    expect(prompts(readFile(long))).toEqual(['p']);
    const bad = readFile(`{"half": \n${lines(meta(), event('user_message', { message: 'p' }))}`);
    expect([prompts(bad), bad.meta.unreadable]).toEqual([['p'], 1]);
  });
});
