import type { Json, JsonObject } from '../core/json.ts';
import { format } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { type Exchange, type Message, type Part, partsOf } from '../core/session.ts';
import { vouch } from '../core/vouch.ts';
import { escapeMarkdown, visibleLine } from './escape.ts';
import { writeFrontmatter } from './frontmatter.ts';
import { type Block, joinBlocks } from './marker.ts';
import { proseBlock } from './prose.ts';
import { printedTime } from './time.ts';
import { toolCallBlock } from './tool-call.ts';
import { toolResultBlock } from './tool-result.ts';

/** A `cwd` or `branch` longer than this stands in a marker, so that frontmatter stays small. */
const longestHeadText = 1024;

/**
 * An exchange as Markdown with frontmatter, in format 1 of `docs/format.md`. `parseExchange` gives the same exchange
 * back. The same exchange gives the same bytes, and they name neither its session nor its writer.
 */
export function renderExchange(exchange: Redacted<Exchange>): Redacted<string> {
  const blocks = [...longTexts(exchange), ...exchangeBlocks(exchange)];
  const { word, body } = joinBlocks(exchange.id, blocks);
  return vouch(writeFrontmatter(head(exchange, word), body === '' ? '' : `\n${body}`));
}

function head(exchange: Exchange, boundary: string): JsonObject {
  const { id, parent, startedAt: started, endedAt: ended } = exchange;
  const { cwd, branch } = { cwd: short(exchange.cwd), branch: short(exchange.branch) };
  const known = { format, id, parent, started, ended, cwd, branch, ...overview(exchange), boundary };
  return present(known);
}

function present(values: { readonly [key: string]: Json | undefined }): JsonObject {
  const data: JsonObject = {};
  for (const [key, value] of Object.entries(values)) if (value !== undefined) data[key] = value;
  return data;
}

function short(text: string | undefined): string | undefined {
  return text !== undefined && text.length <= longestHeadText ? text : undefined;
}

function longTexts({ cwd, branch }: Exchange): Block[] {
  const about = { cwd: short(cwd) === cwd ? undefined : cwd, branch: short(branch) === branch ? undefined : branch };
  return about.cwd === undefined && about.branch === undefined ? [] : [{ kind: 'exchange', about, body: '\n' }];
}

/** What a reader or `grep` wants to see first; worked out of the messages, and not read back. */
function overview(exchange: Exchange): { models?: string[]; tools?: Record<string, number> } {
  const models = new Set(exchange.messages.map(({ model }) => model).filter(isName));
  const tools = new Map<string, number>();
  for (const part of partsOf([exchange])) {
    if (part.kind === 'tool_call' && isName(part.name)) tools.set(part.name, (tools.get(part.name) ?? 0) + 1);
  }
  return {
    ...(models.size > 0 ? { models: [...models].slice(0, 8) } : {}),
    ...(tools.size > 0 ? { tools: Object.fromEntries([...tools].slice(0, 20)) } : {}),
  };
}

function isName(text: string | undefined): text is string {
  return text !== undefined && text.length <= 64;
}

/** The messages and parts of an exchange, in order. */
export function exchangeBlocks({ messages }: Exchange): Block[] {
  return messages.flatMap(messageBlocks);
}

function messageBlocks(message: Message): Block[] {
  const { role, id, at, model, usage } = message;
  const heading = { kind: role, about: { id, at, model, usage }, body: turn(message) };
  return [heading, ...message.parts.map(partBlock)];
}

/** The line SpecStory opens a turn with. */
function turn({ role, at, model }: Message): string {
  const speaker = role === 'user' ? 'User' : 'Agent';
  const named = model === undefined || role === 'user' ? '' : escapeMarkdown(visibleLine(model));
  const about = [named, at === undefined ? '' : printedTime(at)].filter(Boolean).join(' ');
  return `_**${speaker}${about === '' ? '' : ` (${about})`}**_\n`;
}

function partBlock(part: Part): Block {
  switch (part.kind) {
    case 'tool_call':
      return toolCallBlock(part);
    case 'tool_result':
      return toolResultBlock(part);
    case 'attachment': {
      const { kind, ...about } = part;
      return { kind, about, body: attachmentLine(part) };
    }
    default:
      return proseBlock(part);
  }
}

function attachmentLine({ name, mime, bytes }: Extract<Part, { kind: 'attachment' }>): string {
  const about = [mime, bytes === undefined ? undefined : `${bytes} bytes`].filter(Boolean).join(', ');
  const title = visibleLine(name ?? '') || 'without a name';
  return `_Attachment: ${escapeMarkdown(title)}${about === '' ? '' : ` (${escapeMarkdown(visibleLine(about))})`}_\n`;
}
