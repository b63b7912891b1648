import { describe, expect, it } from 'vitest';
import { codex } from '../../../src/adapters/codex/index.ts';
import { readSource } from '../../../src/adapters/read.ts';
import { exchangeId } from '../../../src/core/ids.ts';
import { memoryHost } from '../../hosts/memory-host.ts';
import {
  event,
  fixture,
  ids,
  item,
  lines,
  meta,
  parts,
  project,
  prompts,
  readFile,
  rolloutName,
  said,
  texts,
  turns,
} from './rollouts.ts';

describe('forks and sub-agents', () => {
  it('leaves out what a fork copied and says where it goes on', () => {
    const session = readFile(fixture('fork.jsonl'));
    expect(session.meta).toMatchObject({ id: ids.fork, forkedFrom: ids.main, branch: 'cents' });
    expect(prompts(session)).toEqual(['Round to five cents instead.']);
    expect(session.exchanges[0]?.parent).toBe(exchangeId(codex.id, { message: turns[0] }));
    expect(session.exchanges[0]?.messages.at(-1)?.usage).toEqual({
      input: 300,
      output: 30,
      cacheRead: 400,
      reasoning: 10,
    });
  });

  it('leaves out copies that kept their time, and those that only a pause tells from the rest', () => {
    const at = (timestamp: string, of: object) => ({ ...of, timestamp });
    const fork = at(
      '2026-03-02T10:00:00.000Z',
      meta({ id: 'fork', forked_from_id: 'p', timestamp: '2026-03-02T10:00:00Z' }),
    );
    const own = [
      at('2026-03-02T10:00:30.000Z', event('user_message', { message: 'new' })),
      at('2026-03-02T10:00:30.500Z', said('answer')),
    ];
    for (const time of ['2026-03-01T09:00:00.000Z', '2026-03-02T10:00:00.100Z']) {
      const copied = [event('user_message', { message: 'old' }), said('old answer')].map((each) => at(time, each));
      expect(prompts(readFile(lines(fork, ...copied, ...own)))).toEqual(['new']);
    }
  });

  it('keeps everything of a fork that copied nothing', () => {
    const session = readFile(
      lines(
        meta({ id: ids.fork, history_base: { thread_id: ids.main, end_ordinal_exclusive: 40 } }),
        { ...event('user_message', { message: 'own' }), ordinal: 40 },
        { ...said('answer'), ordinal: 41 },
      ),
    );
    expect([session.meta.forkedFrom, texts(session)]).toEqual([ids.main, ['own', 'answer']]);
  });

  it('takes nothing for a copy where the history of the parent is referred to', () => {
    const base = { thread_id: ids.main, end_ordinal_exclusive: 30 };
    const head = meta({
      id: ids.fork,
      forked_from_id: ids.main,
      history_base: base,
      timestamp: '2026-03-02T10:00:00Z',
    });
    const at = (ordinal: number | undefined, of: object) => ({ ...of, timestamp: '2026-03-02T10:00:00.100Z', ordinal });
    for (const first of [30, 1, undefined]) {
      const own = [at(first, event('user_message', { message: 'own' })), at(first && first + 1, said('answer'))];
      const session = readFile(lines(at(0, head), ...own));
      expect([session.meta.forkedFrom, texts(session)]).toEqual([ids.main, ['own', 'answer']]);
    }
  });

  it('says which exchange of the history that it refers to a fork goes on from', () => {
    const path = (id: string) => `/h/.codex/sessions/2026/03/02/${rolloutName('2026-03-02', id)}`;
    const at = (ordinal: number, of: object) => ({ ...of, ordinal });
    const turn = (number: number) => event('task_started', { turn_id: `019cadc6-ae08-7111-8111-00000000000${number}` });
    const exchange = (number: number) =>
      exchangeId(codex.id, { message: `019cadc6-ae08-7111-8111-00000000000${number}` });
    const ask = (from: number, number: number) => [
      at(from, turn(number)),
      at(from + 1, event('user_message', { message: `prompt ${number}` })),
      at(from + 2, said('answer')),
    ];
    const fork = (id: string, thread_id: string, end_ordinal_exclusive: number) =>
      at(0, meta({ id, forked_from_id: thread_id, history_base: { thread_id, end_ordinal_exclusive } }));
    const parent = lines(at(0, meta({ id: ids.main })), ...ask(1, 1), ...ask(4, 2), ...ask(7, 3));
    const parentOf = (base: object, more: Record<string, string> = {}) => {
      const files = { [path(ids.main)]: parent, [path(ids.fork)]: lines(base, ...ask(20, 9)), ...more };
      const host = memoryHost({ home: '/h', files });
      const source = [...codex.find(host, project)].find((each) => each.path === path(ids.fork));
      const [session] = source ? readSource(codex, host, source, project.roots) : [];
      expect(prompts(session!)).toEqual(['prompt 9']);
      return session?.exchanges[0]?.parent;
    };
    expect(parentOf(fork(ids.fork, ids.main, 7))).toBe(exchange(2));
    expect(parentOf(fork(ids.fork, ids.main, 99))).toBe(exchange(3));
    const between = { [path(ids.child)]: lines(fork(ids.child, ids.main, 4), ...ask(10, 5)) };
    expect(parentOf(fork(ids.fork, ids.child, 99), between)).toBe(exchange(5));
    expect(parentOf(fork(ids.fork, ids.child, 10), between)).toBe(exchange(1));
    const restarted = { [path(ids.child)]: lines(fork(ids.child, ids.main, 4), ...ask(1, 5)) };
    expect(parentOf(fork(ids.fork, ids.child, 10), restarted)).toBeUndefined();
    expect(parentOf(fork(ids.fork, ids.bare, 10))).toBeUndefined();
    expect(parentOf(fork(ids.fork, ids.fork, 10))).toBeUndefined();
  });

  it('hangs a sub-agent under its parent, with its task for a prompt', () => {
    const session = readFile(fixture('sub-agent.jsonl'), rolloutName('2026-03-02', ids.child));
    expect(session.meta).toMatchObject({ id: ids.child, parent: ids.main, origin: 'subagent' });
    expect(session.meta.forkedFrom).toBeUndefined();
    expect(texts(session)).toEqual(['Check the tests.', 'The tests are fine.']);
  });

  it('takes a sub-agent from the output of the call where no event tells it', () => {
    const call = item('function_call', { name: 'spawn_agent', arguments: '{}', call_id: 'c' });
    const output = item('function_call_output', { call_id: 'c', output: JSON.stringify({ agent_id: ids.child }) });
    const session = readFile(lines(meta(), event('user_message', { message: 'p' }), call, output));
    expect(parts(session)).toContainEqual(expect.objectContaining({ kind: 'tool_result', session: ids.child }));
  });

  it('rolls back across several turns', () => {
    const ask = (message: string) => [event('user_message', { message }), said(`to ${message}`)];
    const back = (num_turns: number) => event('thread_rolled_back', { num_turns });
    const session = readFile(
      lines(
        meta(),
        ...ask('a'),
        ...ask('b'),
        ...ask('c'),
        back(2),
        ...ask('d'),
        ...ask('e'),
        back(1),
        back(1),
        ...ask('f'),
      ),
    );
    const [a, , , d, , f] = session.exchanges;
    expect(prompts(session)).toEqual(['a', 'b', 'c', 'd', 'e', 'f']);
    expect([d?.parent, f?.parent]).toEqual([a?.id, a?.id]);
  });
});
