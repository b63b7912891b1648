import { readFileSync } from 'node:fs';
import { codex } from '../../../src/adapters/codex/index.ts';
import { readSource } from '../../../src/adapters/read.ts';
import { type Part, partsOf, promptOf, type Session, type ToolCall } from '../../../src/core/session.ts';
import { memoryHost } from '../../hosts/memory-host.ts';

export const fixture = (name: string) => readFileSync(new URL(`../../fixtures/codex/${name}`, import.meta.url));
export const ids = {
  main: '019cadc6-9a80-7a01-8b02-c03d04e05f06',
  fork: '019cadfd-8900-7f0f-80f0-f0f0f0f0f0f0',
  child: '019cadc7-36c0-7c0f-8fee-00000000000c',
  paginated: '019fd0ef-bc00-7abc-8abc-abcabcabcabc',
  bare: '5973b6c0-94b8-487b-a530-2aeb6098ae0e',
};
export const turns = ['019cadc6-ae08-7111-8111-111111111111', '019cadc8-6f40-7222-8222-222222222222'] as const;
export const root = '/home/ada/shop';
export const project = { roots: [root] };

export const rolloutName = (day: string, id: string, ending = '.jsonl') => `rollout-${day}T10-00-00-${id}${ending}`;

/** A store below Codex's folder, as the agent leaves it. */
export function storeBelow(home: string, sep: string): Record<string, string | Uint8Array> {
  const day = [home, 'sessions', '2026', '03', '02'].join(sep);
  return {
    [[day, rolloutName('2026-03-02', ids.main)].join(sep)]: fixture('rollout.jsonl'),
    [[day, rolloutName('2026-03-02', ids.child)].join(sep)]: fixture('sub-agent.jsonl'),
    [[day, rolloutName('2026-03-02', ids.fork)].join(sep)]: fixture('fork.jsonl'),
    [[home, 'archived_sessions', rolloutName('2026-08-05', ids.paginated)].join(sep)]: fixture('paginated.jsonl'),
    [[home, 'sessions', rolloutName('2025-07-03', ids.bare)].join(sep)]: fixture('summer-2025.jsonl'),
  };
}

/** The session in one file of this content. */
export function readFile(content: string | Uint8Array, name = 'x.jsonl', roots: readonly string[] = [root]): Session {
  const host = memoryHost({ files: { [`/d/${name}`]: content } });
  const [source] = codex.open(host, `/d/${name}`);
  if (!source) throw new Error('not recognised');
  const [session] = readSource(codex, host, source, roots);
  if (!session) throw new Error('no session');
  return session;
}

export const lines = (...records: unknown[]) => records.map((record) => `${JSON.stringify(record)}\n`).join('');
let clock = 0;
const record = (type: string, payload: object) => ({
  timestamp: new Date(1_772_442_000_000 + clock++ * 1000).toISOString(),
  type,
  payload,
});
export const meta = (more: object = {}) => record('session_meta', { id: 'thread', cwd: root, ...more });
export const event = (type: string, more: object = {}) => record('event_msg', { type, ...more });
export const item = (type: string, more: object = {}) => record('response_item', { type, ...more });
export const user = (text: string) => item('message', { role: 'user', content: [{ type: 'input_text', text }] });
export const said = (text: string) => item('message', { role: 'assistant', content: [{ type: 'output_text', text }] });
export const prompts = (session: Session) => session.exchanges.map((exchange) => promptOf(exchange.messages));
export const parts = (session: Session) => [...partsOf(session.exchanges)];
export const calls = (all: readonly Part[]) => all.filter((part): part is ToolCall => part.kind === 'tool_call');
export const texts = (session: Session) => parts(session).flatMap((part) => (part.kind === 'text' ? [part.text] : []));
