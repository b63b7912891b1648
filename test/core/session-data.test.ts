import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sessionId } from '../../src/core/ids.ts';
import type { Exchange, Session } from '../../src/core/session.ts';
import { fromSessionData, sessionDataSchema, toSessionData } from '../../src/core/session-data.ts';
import { storable } from '../../src/core/text.ts';
import { turnsOf } from '../../src/core/turns.ts';
import { exchange, someExchangeId } from '../markdown/arbitrary.ts';
import { agentId } from '../markdown/ids.ts';

const provider = { id: 'claude-code', name: 'Claude Code', version: '2.1.3' };
const meta = { id: sessionId('s-1'), agent: agentId('claude') };
const at = '2026-01-02T03:04:05.678Z';
const sessionOf = (...exchanges: Exchange[]): Session => ({ meta, exchanges });

const one: Exchange = {
  id: someExchangeId,
  startedAt: at,
  endedAt: at,
  cwd: '/home/me/app',
  messages: [
    { role: 'user', id: 'u', at, parts: [{ kind: 'text', text: 'Fix the parser please, now' }] },
    {
      role: 'agent',
      id: 'a',
      at,
      model: 'claude-x',
      usage: { input: 1, output: 2, cacheRead: 3, cacheWrite: 4 },
      parts: [
        { kind: 'thinking', text: 'Look first' },
        { kind: 'text', text: 'Looking' },
        { kind: 'tool_call', id: 't1', name: 'Read', type: 'read', input: { file_path: 'src/a.ts' } },
        { kind: 'tool_call', id: 't2', name: 'Edit', type: 'write', input: {}, edits: [{ path: 'src/b.ts', change: 'move', to: 'src/c.ts', diff: '', exact: true }] },
        { kind: 'tool_result', call: 't1', ok: true, text: 'const a' },
        { kind: 'tool_result', call: 't2', ok: false, text: 'no such file' },
        { kind: 'text', text: 'Done' },
      ],
    },
  ],
}; // biome-ignore format: an example

describe('toSessionData', { timeout: 60_000 }, () => {
  it('gives each message at most one tool, with what came of it', () => {
    const data = toSessionData(sessionOf(one), provider);
    expect(data).toEqual({
      schemaVersion: '1.0',
      provider,
      sessionId: 's-1',
      createdAt: at,
      slug: 'fix-the-parser-please',
      workspaceRoot: '/home/me/app',
      exchanges: [
        {
          exchangeId: someExchangeId,
          startTime: at,
          endTime: at,
          metadata: { cwd: '/home/me/app' },
          messages: [
            { role: 'user', id: 'u', timestamp: at, content: [{ type: 'text', text: 'Fix the parser please, now' }] },
            {
              role: 'agent', id: 'a', timestamp: at, model: 'claude-x',
              usage: { inputTokens: 1, outputTokens: 2, cacheReadInputTokens: 3, cacheCreationInputTokens: 4 },
              content: [{ type: 'thinking', text: 'Look first' }, { type: 'text', text: 'Looking' }],
            },
            {
              role: 'agent', id: 'a#2', timestamp: at, model: 'claude-x', pathHints: ['src/a.ts'],
              tool: { name: 'Read', type: 'read', useId: 't1', input: { file_path: 'src/a.ts' }, output: { content: 'const a', is_error: false } },
            },
            {
              role: 'agent', id: 'a#3', timestamp: at, model: 'claude-x', pathHints: ['src/b.ts', 'src/c.ts'],
              tool: { name: 'Edit', type: 'write', useId: 't2', input: {}, output: { content: 'no such file', is_error: true } },
            },
            { role: 'agent', id: 'a#4', timestamp: at, model: 'claude-x', content: [{ type: 'text', text: 'Done' }] },
          ],
        },
      ],
    }); // biome-ignore format: an example
  });

  it('gives what the schema allows, for every session', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 3 }), (exchanges) => {
        const data = toSessionData(sessionOf(...exchanges), provider);
        expect(sessionDataSchema.safeParse(data).error).toBeUndefined();
        expect(JSON.parse(JSON.stringify(data))).toEqual(data);
      }),
      { numRuns: 1000 },
    );
  });

  it('has a time for a session without any', () => {
    expect(toSessionData(sessionOf(), provider)).toMatchObject({
      createdAt: '1970-01-01T00:00:00.000Z',
      workspaceRoot: '',
    });
  });

  it.each([
    ['claude-code', { inputTokens: 1, outputTokens: 20, cacheReadInputTokens: 3, cacheCreationInputTokens: 4 }],
    ['codex-cli', { inputTokens: 4, outputTokens: 20, cachedInputTokens: 3, reasoningOutputTokens: 5 }],
    ['gemini-cli', { inputTokens: 4, outputTokens: 15, cachedTokens: 3, thoughtTokens: 5 }],
    [
      'droid-cli',
      { inputTokens: 1, outputTokens: 20, cacheReadInputTokens: 3, cacheCreationInputTokens: 4, thinkingTokens: 5 },
    ],
  ])('counts tokens as %s does', (id, usage) => {
    const value: Exchange = {
      id: someExchangeId,
      messages: [
        {
          role: 'agent',
          parts: [{ kind: 'text', text: 'a' }],
          usage: { input: 1, output: 20, cacheRead: 3, cacheWrite: 4, reasoning: 5 },
        },
      ],
    };
    const data = toSessionData(sessionOf(value), { ...provider, id });
    expect(data.exchanges[0]?.messages[0]?.usage).toEqual(usage);
    expect(fromSessionData(data).exchanges[0]?.messages[0]?.usage).toMatchObject({
      input: 1,
      output: 20,
      cacheRead: 3,
    });
  });
});

