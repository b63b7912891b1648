import { resolve } from 'node:path';
import { type CallToolResult, Client } from '@modelcontextprotocol/client';
import { StdioClientTransport } from '@modelcontextprotocol/client/stdio';
import { onTestFinished } from 'vitest';
import type { Scratch } from './scratch.ts';

/** What a tool answered: its text, and the quotation in it. */
export interface Told {
  readonly isError: boolean;
  readonly text: string;
  readonly quoted: string;
  readonly notes: string;
}

export interface McpSession {
  readonly client: Client;
  call(tool: string, args?: Record<string, unknown>): Promise<Told>;
}

/** The built program as an agent starts it, with the client of the protocol's own library. */
export async function mcp(world: Pick<Scratch, 'env' | 'repository'>, cwd = world.repository): Promise<McpSession> {
  const args = [resolve('dist/specstory.cjs'), 'mcp'];
  const env = Object.fromEntries(Object.entries(world.env).filter((pair): pair is [string, string] => !!pair[1]));
  const transport = new StdioClientTransport({ command: process.execPath, args, env, cwd, stderr: 'ignore' });
  const client = new Client({ name: 'test', version: '1' });
  await client.connect(transport);
  onTestFinished(() => client.close());
  return { client, call: async (name, given = {}) => told(await client.callTool({ name, arguments: given })) };
}

function told({ content, isError = false }: CallToolResult): Told {
  const [part, ...more] = content;
  if (part?.type !== 'text' || more.length > 0) throw new Error('not one text');
  const { text } = part;
  const word = /^Between the two lines that bear ([0-9a-f]{24}) stands /.exec(text)?.[1];
  if (word === undefined) return { isError, text, quoted: '', notes: text };
  const [before = '', quoted = '', notes = '', ...rest] = text.split(new RegExp(`\n(?:<<<<<|>>>>>) ${word}(?:\n|$)`));
  if (rest.length > 0 || before.includes('\n')) throw new Error(`the quotation does not stand by itself: ${text}`);
  return { isError, text, quoted, notes };
}
