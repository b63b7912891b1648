import { describe, expect, it } from 'vitest';
import { claude } from '../../src/adapters/claude/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { promptOf } from '../../src/core/session.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import {
  bakery,
  folder,
  found,
  jsonLines,
  nameOf,
  partsOf,
  projectRoot,
  Script,
  sessionName,
  sessionsIn,
  transcript,
} from './claude-script.ts';

const project = { roots: [projectRoot] };

describe('sub-agents', () => {
  it('nest under the session that started them', () => {
    const host = memoryHost({
      home: '/home/dev',
      files: {
        [`/home/dev/.claude/projects/-home-dev-bakery/${bakery.session}.jsonl`]: bakery.transcript,
        [`/home/dev/.claude/projects/-home-dev-bakery/${bakery.session}/subagents/workflows/wf_1/agent-a1b2c3d.jsonl`]:
          bakery.subAgent,
      },
    });
    const roots = [bakery.root];
    const read = [...claude.find(host, { roots })].flatMap((source) => readSource(claude, host, source, roots));
    expect(read.map(({ meta, exchanges }) => [meta.id, meta.parent, exchanges.length])).toEqual([
      [bakery.session, undefined, 3],
      [`${bakery.session}.a1b2c3d`, bakery.session, 1],
    ]);
    const results = read[0]?.exchanges.flatMap(partsOf).filter((part) => part.kind === 'tool_result');
    expect(results?.map((part) => part.session)).toContain(`${bakery.session}.a1b2c3d`);
  });

  it('beside the session are told by their records', () => {
    const path = `${folder}/agent-0a1b2c3d.jsonl`;
    const agent = transcript(projectRoot, sessionName, { isSidechain: true, agentId: '0a1b2c3d' });
    const host = memoryHost({ home: '/home/me', files: { [path]: agent } });
    const [source] = claude.find(host, project);
    const [read] = source ? readSource(claude, host, source, project.roots) : [];
    expect(read?.meta).toMatchObject({ id: `${sessionName}.0a1b2c3d`, parent: sessionName });
    expect(read?.exchanges).toHaveLength(1);
  });

  it('without their session must be the project’s themselves', () => {
    const ours = `${folder}/${nameOf(1)}/subagents/agent-a1.jsonl`;
    const foreign = `${folder}/${nameOf(2)}/subagents/agent-a2.jsonl`;
    expect(found({ [ours]: transcript(projectRoot), [foreign]: transcript('/work-shop') })).toEqual([ours]);
  });

  it('that warm up are empty', () => {
    const script = new Script({ isSidechain: true, agentId: 'a9' });
    script.user('Warmup');
    script.answer('msg_1', 'Ready');
    const files = { [`${folder}/${sessionName}/subagents/agent-a9.jsonl`]: jsonLines(script.lines) };
    const host = memoryHost({ home: '/home/me', files });
    const read = [...claude.find(host, project)].flatMap((source) => readSource(claude, host, source));
    expect(read.map(({ exchanges }) => exchanges.length)).toEqual([0]);
  });

  it('of early versions are inline, each on its chain', () => {
    const script = new Script({ version: '1.0.60' });
    script.user('go');
    const side = { isSidechain: true };
    script.call('toolu_1', 'Task', { prompt: 'count files' });
    const call = script.call('toolu_2', 'Task', { prompt: 'count lines' });
    const files = script.user('count files', { ...side, parentUuid: null });
    const lines = script.user('count lines', { ...side, parentUuid: null });
    script.answer('msg_f', '3 files', { ...side, parentUuid: files });
    script.answer('msg_l', '9 lines', { ...side, parentUuid: lines });
    script.user('Warmup', { ...side, parentUuid: null });
    script.answer('msg_w', 'Ready', side);
    script.result('toolu_2', '9 lines', { parentUuid: call });
    script.result('toolu_1', '3 files');
    const sessions = sessionsIn(script.lines);
    expect(sessions.map(({ meta, exchanges }) => [meta.id, meta.parent, partsOf(exchanges[0]).at(-1)])).toEqual([
      [sessionName, undefined, expect.objectContaining({ kind: 'tool_result' })],
      [`${sessionName}.${files}`, sessionName, { kind: 'text', text: '3 files' }],
      [`${sessionName}.${lines}`, sessionName, { kind: 'text', text: '9 lines' }],
    ]);
    const results = partsOf(sessions[0]?.exchanges[0]).filter((part) => part.kind === 'tool_result');
    expect(results.map(({ call: id, session: child }) => [id, child])).toEqual([
      ['toolu_1', `${sessionName}.${files}`],
      ['toolu_2', `${sessionName}.${lines}`],
    ]);
  });

  it('are read from progress only where they have no transcript of their own', () => {
    const script = new Script();
    script.user('go');
    const prompt = { type: 'user', uuid: 's-1', message: { content: [{ type: 'text', text: 'count' }] } };
    const answer = { type: 'assistant', uuid: 's-2', message: { id: 'msg_s', content: [{ type: 'text', text: '3' }] } };
    for (const message of [prompt, answer, answer])
      script.record({ type: 'progress', data: { type: 'agent_progress', agentId: 'a7', message } });
    const [, child] = sessionsIn(script.lines);
    expect(child?.meta).toMatchObject({ id: `${sessionName}.a7`, parent: sessionName, cwd: projectRoot });
    expect(child?.exchanges.map(({ messages }) => [promptOf(messages), messages.length])).toEqual([['count', 2]]);
    const own = { [`${folder}/${sessionName}/subagents/agent-a7.jsonl`]: transcript(projectRoot) };
    expect(sessionsIn(script.lines, own)).toHaveLength(1);
  });
});
