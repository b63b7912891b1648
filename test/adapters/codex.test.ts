import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codex } from '../../src/adapters/codex/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { type Exchange, exchangeSchema, sessionMetaSchema } from '../../src/core/session.ts';
import { nodeHost } from '../../src/platform/host.ts';
import { memoryHost } from '../hosts/memory-host.ts';
import {
  calls,
  event,
  fixture,
  ids,
  lines,
  meta,
  parts,
  project,
  readFile,
  rolloutName,
  root,
  storeBelow,
} from './codex/rollouts.ts';
import { adapterContract } from './contract.ts';

const sessions = [ids.main, ids.fork, ids.paginated, ids.bare].sort();
/** The same on Windows, where a path in JSON has its backslashes doubled. */
const windows = Object.fromEntries(
  Object.entries(storeBelow('C:\\Users\\ada\\.codex', '\\')).map(([path, content]) => [
    path,
    Buffer.from(content).toString('utf8').replaceAll(`"${root}`, '"c:\\\\work\\\\shop'),
  ]),
);

adapterContract(codex, [
  {
    name: 'CODEX_HOME',
    host: memoryHost({ home: '/home/ada', env: { CODEX_HOME: '/data/codex' }, files: storeBelow('/data/codex', '/') }),
    project,
    sessions,
  },
  {
    name: 'home on darwin',
    host: memoryHost({ platform: 'darwin', home: '/Users/ada', files: storeBelow('/Users/ada/.codex', '/') }),
    project: { roots: ['/elsewhere', '/home/ada'] },
    sessions,
  },
  {
    name: 'home on win32',
    host: memoryHost({
      platform: 'win32',
      home: 'C:\\Users\\ada',
      files: windows,
    }),
    project: { roots: ['C:\\Work\\shop'] },
    sessions: sessions.filter((id) => id !== ids.bare),
  },
  {
    name: 'compressed',
    host: memoryHost({
      home: '/h',
      files: {
        [`/h/.codex/sessions/2026/03/02/${rolloutName('2026-03-02', ids.main, '.jsonl.zst')}`]:
          fixture('rollout.jsonl.zst'),
      },
    }),
    project,
    sessions: [ids.main],
  },
]);

describe('hostile records', () => {
  const kinds = ['session_meta', 'turn_context', 'response_item', 'event_msg', 'compacted', 'message', 'function_call'];
  const types = ['message', 'function_call', 'function_call_output', 'reasoning', 'web_search_call', 'user_message']
    .concat('token_count', 'patch_apply_end', 'mcp_tool_call_end', 'item_completed', 'thread_rolled_back')
    .concat('exited_review_mode', 'collab_agent_spawn_end', 'task_started', 'exec_command_end', 'agent_message');
  const names = [
    'role',
    'content',
    'name',
    'arguments',
    'input',
    'call_id',
    'output',
    'info',
    'changes',
    'item',
    'turn_id',
  ].concat(
    'message',
    'num_turns',
    'review_output',
    'result',
    'invocation',
    'id',
    'source',
    'git',
    'cwd',
    'action',
    'text',
  );

  it('never throw, and leave only what can be stored', () => {
    const value = fc.oneof(
      fc.jsonValue(),
      fc.string({ unit: 'binary' }),
      fc.constantFrom('user', 'assistant', '__proto__'),
    );
    const payload = fc
      .tuple(fc.constantFrom(...types), fc.dictionary(fc.constantFrom(...names), value))
      .map(([type, fields]) => ({ type, ...fields }));
    const one = fc.record({
      type: fc.constantFrom(...kinds),
      timestamp: value,
      payload: fc.oneof(payload, fc.jsonValue()),
    });
    fc.assert(
      fc.property(fc.array(one), (records) => {
        const session = readFile(lines(meta(), event('user_message', { message: 'p' }), ...records));
        expect(sessionMetaSchema.safeParse(session.meta).error).toBeUndefined();
        for (const exchange of session.exchanges) expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
      }),
    );
  });
});

const corpus = process.env.SPECSTORY_CORPUS;
if (!corpus) console.info('SPECSTORY_CORPUS is not set: the Codex corpus was not read');

describe.runIf(corpus)('corpus', () => {
  const host = nodeHost({ env: {} });
  const folder = join(corpus ?? '', 'codex');
  const read = (name: string) => {
    const [source] = codex.open(host, join(folder, name));
    return source && readSource(codex, host, source)[0];
  };

  /** Only token counts and other events of the rate limits: sessions in which nobody said anything. */
  const silent = ['codex_050_legacy', 'codex_051_usage', 'codex_052_raw', 'codex_053_rate_limit'];

  it('opens every file and keeps to the model', () => {
    for (const name of corpus ? readdirSync(folder) : []) {
      const session = read(name);
      expect(session, name).toBeDefined();
      expect(sessionMetaSchema.safeParse(session?.meta).error).toBeUndefined();
      for (const exchange of session?.exchanges ?? []) expect(exchangeSchema.safeParse(exchange).error).toBeUndefined();
      const ids = (session?.exchanges ?? []).map((exchange) => exchange.id);
      expect(new Set(ids).size, name).toBe(ids.length);
      expect(ids.length === 0, name).toBe(silent.some((part) => name.includes(part)));
      expect(session?.meta.unreadable, name).toBeUndefined();
    }
  });

  it.each([
    ['EntityProcess-agentv__cp-00-34f597b72d-1-full.jsonl', 10, 177, 177, 11_142_011],
    ['EntityProcess-agentv__cp-3c-162d1d8ad4-1-full.jsonl', 26, 150, 148, 9_835_445],
    ['EntityProcess-agentv__cp-4f-7325a9ab13-0-full.jsonl', 10, 70, 66, 2_796_831],
    ['EntityProcess-agentv__cp-a3-92ff332928-0-full.jsonl', 2, 23, 21, 269_672],
    ['blackgirlbytes-entire-token-costs-benchmark-tests__cp-a7-1156299398-0-full.jsonl', 28, 432, 431, 36_533_739],
    ['jazzyalex-agent-sessions__stage0-large.jsonl', 6, 1, 1, 12_273],
  ])('%s has its %i prompts, %i calls, %i results and %i tokens', (name, exchanges, made, results, tokens) => {
    const session = read(name)!;
    const all = parts(session);
    expect(session.exchanges.length).toBe(exchanges);
    expect(calls(all).length).toBe(made);
    expect(all.filter((part) => part.kind === 'tool_result').length).toBe(results);
    expect(usageOf(session.exchanges)).toBe(tokens);
  });

  it('claims no file of another agent', () => {
    const others = corpus ? readdirSync(corpus, { withFileTypes: true }) : [];
    const claimed = others
      .filter((entry) => entry.isDirectory() && entry.name !== 'codex')
      .flatMap((entry) => filesBelow(join(corpus ?? '', entry.name)))
      .filter((path) => [...codex.open(host, path)].length > 0);
    expect(claimed).toEqual([]);
  });
});

function usageOf(exchanges: readonly Exchange[]): number {
  const used = exchanges.flatMap((exchange) => exchange.messages.map((message) => message.usage ?? {}));
  return used.reduce(
    (all, { input = 0, cacheRead = 0, cacheWrite = 0, output = 0 }) => all + input + cacheRead + cacheWrite + output,
    0,
  );
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? filesBelow(join(folder, entry.name)) : [join(folder, entry.name)],
  );
}
