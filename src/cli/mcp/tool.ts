import type { CallToolResult, McpServer } from '@modelcontextprotocol/server';
import type * as z from 'zod';
import { type Context, openContext } from '../../client/context.ts';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { Runtime } from '../command.ts';
import { quote } from './quote.ts';

/** What a tool answers. */
export interface Answer {
  /** Words of ours: how much there is, how to get the rest. Nothing that comes from a history. */
  readonly notes: readonly string[];
  /** What the history says; absent when it says nothing. */
  readonly quoted?: string;
}

/** One tool: a file in this folder, listed in `server.ts`. It reads and never writes. */
export interface Tool<Input extends z.ZodObject> {
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly input: Input;
  answer(context: Context, input: z.output<Input>): Promise<Answer>;
}

/** Offers a tool. Each call opens the repository anew, so that it sees what was captured meanwhile. */
export function offer<Input extends z.ZodObject>(server: McpServer, runtime: Runtime, tool: Tool<Input>): void {
  const { name, title, description, input: inputSchema } = tool;
  const annotations = { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false };
  server.registerTool<z.ZodObject, z.ZodObject>(
    name,
    { title, description, inputSchema, annotations },
    async (given): Promise<CallToolResult> => {
      try {
        return told(await tool.answer(await openContext(runtime), inputSchema.parse(given)));
      } catch (thrown) {
        return failed(thrown, runtime);
      }
    },
  );
}

function told({ notes, quoted }: Answer): CallToolResult {
  const data = quoted === undefined ? [] : [quote(quoted, 'what past conversations with coding agents hold')];
  return { content: [{ type: 'text', text: [...data, ...notes].join('\n') }] };
}

/** An error names what is in the history (ids, paths), so it is quoted as well. */
function failed(thrown: unknown, { output }: Runtime): CallToolResult {
  if (!(thrown instanceof SpecstoryError)) output.note(`specstory mcp: ${reason(thrown)}`);
  const known = thrown instanceof SpecstoryError ? thrown : new SpecstoryError('bug', faultIn(thrown));
  const text = known.hint === undefined ? known.message : `${known.message}\nhint: ${known.hint}`;
  return { content: [{ type: 'text', text: quote(text.slice(0, 4000), 'why there is no answer') }], isError: true };
}

function faultIn(thrown: unknown): string {
  return `a fault in specstory itself: ${reason(thrown)}`;
}
