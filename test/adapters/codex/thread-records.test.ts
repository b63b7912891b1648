import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codex } from '../../../src/adapters/codex/index.ts';
import { readSource } from '../../../src/adapters/read.ts';
import { partsOf } from '../../../src/core/session.ts';
import { memoryHost } from '../../hosts/memory-host.ts';
import { adapterContract, gather, run } from '../contract.ts';
import { event, fixture, ids, item, lines, meta, project, prompts, rolloutName, said, texts } from './rollouts.ts';

const file = (day: string, ending = '.jsonl') =>
  `/h/.codex/sessions/${day.replaceAll('-', '/')}/${rolloutName(day, ids.main, ending)}`;
const ask = (message: string) => [event('user_message', { message }), said(`to ${message}`)];
const head = (more: object = {}) => meta({ id: ids.main, ...more });

/** The sources of a store with these rollouts of one thread. */
function sources(files: Record<string, string | Uint8Array>) {
  const host = memoryHost({ home: '/h', files });
  return { host, found: [...codex.find(host, project)] };
}

function read(files: Record<string, string | Uint8Array>) {
  const { host, found } = sources(files);
  expect(found).toHaveLength(1);
  const [session] = found.flatMap((source) => readSource(codex, host, source, project.roots));
  if (!session) throw new Error('no session');
  return session;
}

adapterContract(codex, [
  {
    name: 'a thread in several rollouts, one of them compressed',
    host: memoryHost({
      home: '/h',
      files: {
        [file('2026-03-02', '.jsonl.zst')]: fixture('rollout.jsonl.zst'),
        [file('2026-03-04')]: fixture('rollout.jsonl'),
        [file('2026-03-05')]: lines(head(), ...ask('more')),
      },
    }),
    project,
    sessions: [ids.main],
  },
]);

describe('a thread in several rollouts', () => {
  it('is one conversation: what a later file repeats is not told again, whatever times it gives it', () => {
    const start = [head(), ...ask('one'), ...ask('two')];
    const own = ask('three');
    const now = { timestamp: '2026-03-05T09:00:00.000Z' };
    for (const copied of [start, start.map((each) => ({ ...each, ...now })), [head()], [start[0], ...start.slice(2)]]) {
      const later = own.map((each, at) => ({ ...each, timestamp: `2026-03-05T10:00:0${at}.000Z` }));
      const session = read({ [file('2026-03-02')]: lines(...start), [file('2026-03-05')]: lines(...copied, ...later) });
      expect(prompts(session)).toEqual(['one', 'two', 'three']);
      expect(texts(session)).toEqual(['one', 'to one', 'two', 'to two', 'three', 'to three']);
    }
  });

  it('is the same however it is cut into two files, and however much the later one repeats', () => {
    const all = fixture('rollout.jsonl').toString('utf8').trimEnd().split('\n');
    const join = (some: readonly string[]) => some.map((line) => `${line}\n`).join('');
    const whole = read({ [file('2026-03-02')]: join(all) });
    const cut = fc.integer({ min: 1, max: all.length - 1 });
    fc.assert(
      fc.property(cut, fc.nat(all.length), (at, repeated) => {
        const later = [...all.slice(0, Math.min(at, Math.max(1, repeated))), ...all.slice(at)];
        const both = read({ [file('2026-03-02')]: join(all.slice(0, at)), [file('2026-03-05')]: join(later) });
        expect(both.exchanges).toEqual(whole.exchanges);
      }),
    );
  });

  it('keeps what both files say with the same words but each for itself', () => {
    const [first, second] = [ask('go on'), ask('go on')];
    const early = [head(), ...ask('one'), ...first];
    const session = read({
      [file('2026-03-02')]: lines(...early),
      [file('2026-03-05')]: lines(head(), ...ask('two'), ...second, ...ask('go on')),
    });
    expect(prompts(session)).toEqual(['one', 'go on', 'two', 'go on', 'go on']);
  });

  it('goes on with a turn that one file broke off: the call is in one, its output in the other', () => {
    const call = item('function_call', { name: 'exec_command', arguments: '{"cmd":"ls"}', call_id: 'c' });
    const start = [head(), event('user_message', { message: 'list' }), call];
    const output = item('function_call_output', { call_id: 'c', output: 'a.ts' });
    const session = read({
      [file('2026-03-02')]: lines(...start),
      [file('2026-03-05')]: lines(head(), call, output, said('one file')),
    });
    expect([...partsOf(session.exchanges)].map(({ kind }) => kind)).toEqual([
      'text',
      'tool_call',
      'tool_result',
      'text',
    ]);
  });

  it('has one source with one key, whose version follows every file, and which is read whole', () => {
    const one = { [file('2026-03-02')]: lines(head(), ...ask('one')) };
    const [single] = sources(one).found;
    const both = { ...one, [file('2026-03-05')]: lines(head(), ...ask('two')) };
    const { host, found } = sources(both);
    expect(found).toMatchObject([{ key: single?.key, path: file('2026-03-05'), appendOnly: false }]);
    const grown = sources({ ...both, [file('2026-03-02')]: `${one[file('2026-03-02')]}${lines(...ask('more'))}` });
    expect(grown.found[0]?.version).not.toBe(found[0]?.version);
    const records = [...codex.records(host, found[0]!, 0)];
    expect(records.map(({ start, end }) => [start, end])).toEqual(records.map((_, at) => [at, at + 1]));
    expect([...codex.open(host, file('2026-03-05'))]).toMatchObject([{ appendOnly: true }]);
  });

  it('belongs to the project when one of its files was started there', () => {
    const files = { [file('2026-03-02')]: lines(head({ cwd: '/other' })), [file('2026-03-05')]: lines(head()) };
    const known = new Map<string, boolean>();
    const host = memoryHost({ home: '/h', files });
    expect([...codex.find(host, project, known)]).toHaveLength(1);
    host.read.length = 0;
    expect([...codex.find(host, project, known)]).toHaveLength(1);
    expect(host.read.filter((path) => path.includes('rollout'))).toEqual([]);
  });

  it('takes a compressed and a plain file together, and no checkpoint of when it was plain', () => {
    const session = read({
      [file('2026-03-02', '.jsonl.zst')]: fixture('rollout.jsonl.zst'),
      [file('2026-03-05')]: lines(
        ...[head(), ...ask('more')].map((each, at) => ({ ...each, timestamp: `2026-03-05T10:00:0${at}.000Z` })),
      ),
    });
    expect(prompts(session).at(-1)).toBe('more');
    expect(session.exchanges.length).toBeGreaterThan(1);

    const plain = sources({ [file('2026-03-02')]: fixture('rollout.jsonl') });
    const packed = sources({ [file('2026-03-02', '.jsonl.zst')]: fixture('rollout.jsonl.zst') });
    const [before, after] = [plain.found[0]!, packed.found[0]!];
    const first = run(codex, before, project, [...codex.records(plain.host, before, 0)]);
    const state = first.parser.checkpoint()?.state;
    expect(state).toBeDefined();
    expect(() => codex.parser({ source: after, roots: project.roots }, state)).toThrow('no checkpoint');
    const again = run(codex, after, project, [...codex.records(packed.host, after, 0)]);
    expect(gather(again)).toEqual(gather(first));
  });
});