describe('fromSessionData', { timeout: 60_000 }, () => {
  const seen = ({ exchanges }: Session) =>
    exchanges.map((given) => ({
      ...given,
      messages: turnsOf(given).map(({ role, message, said, call, results }) => ({
        role, said, at: message.at, model: role === 'agent' ? message.model : undefined,
        name: call?.name ?? (results.length > 0 ? 'unknown' : undefined), type: call?.type, input: call && JSON.parse(JSON.stringify(call.input), storableText),
        result: results.length > 0 ? results.map(({ text }) => text).join('\n') : undefined, ok: results.every(({ ok }) => ok),
      })), // biome-ignore format: a list
    }));

  it('keeps roles, texts, tools and times', () => {
    fc.assert(
      fc.property(fc.array(exchange, { maxLength: 2 }), (given) => {
        const exchanges = given.map(({ messages, ...rest }) => ({
          ...rest,
          messages: messages.map(({ id: _id, ...message }) => message),
        }));
        const before = seen(sessionOf(...exchanges));
        const after = fromSessionData(toSessionData(sessionOf(...exchanges), provider));
        expect(present(seen(after))).toEqual(present(before));
      }),
      { numRuns: 500 },
    );
  });

  it('puts a message that was taken apart together again', () => {
    const back = fromSessionData(toSessionData(sessionOf(one), provider));
    expect(back.meta).toEqual({ ...meta, agentVersion: '2.1.3', createdAt: at, cwd: '/home/me/app' });
    expect(back.exchanges[0]?.messages.map(({ id, parts }) => [id, parts.map(({ kind }) => kind)])).toEqual([
      ['u', ['text']],
      ['a', ['thinking', 'text', 'tool_call', 'tool_result', 'tool_call', 'tool_result', 'text']],
    ]);
  });

  it('gives exchanges of other programs the id a capture would give', () => {
    const data = toSessionData(sessionOf(one), provider);
    const foreign = (change: object) => fromSessionData(sessionDataSchema.parse({ ...data, exchanges: [{ ...data.exchanges[0], exchangeId: 's-1:0', ...change }] })).exchanges[0]?.id; // biome-ignore format: one line
    expect(foreign({})).toBe(foreign({ exchangeId: 's-1:7' }));
    expect(foreign({})).not.toBe(someExchangeId);
    expect(foreign({ messages: [] })).not.toBe(foreign({ messages: [], exchangeId: 's-1:1' }));
    expect(fromSessionData({ ...data, provider: { ...provider, id: 'My Agent!' } }).meta.agent).toBe('specstory');
    expect(fromSessionData({ ...data, provider: { ...provider, id: 'newagent' } }).meta.agent).toBe('newagent');
  });

  it('refuses what the schema closes, and lets messages and tools carry more', () => {
    const data = toSessionData(sessionOf(one), provider);
    expect(sessionDataSchema.safeParse({ ...data, extra: 1 }).success).toBe(false);
    expect(sessionDataSchema.safeParse({ ...data, schemaVersion: '2.0' }).success).toBe(false);
    const message = { role: 'agent', content: [], more: 1, tool: { name: 'x', type: 'read', extra: 1 } };
    const open = { ...data, exchanges: [{ exchangeId: 'x', messages: [message] }] };
    expect(sessionDataSchema.parse(open).exchanges[0]?.messages[0]).toEqual(message);
    const user = { role: 'user', content: [] };
    expect(sessionDataSchema.safeParse({ ...open, exchanges: [{ exchangeId: 'x', messages: [user] }] }).success).toBe(
      false,
    );
  });
});

/** SessionData holds what UTF-8 can. */
function storableText(_key: string, value: unknown): unknown {
  return typeof value === 'string' ? storable(value) : value;
}

/** Without fields that are `undefined`. */
function present(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
