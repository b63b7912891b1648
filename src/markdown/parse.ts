import * as z from 'zod';
import { SpecstoryError } from '../core/errors.ts';
import { asObject } from '../core/json.ts';
import { format } from '../core/layout.ts';
import { type Exchange, exchangeSchema, type Part } from '../core/session.ts';
import { readFrontmatter } from './frontmatter.ts';
import { countLines, malformed, type ReadBlock, splitBlocks } from './marker.ts';
import { readProse } from './prose.ts';
import { readToolCall } from './tool-call.ts';
import { readToolResult } from './tool-result.ts';

const headSchema = z.object({
  format: z.literal(format),
  id: z.string(),
  parent: z.string().optional(),
  started: z.string().optional(),
  ended: z.string().optional(),
  cwd: z.string().optional(),
  branch: z.string().optional(),
  boundary: z.string().regex(/^[a-z0-9]{8,16}$/),
});

/** The exchange in a file of format 1. Throws `unsupported`, with line and reason, for everything else. */
export function parseExchange(text: string): Exchange {
  const { data, body } = readFrontmatter(text);
  const head = headSchema.safeParse(data);
  if (!head.success) throw unreadable(data.format);
  const { id, parent, started, ended, cwd, branch, boundary } = head.data;
  const line = countLines(text.slice(0, text.length - body.length)) + 1;
  if (body !== '' && !body.startsWith('\n')) malformed(line, 'no empty line after the frontmatter');
  const blocks = splitBlocks(body.slice(1), boundary, line + 1);
  const long = blocks[0]?.kind === 'exchange' ? asObject(blocks.shift()?.about) : {};
  const exchange = { id, parent, startedAt: started, endedAt: ended, cwd, branch, ...long, messages: messages(blocks) };
  return checked(exchange, line);
}

function unreadable(version: unknown): SpecstoryError {
  if (typeof version === 'number' && version > format)
    return new SpecstoryError('unsupported', `exchange file in format ${version}, this program reads ${format}`, {
      hint: 'install a newer version',
    });
  return new SpecstoryError('unsupported', 'exchange file, line 1: no frontmatter with format, id and boundary');
}

function messages(blocks: readonly ReadBlock[]): unknown[] {
  const found: { role: string; parts: Part[] }[] = [];
  for (const block of blocks) {
    const { kind: role, about, line } = block;
    if (role === 'user' || role === 'agent') found.push({ ...asObject(about), role, parts: [] });
    else (found.at(-1) ?? malformed(line, 'a part before the first message')).parts.push(part(block));
  }
  return found;
}

function part(block: ReadBlock): Part {
  const { kind } = block;
  switch (kind) {
    case 'text':
    case 'thinking':
    case 'note':
      return readProse(block, kind);
    case 'tool_call':
      return readToolCall(block);
    case 'tool_result':
      return readToolResult(block);
    case 'attachment':
      return { ...asObject(block.about), kind };
    default:
      return malformed(block.line, 'a part of an unknown kind');
  }
}

/** Whatever the text said, what leaves here is an exchange of the model. */
function checked(exchange: object, line: number): Exchange {
  const present = Object.fromEntries(Object.entries(exchange).filter(([, value]) => value !== undefined));
  const read = exchangeSchema.safeParse(present);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  return malformed(line, `not an exchange: ${issue?.message} at ${issue?.path.join('.')}`);
}
