import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { NativeRecord, Source } from '../../src/adapters/adapter.ts';
import { claude } from '../../src/adapters/claude/index.ts';
import { exchangeId } from '../../src/core/ids.ts';
import { promptOf } from '../../src/core/session.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import {
  exchangesIn,
  folder,
  jsonLines,
  type Line,
  projectRoot,
  Script,
  sessionName,
  sessionsIn,
} from './claude-script.ts';
import { gather, run } from './contract.ts';

const project = { roots: [projectRoot] };
const idOf = (uuid: string) => exchangeId(claude.id, { message: uuid });

/** A turn: a prompt and its answer. Gives the ids of both records. */
function turn(script: Script, text: string, fields: Line = {}): { prompt: string; answer: string } {
  const prompt = script.user(text, fields);
  return { prompt, answer: script.answer(`msg_${text}`, `answer to ${text}`) };
}

const shown = (script: Script) =>
  exchangesIn(script).map(({ id, parent, messages }) => ({ id, parent, prompt: promptOf(messages) }));

describe('rewinds', () => {
  it('continues the exchange before the one that was taken back', () => {
    const script = new Script();
    const one = turn(script, 'one');
    const two = turn(script, 'two');
    turn(script, 'three');
    const again = turn(script, 'three again', { parentUuid: two.answer });
    const other = turn(script, 'two again', { parentUuid: one.answer });
    turn(script, 'on');
    expect(shown(script).map(({ prompt, parent }) => [prompt, parent])).toEqual([
      ['one', undefined],
      ['two', undefined],
      ['three', undefined],
      ['three again', idOf(two.prompt)],
      ['two again', idOf(one.prompt)],
      ['on', undefined],
    ]);
    expect(shown(script).map(({ id }) => id)).toContain(idOf(again.prompt));
    expect(shown(script).map(({ id }) => id)).toContain(idOf(other.prompt));
  });

  it('is known again from its own checkpoint', () => {
    const script = new Script();
    const one = turn(script, 'one');
    turn(script, 'two');
    turn(script, 'three');
    turn(script, 'two again', { parentUuid: one.answer });
    const { second } = resumed(script.lines, script.lines.length);
    expect(second.parser.restart).toBe(false);
    expect(second.parsed[0]?.exchange.parent).toBe(idOf(one.prompt));
  });

  it('asks for a restart when it goes back behind the checkpoint', () => {
    const script = new Script();
    const one = turn(script, 'one');
    turn(script, 'two');
    turn(script, 'three');
    const before = script.lines.length;
    turn(script, 'two again', { parentUuid: one.answer });
    expect(resumed(script.lines, before).second.parser.restart).toBe(true);
  });
});

describe('copies', () => {
  it('keeps the ids of exchanges that a resume or a fork copied', () => {
    const original = new Script();
    turn(original, 'one');
    const copy = new Script({ sessionId: '22222222-aaaa-4aaa-8aaa-000000000002' });
    turn(copy, 'one');
    const own = sessionsIn([...copy.lines, ...continued(copy)]);
    expect(own[0]?.meta).toMatchObject({ id: sessionName, forkedFrom: '22222222-aaaa-4aaa-8aaa-000000000002' });
    expect(own[0]?.exchanges.map(({ id }) => id)).toEqual([...exchangesIn(original).map(({ id }) => id), idOf(next)]);
  });

  it('reads the session that a fork names', () => {
    const script = new Script({ forkedFrom: { sessionId: 'other-1', messageUuid: 'x1' } });
    turn(script, 'one');
    expect(sessionsIn(script.lines)[0]?.meta.forkedFrom).toBe('other-1');
  });

  it('reads a history that is written again with every turn once', () => {
    const script = new Script();
    turn(script, 'one');
    const first = [...script.lines];
    turn(script, 'two');
    const second = script.lines.slice(first.length);
    const sessions = sessionsIn([...first, ...first, ...second, ...first, ...second]);
    expect(sessions[0]?.exchanges.map(({ messages }) => messages.length)).toEqual([2, 2]);
  });

  it('asks for a restart when a history older than the checkpoint is written again', () => {
    const script = new Script();
    turn(script, 'one');
    const first = [...script.lines];
    turn(script, 'two');
    const lines = [...script.lines, ...first];
    expect(resumed(lines, script.lines.length).second.parser.restart).toBe(true);
  });

  it('takes no placeholder of a cleaned transcript for an id', () => {
    const script = new Script();
    script.user('one', { uuid: 'REDACTED', parentUuid: 'REDACTED', timestamp: 'REDACTED' });
    script.user('two', { uuid: 'REDACTED', parentUuid: 'REDACTED', timestamp: 'REDACTED' });
    expect(new Set(shown(script).map(({ id }) => id)).size).toBe(2);
  });
});

const next = '00000000-0000-4000-8000-000000000099';

/** The records of a copy after which the session goes on under its own name. */
function continued(copy: Script): Line[] {
  const last = copy.lines.at(-1)?.uuid;
  return [{ ...copy.lines[0], uuid: next, parentUuid: last, sessionId: sessionName, message: { content: 'on' } }];
}

