import fc from 'fast-check';
import type { Annotation } from '../../src/core/annotation.ts';
import type { Told } from '../../src/core/fold.ts';
import {
  type AgentId,
  type ExchangeId,
  exchangeId,
  isAgentId,
  isWriterId,
  sessionId,
  type WriterId,
} from '../../src/core/ids.ts';
import type { Exchange, SessionMeta } from '../../src/core/session.ts';

/** A writer's id from a small number. */
export function writer(number: number): WriterId {
  const text = String(number).padStart(16, '0');
  if (!isWriterId(text)) throw new Error(text);
  return text;
}

const agent = agentNamed('claude');

function agentNamed(name: string): AgentId {
  if (!isAgentId(name)) throw new Error(name);
  return name;
}

export function exchange(name: string): ExchangeId {
  return exchangeId(agent, { message: name });
}

export function meta(id: string, more: Partial<SessionMeta> = {}): SessionMeta {
  return { id: sessionId(id), agent: agent, createdAt: '2026-01-02T03:04:05.678Z', ...more };
}

/** An exchange in a state: the same branch grows with its length, different branches contradict each other. */
export function state(
  id: ExchangeId,
  branch: string,
  length: number,
  startedAt = '2026-01-02T03:04:05.678Z',
): Exchange {
  const parts = Array.from({ length }, (_, index) => ({ kind: 'text' as const, text: `${branch} ${index}` }));
  return {
    id,
    startedAt,
    messages: [
      { role: 'user', parts: [{ kind: 'text', text: `prompt of ${branch}` }] },
      { role: 'agent', parts },
    ],
  };
}

/** Contents by their text, as a stand-in for object ids. */
export function contentOf(exchange: Exchange): string {
  return JSON.stringify(exchange);
}

const parsed = new Map<string, Exchange>();

export function contents(content: string): Exchange | undefined {
  if (content === '') return undefined;
  const known = parsed.get(content) ?? JSON.parse(content);
  parsed.set(content, known);
  return known;
}

const names = ['e1', 'e2', 'e3', 'e4', 'e5', 'e6'];
const sessions = ['s1', 's2', 's3'];

const copies = fc
  .record({
    of: fc.integer({ min: 1, max: 5 }),
    session: fc.constantFrom(...sessions),
    title: fc.option(fc.constantFrom('a', 'b'), { nil: undefined }),
    parent: fc.option(fc.constantFrom(...sessions), { nil: undefined }),
    updatedAt: fc.constantFrom('1970-01-01T00:00:00.001Z', '2026-01-02T03:04:05.678Z', '9999-12-31T23:59:59.999Z'),
    name: fc.constantFrom(...names),
    ordinal: fc.integer({ min: 1, max: 6 }),
    branch: fc.constantFrom('x', 'y'),
    length: fc.integer({ min: 0, max: 3 }),
  })
  .map(({ of, session, title, parent, updatedAt, name, ordinal, branch, length }): Told => {
    const id = exchange(name);
    const about = { updatedAt, ...(title ? { title } : {}), ...(parent ? { parent: sessionId(parent) } : {}) };
    const entries = [{ ordinal, id, content: contentOf(state(id, branch, length, updatedAt)) }];
    return { copies: [{ writer: writer(of), meta: meta(session, about), entries }], annotations: [], clocks: [] };
  });

const statement = fc.oneof(
  fc.record({ kind: fc.constant('title' as const), value: fc.constantFrom('t', 'u', null) }),
  fc.record({ kind: fc.constant('hidden' as const), value: fc.boolean() }),
  fc.record({ kind: fc.constant('tag' as const), tag: fc.constantFrom('p', 'q'), value: fc.boolean() }),
  fc.record({
    kind: fc.constant('deleted' as const),
    exchanges: fc.subarray(names.slice(0, 2).map(exchange)),
    content: fc.constant<string[]>([]),
  }),
);

const annotations = fc
  .record({
    lamport: fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 23 })),
    of: fc.integer({ min: 1, max: 5 }),
    n: fc.integer({ min: 0, max: 1 }),
    session: fc.constantFrom(...sessions),
    name: fc.constantFrom(...names),
    statement,
  })
  .map(({ lamport, of, n, session, name, statement: said }): Told => {
    const annotation: Annotation = {
      format: 1,
      lamport,
      writer: writer(of),
      n,
      at: '2026-01-02T03:04:05.678Z',
      session: sessionId(session),
      ...(said.kind === 'deleted' || n === 0 ? { exchange: exchange(name) } : {}),
      statement: said,
    };
    return { copies: [], annotations: [annotation], clocks: [lamport] };
  });

/** One thing that some writer's tree tells. */
export const events = fc.oneof({ weight: 3, arbitrary: copies }, { weight: 1, arbitrary: annotations });

/** What several trees tell, as if one did. */
export function together(told: readonly Told[]): Told {
  return {
    copies: told.flatMap((one) => one.copies),
    annotations: told.flatMap((one) => one.annotations),
    clocks: told.flatMap((one) => one.clocks),
  };
}
