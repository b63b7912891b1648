import * as z from 'zod';
import { exchangeId, type SessionId, sessionId } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import { exchangeIdSchema, type Part, type Usage } from '../../core/session.ts';
import { storable } from '../../core/text.ts';
import type { ParserContext } from '../adapter.ts';
import { clip, toolInput } from '../content.ts';
import { Fold } from '../fold.ts';
import { toolType } from '../tool-types.ts';
import { answerParts, attachments, plainText, promptText, thoughtParts } from './message-content.ts';
import { rootOfHash } from './project-folders.ts';
import { editOf, resultText, succeeded } from './tool-calls.ts';

type Fields = { readonly [key: string]: unknown };

const ownSchema = z.strictObject({
  /** The messages that a rewind has not taken back, each with the exchange it belongs to. */
  branch: z.array(z.strictObject({ message: z.string(), exchange: exchangeIdSchema.nullable() })),
  /** The exchange that is open. */
  exchange: exchangeIdSchema.nullable(),
});
type Own = Readonly<z.infer<typeof ownSchema>>;

/** Session id of a sub-agent: its own when that is a UUID, else it is only unique below its parent. */
function subAgentId(parent: string, own: string): SessionId {
  const unique = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(own);
  return sessionId(unique ? own : `${parent}.${own}`);
}

/** Reads the records that `records` makes of a conversation: a header, then messages and rewinds. */
export class GeminiFold extends Fold<Own> {
  constructor(context: ParserContext, saved?: unknown) {
    const { agent, key } = context.source;
    super(agent, context, sessionId(key), { fresh: { branch: [], exchange: null }, schema: ownSchema }, saved);
  }

  protected read(record: Fields): void {
    if (record.$header !== undefined) this.header(asObject(record.$header));
    else if (record.$rewindTo !== undefined) this.rewind(record.$rewindTo);
    else this.message(record, asText(record.id));
  }

  private header(header: Fields): void {
    const name = asText(header.sessionId) ?? asText(header.fileName);
    const parent = asText(header.parent);
    this.main.know({
      id: name === undefined ? undefined : parent === undefined ? sessionId(name) : subAgentId(parent, name),
      parent: parent === undefined ? undefined : sessionId(parent),
      title: asText(header.summary),
      cwd: asText(header.projectRoot) ?? rootOfHash(this.context.roots, asText(header.projectHash)),
    });
    this.main.touch(header.startTime);
  }

  private message(record: Fields, id: string | undefined): void {
    const { type } = record;
    if (type === 'user') this.user(record, id);
    else if (type === 'gemini' || type === 'model') this.answer(record, id);
    else if (type === 'info' || type === 'warning' || type === 'error') this.note(type, record);
    else this.countUnknown(asText(type) ?? '(none)');
    if (id !== undefined) this.remember(id);
  }

  private user(record: Fields, id: string | undefined): void {
    if (record.$synthetic === true || isSnapshot(record.content)) {
      if (isSnapshot(record.content)) this.aside('compaction', plainText(record.content), record.timestamp);
      return;
    }
    const parts = [...promptParts(promptText(record.content, record.displayContent)), ...attachments(record.content)];
    if (parts.length === 0) return;
    const at = record.timestamp;
    const parent = this.state.branch.at(-1)?.exchange ?? undefined;
    this.openExchange({ message: id, at, parent, cwd: this.main.meta.cwd });
    const exchange = id === undefined ? null : exchangeId(this.agent, { message: id });
    this.state = { ...this.state, exchange };
    this.main.add('user', parts, { id, at });
  }

  private answer(record: Fields, id: string | undefined): void {
    if (record.$synthetic === true) return;
    const about = { id, at: record.timestamp, model: asText(record.model), usage: usageOf(asObject(record.tokens)) };
    this.main.add('agent', [...thoughtParts(record.thoughts), ...answerParts(record.content)], about);
    for (const call of asArray(record.toolCalls)) this.call(asObject(call), about);
  }

  private call(call: Fields, about: { id: string | undefined; at: unknown }): void {
    const name = storable(asText(call.name) ?? 'unknown');
    const id = asText(storable(asText(call.id) ?? ''));
    const edit = editOf(call, (path) => this.filePath(path));
    const part: Part = {
      kind: 'tool_call',
      ...(id === undefined ? {} : { id }),
      name,
      type: toolType(name),
      input: toolInput(call.args),
      ...(edit ? { edits: [edit] } : {}),
    };
    this.main.add('agent', [part], about);
    const text = resultText(call);
    const agent = asText(call.agentId);
    const session = agent === undefined ? undefined : subAgentId(this.main.meta.id, agent);
    if (text !== undefined) {
      this.main.addResult({ call: id, ok: succeeded(call), text, session, at: call.timestamp });
    }
    const files = attachments(call.result);
    if (files.length > 0) this.main.add('agent', files, about);
  }

  /** What the program said. Before the first prompt there is no exchange it could belong to. */
  private note(type: 'info' | 'warning' | 'error', record: Fields): void {
    const text = plainText(record.content);
    const info = /\bcompressed\b/i.test(text) ? 'compaction' : /\bcancelled\b/i.test(text) ? 'interrupted' : 'info';
    this.aside(type === 'error' ? 'error' : info, text, record.timestamp);
  }

  private aside(label: 'compaction' | 'error' | 'info' | 'interrupted', text: string, at: unknown): void {
    if (this.main.isOpen && text.trim() !== '')
      this.main.add('agent', [{ kind: 'note', label, ...clip(text) }], { at });
  }

  /** Takes back a message and all after it; a message that is not there takes back everything. */
  private rewind(to: unknown): void {
    const index = this.state.branch.findIndex(({ message }) => message === to);
    this.state = { ...this.state, branch: this.state.branch.slice(0, Math.max(index, 0)) };
  }

  private remember(message: string): void {
    const { branch, exchange } = this.state;
    this.state = { exchange, branch: [...branch, { message, exchange }] };
  }

  /** Relative paths start at the folder the program was started in. */
  private filePath(path: string): string {
    const cwd = this.main.meta.cwd;
    const relative = !/^(?:[/\\]|[A-Za-z]:)/.test(path) && !path.startsWith('..');
    return this.path(relative && cwd !== undefined ? `${cwd}/${path.replace(/^\.\//, '')}` : path);
  }
}

/** A person's message as shown: what they called (`/name`, `!command`) is a command, the rest is text. */
function promptParts(text: string): Part[] {
  if (text === '') return [];
  return /^(?:\/[a-z][\w:-]*(?:\s|$)|!\S)/i.test(text)
    ? [{ kind: 'note', label: 'command', ...clip(text) }]
    : [{ kind: 'text', ...clip(text) }];
}

/** The summary that takes the place of older messages in what the model is given. */
function isSnapshot(content: unknown): boolean {
  return /^\s*<state_snapshot>/.test(plainText(content));
}

/** Tokens as Gemini counts them: `input` includes what was cached, `output` excludes what was thought. */
function usageOf(tokens: Fields): Usage | undefined {
  const count = (name: string) => Math.max(0, Math.round(asNumber(tokens[name]) ?? 0));
  const cacheRead = count('cached');
  const reasoning = count('thoughts');
  const input = Math.max(0, count('input') - cacheRead) + count('tool');
  const output = count('output') + reasoning;
  return input + output + cacheRead === 0 ? undefined : { input, output, cacheRead, reasoning };
}
