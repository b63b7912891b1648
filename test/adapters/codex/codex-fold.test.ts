import { describe, expect, it } from 'vitest';
import { codex } from '../../../src/adapters/codex/index.ts';
import { exchangeId } from '../../../src/core/ids.ts';
import { partsOf } from '../../../src/core/session.ts';
import { calls, fixture, ids, parts, prompts, readFile, rolloutName, root, turns } from './rollouts.ts';

describe('a rollout', () => {
  const session = readFile(fixture('rollout.jsonl'), rolloutName('2026-03-02', ids.main));
  const [first, second, third] = session.exchanges;

  it('knows its session', () => {
    expect(session.meta).toEqual({
      id: ids.main,
      agent: 'codex',
      agentVersion: '0.142.2',
      createdAt: '2026-03-02T09:00:00.000Z',
      updatedAt: '2026-03-02T09:03:06.000Z',
      cwd: root,
      branch: 'prices',
      origin: 'cli',
    });
  });

  it('tells every prompt once, without what Codex and the editor put around it', () => {
    expect(prompts(session)).toEqual([
      'Round gross prices to cents.\n',
      'Now net prices.\n',
      'Now net prices, in src/net.ts.',
    ]);
    expect(second?.messages[0]?.parts[1]).toEqual({ kind: 'attachment', name: 'shot.png' });
    expect(third?.messages[0]?.parts[1]).toMatchObject({ kind: 'attachment', mime: 'image/png', bytes: 8 });
  });

  it('names exchanges by their turn, and says where one continues after a rollback', () => {
    const id = (message: string) => exchangeId(codex.id, { message });
    expect([first?.id, second?.id]).toEqual(turns.map(id));
    expect([first?.parent, second?.parent, third?.parent]).toEqual([undefined, undefined, first?.id]);
  });

  it('keeps one message for each model answer, with its tokens once', () => {
    const answers = first?.messages.filter((message) => message.role === 'agent') ?? [];
    expect(answers.map(({ id, model, usage }) => ({ id, model, ...usage }))).toEqual([
      { id: 'rs_1', model: 'gpt-5.2-codex', input: 400, output: 50, cacheRead: 600, reasoning: 20 },
      { id: 'rs_2', model: 'gpt-5.2-codex', input: 300, output: 100, cacheRead: 900, reasoning: 40 },
      { id: 'call_3', model: 'gpt-5.2-codex', input: 300, output: 100, cacheRead: 500, reasoning: 20 },
      { id: 'msg_2', model: 'gpt-5.2-codex', input: 100, output: 30, cacheRead: 400, reasoning: 0 },
    ]);
    // The answer that was interrupted is in the totals only; here they stand for the exchange after it.
    expect(third?.messages.at(-1)?.usage).toEqual({ input: 400, output: 20, cacheRead: 600, reasoning: 0 });
  });

  it('shows thinking once, and as empty where it is hidden', () => {
    const thoughts = [...partsOf([first!])].flatMap((part) => (part.kind === 'thinking' ? [part.text] : []));
    expect(thoughts).toEqual(['', '**Rounding half up**']);
  });

  it('types tools and reads what came of them', () => {
    const all = [...partsOf([first!])];
    expect(calls(all).map(({ name, type }) => `${name} ${type}`)).toEqual([
      'exec_command shell',
      'apply_patch write',
      'update_plan task',
      'web_search search',
      'mcp__codex_apps__github__fetch_pr generic',
      'spawn_agent task',
      'exec_command shell',
      'write_stdin shell',
    ]);
    const results = all.filter((part) => part.kind === 'tool_result');
    expect(results.map(({ call, ok, text }) => [call, ok, text.split('\n')[0]])).toEqual([
      ['call_1', false, 'exit code 1'],
      ['call_2', true, 'Success. Updated the following files:'],
      ['call_3', true, 'Plan updated'],
      ['call_4', false, 'no such pull request'],
      ['call_5', true, expect.stringContaining('agent_id')],
      ['call_6', true, 'Process running with session ID 77'],
      ['call_7', true, '12 passed'],
    ]);
    expect(results.find((part) => part.call === 'call_5')).toMatchObject({ session: ids.child });
  });

  it('takes the hunks that were applied, or else those of the patch', () => {
    expect(calls([...partsOf([first!])])[1]?.edits).toEqual([
      {
        path: 'src/price.ts',
        change: 'update',
        diff: '@@ -4,3 +4,3 @@\n export function gross(net: number) {\n-  return net * 1.19;\n+  return round(net * 1.19);\n }',
        exact: true,
      },
      {
        path: 'src/round.ts',
        change: 'add',
        diff: '@@ -0,0 +1,1 @@\n+export const round = (n: number) => Math.round(n * 100) / 100;',
        exact: true,
      },
    ]);
    expect(calls([...partsOf([second!])])[0]?.edits).toEqual([
      {
        path: 'src/net.ts',
        change: 'move',
        to: 'src/net-price.ts',
        diff: '@@\n-export const net = 0;\n+export const net = 1;',
        exact: false,
        rejected: true,
      },
    ]);
  });

  it('notes compactions and interruptions once', () => {
    const notes = parts(session).flatMap((part) => (part.kind === 'note' ? [`${part.label} ${part.text}`] : []));
    expect(notes).toEqual(['compaction ', 'interrupted interrupted']);
  });

  it('is the same when it was compressed', () => {
    expect(readFile(fixture('rollout.jsonl.zst'), rolloutName('2026-03-02', ids.main, '.jsonl.zst'))).toEqual(session);
    expect(readFile(fixture('rollout.jsonl.zst'), 'copy.bin')).toEqual(session);
  });
});