const source: Source = {
  agent: claude.id,
  key: JSON.stringify([sessionName, null, `${folder}/${sessionName}.jsonl`]),
  path: `${folder}/${sessionName}.jsonl`,
  version: '1',
  modified: 0,
  appendOnly: true,
};

function recordsOf(lines: readonly Line[]): NativeRecord[] {
  const host = memoryHost({ files: { [source.path]: jsonLines(lines) } });
  return [...claude.records(host, source, 0)];
}

/** Reads the first lines, then the rest from the checkpoint, as two captures would. */
function resumed(lines: readonly Line[], cut: number) {
  const records = recordsOf(lines);
  const first = run(claude, source, project, records.slice(0, cut));
  const from = first.parser.checkpoint();
  const rest = records.filter(({ start }) => start >= (from?.offset ?? 0));
  const state: unknown = from && JSON.parse(JSON.stringify(from.state));
  return { first, second: run(claude, source, project, rest, state), whole: run(claude, source, project, records) };
}

type Step = (script: Script, pick: (script: Script) => Line) => void;

const queued =
  (operation: string): Step =>
  (script) => {
    script.bare({ type: 'queue-operation', operation, content: operation === 'enqueue' ? 'queued' : undefined });
  };

function progress(script: Script, type: string, message: Line): void {
  const data = { type: 'agent_progress', agentId: 'ab', message: { type, uuid: `p-${script.lines.length}`, message } };
  script.record({ type: 'progress', data });
}

let calls = 0;
const steps: readonly Step[] = [
  (script) => void turn(script, `prompt ${script.lines.length}`),
  (script) => void turn(script, `prompt ${script.lines.length}`),
  (script, pick) => void script.user(`rewind ${script.lines.length}`, { parentUuid: pick(script).uuid ?? null }),
  (script, pick) => void script.bare(pick(script)),
  (script, pick) => void script.lines.push(...script.lines.slice(script.lines.indexOf(pick(script)))),
  (script) => void script.answer(`msg_${script.lines.length >> 2}`, `text ${script.lines.length}`),
  (script) => void script.call(`toolu_${++calls}`, 'Task', { prompt: `task ${calls}` }),
  (script) => void script.result(`toolu_${calls}`, 'done', { toolUseResult: { agentId: `a${calls}` } }),
  (script) => void script.user(`task ${calls}`, { isSidechain: true, parentUuid: null }),
  (script) => void script.answer('msg_side', `side ${script.lines.length}`, { isSidechain: true }),
  (script) => progress(script, 'user', { content: 'do' }),
  (script) => progress(script, 'assistant', { id: 'msg_p', content: [{ type: 'text', text: 'again' }] }),
  (script) => void script.user('<command-name>/review</command-name>'),
  (script) => void script.user('<local-command-stdout>ok</local-command-stdout>'),
  (script) => void script.user('<bash-input>ls</bash-input>'),
  (script) => void script.record({ type: 'system', subtype: 'compact_boundary', parentUuid: null }),
  (script) => void script.record({ type: 'attachment', attachment: { type: 'queued_command', prompt: 'queued' } }),
  (script, pick) =>
    void script.bare({ type: 'summary', summary: `s${script.lines.length}`, leafUuid: pick(script).uuid }),
  (script) => void script.bare({ type: 'ai-title', aiTitle: `t${script.lines.length}` }),
  queued('enqueue'),
  queued('remove'),
  queued('dequeue'),
];

describe('checkpoints', () => {
  const history = fc.array(fc.tuple(fc.nat(steps.length - 1), fc.nat(1000)), { minLength: 1, maxLength: 25 });

  it('gives the same from any checkpoint as at once, or asks for a restart', () => {
    fc.assert(
      fc.property(history, fc.nat(100), (choices, where) => {
        const script = new Script();
        const pickAt = (at: number) => (all: Script) => all.lines[at % Math.max(1, all.lines.length)] ?? {};
        for (const [step, at] of choices) steps[step]?.(script, pickAt(at));
        const { first, second, whole } = resumed(script.lines, where % (script.lines.length + 1));
        expect(whole.parser.restart).toBe(false);
        if (!second.parser.restart) expect(gather(first, second)).toEqual(gather(whole));
      }),
      { numRuns: 300 },
    );
  });

  it('needs no restart where nothing goes back', () => {
    const script = new Script();
    for (let count = 0; count < 8; count++) {
      turn(script, `prompt ${count}`);
      script.call(`toolu_x${count}`, 'Bash', { command: 'ls' });
      script.result(`toolu_x${count}`, 'ok');
      script.record({ type: 'system', subtype: 'turn_duration' });
    }
    for (let cut = 0; cut <= script.lines.length; cut++) {
      const { first, second, whole } = resumed(script.lines, cut);
      expect(second.parser.restart).toBe(false);
      expect(gather(first, second)).toEqual(gather(whole));
    }
  });
});
