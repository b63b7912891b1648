import { copilotide } from '../../src/adapters/copilotide/index.ts';
import { readSource } from '../../src/adapters/read.ts';
import { type Exchange, promptOf } from '../../src/core/session.ts';
import { type MemoryHost, memoryHost } from '../hosts/memory-host.ts';

export const id = 'aaaaaaaa-0000-4000-8000-000000000001';
export const other = 'bbbbbbbb-0000-4000-8000-000000000002';
export const project = { roots: ['/home/me/proj'] };
export const storage = '/home/me/.config/Code/User/workspaceStorage/w1';
export const workspace = JSON.stringify({ folder: 'file:///home/me/proj' });

export const lines = (...records: readonly unknown[]) =>
  records.map((record) => `${JSON.stringify(record)}\n`).join('');
export const asked = (requestId: string, text: string, more: object = {}) => ({
  requestId,
  timestamp: 1_772_359_500_000,
  message: { text, parts: [] },
  response: [{ value: `answer to ${text}` }],
  ...more,
});
export const empty = (sessionId: string, ...requests: readonly unknown[]) => ({
  version: 3,
  sessionId,
  creationDate: 1_772_359_200_000,
  requests,
});
export const world = (files: Record<string, string>) => memoryHost({ home: '/home/me', files });
export const sessionsIn = (host: MemoryHost) =>
  [...copilotide.find(host, project)].flatMap((source) => readSource(copilotide, host, source, project.roots));
export const prompts = (exchanges: readonly Exchange[] = []) =>
  exchanges.map((exchange) => promptOf(exchange.messages));
export const parts = (exchange: Exchange | undefined) => (exchange?.messages ?? []).flatMap((message) => message.parts);
export const calls = (exchange: Exchange | undefined) => parts(exchange).filter((part) => part.kind === 'tool_call');
export const results = (exchange: Exchange | undefined) =>
  parts(exchange).filter((part) => part.kind === 'tool_result');
