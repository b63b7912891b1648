import { createHash } from 'node:crypto';
import type { Statement } from '../../src/core/annotation.ts';
import type { SessionId, WriterId } from '../../src/core/ids.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Exchange, Part } from '../../src/core/session.ts';
import { statementsOf } from '../../src/core/statements.ts';
import { documentOf, type SessionFacts } from '../../src/search/documents.ts';
import type { Condition, Query, TextFilter } from '../../src/search/query.ts';
import type { Scope, SearchIndex, SearchStep } from '../../src/search/search-index.ts';
import { sid, writerId, xid } from '../server/sessions.ts';

export const mine: WriterId = writerId('a'.repeat(16));
export const theirs: WriterId = writerId('b'.repeat(16));
export const project = '1'.repeat(32);
export const other = '2'.repeat(32);
/** The clock of the tests. */
export const now = Date.UTC(2026, 5, 1, 12);

export const word = (text: string, more: Partial<Extract<Condition, { kind: 'word' }>> = {}): Condition => ({
  kind: 'word',
  text,
  prefix: false,
  ...more,
});
export const phrase = (text: string): Condition => ({ kind: 'phrase', text });
export const filter = (name: TextFilter, value: string): Condition => ({ kind: 'filter', filter: name, value });
export const all = (...of: Condition[]): Condition => ({ kind: 'all', of });
export const any = (...of: Condition[]): Condition => ({ kind: 'any', of });
export const not = (of: Condition): Condition => ({ kind: 'not', of });
export const query = (where: Condition | undefined, more: Partial<Query> = {}): Query => ({ where, ...more });

/** What an exchange of a test says. */
export interface Told {
  /** The same key is the same exchange, wherever it stands. */
  readonly key: string;
  readonly prompt?: string;
  readonly answer?: string;
  readonly thinking?: string;
  /** Commands that ran, with what they printed and whether they failed. */
  readonly ran?: readonly { readonly command: string; readonly output?: string; readonly ok?: boolean }[];
  readonly edited?: readonly { readonly path: string; readonly diff: string }[];
  readonly at?: string;
  readonly model?: string;
  readonly branch?: string;
}

function exchangeOf({ key, prompt = '', answer = '', thinking = '', ran = [], edited = [], ...told }: Told): Exchange {
  const at = told.at ?? '2026-01-02T03:04:05.678Z';
  const call = (index: number, type: 'shell' | 'write', name: string, input: JsonObject): Part => ({
    kind: 'tool_call',
    id: `${key}-${name}-${index}`,
    name,
    type,
    input,
  });
  const parts: Part[] = [
    ...(thinking ? [{ kind: 'thinking' as const, text: thinking }] : []),
    ...ran.flatMap(({ command, output = '', ok = true }, index): Part[] => [
      call(index, 'shell', 'Bash', { command }),
      { kind: 'tool_result', call: `${key}-Bash-${index}`, ok, text: output },
    ]),
    ...edited.map(
      ({ path, diff }, index): Part => ({
        kind: 'tool_call',
        id: `${key}-Edit-${index}`,
        name: 'Edit',
        type: 'write',
        input: {},
        edits: [{ path, change: 'update', diff, exact: false }],
      }),
    ),
    ...(answer ? [{ kind: 'text' as const, text: answer }] : []),
  ];
  return {
    id: xid(key),
    startedAt: at,
    ...(told.branch === undefined ? {} : { branch: told.branch }),
    messages: [
      { role: 'user', at, parts: [{ kind: 'text', text: prompt }] },
      { role: 'agent', at, model: told.model ?? 'claude-sonnet-4-5', parts },
    ],
  };
}

export interface Kept extends Partial<Omit<SessionFacts, 'session'>> {
  readonly project?: string;
  readonly writer?: WriterId;
  readonly of: readonly Told[];
}

/** A step that stores one session. */
export function stepOf(name: string, { project: at = project, writer = mine, of, ...about }: Kept): SearchStep {
  const facts: SessionFacts = {
    session: sid(name),
    agent: 'claude',
    name: `Session ${name}`,
    author: 'Ada',
    created: '2026-01-02T03:04:05.678Z',
    cwd: '/work/app',
    ...about,
    count: of.length,
  };
  const put = of.map((told, index) => {
    const exchange = exchangeOf(told);
    const fingerprint = createHash('sha256').update(JSON.stringify(exchange)).digest('hex');
    return documentOf({ exchange, ordinal: index + 1, fingerprint }, facts);
  });
  return { project: at, writer, sessions: [{ kind: 'stored', about: facts, put, drop: [] }] };
}

export async function keep(index: SearchIndex, name: string, kept: Kept): Promise<void> {
  await index.apply(stepOf(name, kept));
}

/** What was said in a project, in this order. */
export function said(...all: readonly { session: string; exchange?: string; statement: Statement }[]) {
  const annotations = all.map(({ session, exchange, statement }, at) => ({
    format: 1 as const,
    lamport: at + 1,
    writer: mine,
    n: 0,
    at: '2026-01-02T03:04:05.678Z',
    session: sid(session),
    ...(exchange === undefined ? {} : { exchange: xid(exchange) }),
    statement,
  }));
  return statementsOf(annotations, []);
}

export const scopeOf = (...projects: readonly { key: string; hidden?: boolean }[]): Scope => ({
  projects: projects.map(({ key, hidden = false }) => ({ key, names: [key, `name-${key[0]}`], hidden })),
  me: ['Ada'],
});

/** Exchanges that were found, by session and place: `one 1`. */
export async function found(
  index: SearchIndex,
  where: Condition | undefined,
  { scope = scopeOf({ key: project, hidden: true }), ...more }: Partial<Query> & { scope?: Scope } = {},
): Promise<string[]> {
  const { groups, relaxed } = await index.search(query(where, more), scope, { limit: 100, best: 100 }, now);
  if (relaxed) return [];
  return groups.flatMap(({ hits }) => hits.map(({ session, ordinal }) => `${session} ${ordinal}`));
}

export type { SessionId };
