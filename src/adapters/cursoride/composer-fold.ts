import * as z from 'zod';
import { sessionId } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import { fromUri } from '../../core/paths.ts';
import type { Edit, Part } from '../../core/session.ts';
import { instant } from '../../core/text.ts';
import type { ParserContext } from '../adapter.ts';
import { clip } from '../content.ts';
import { composerFacts } from '../cursor-composer.ts';
import { promptIn } from '../cursor-prompt.ts';
import { Fold } from '../fold.ts';
import { answerParts, type Fields, imagesOf, isPrompt, textOf, timeOf, toolUse, usageOf } from './bubble.ts';
import { blockEdit } from './code-blocks.ts';

const ownSchema = z.strictObject({
  model: z.string().optional(),
  /** First and last time of the conversation, and how many messages it has: for messages without a time. */
  span: z.strictObject({ from: z.number(), to: z.number(), count: z.number() }).optional(),
  /** Messages read so far. */
  index: z.number(),
  children: z.array(z.string()),
  /** The diff that the next message refers to. */
  diff: z.string().optional(),
  /** What the code blocks of the next message change. */
  blocks: z.array(z.unknown()).optional(),
});
type Own = Readonly<z.infer<typeof ownSchema>>;

/** A change without a tool as the call it would be. */
function blockCall(edit: Edit): Part {
  return { kind: 'tool_call', name: 'codeBlock', type: 'write', input: { path: edit.path }, edits: [edit] };
}

/** Reads the records that `conversationRecords` makes of a conversation of any generation. */
export class ComposerFold extends Fold<Own> {
  constructor(context: ParserContext, saved?: unknown) {
    const { agent, key } = context.source;
    super(agent, context, sessionId(key), { fresh: { index: 0, children: [] }, schema: ownSchema }, saved);
  }

  protected read(record: Fields): void {
    const key = asText(record.key) ?? '';
    const value = asObject(record.value);
    if (key.startsWith('bubbleId:')) this.bubble(value, key.split(':').slice(2).join(':'));
    else if (key.startsWith('composerData:')) this.composer(value);
    else if (key.startsWith('chatTab:')) this.tab(value);
    else if (key === 'composer.content') this.state = { ...this.state, diff: asText(value.diff) };
    else if (key === 'composer.codeBlocks') this.state = { ...this.state, blocks: [...asArray(record.value)] };
    else if (key === 'workspace.json') this.main.know({ cwd: fromUri(asText(value.folder) ?? '') });
    else this.countUnknown(key);
  }

  private composer(value: Fields): void {
    const { model, at, ...meta } = composerFacts(value);
    this.main.know(meta);
    for (const time of at) this.main.touch(time);
    const from = asNumber(value.createdAt);
    const count = asArray(value.fullConversationHeadersOnly).length;
    const span = from === undefined ? undefined : { from, to: asNumber(value.lastUpdatedAt) ?? from, count };
    const lists = [value.subComposerIds, value.subagentComposerIds].flatMap(asArray);
    const children = lists.filter((id) => typeof id === 'string');
    this.state = { ...this.state, model, span, children };
  }

  private tab(value: Fields): void {
    this.main.know({ title: asText(value.chatTitle) });
    this.main.touch(value.lastSendTime);
  }

  private bubble(bubble: Fields, name: string): void {
    const { diff, blocks = [], ...state } = this.state;
    const model = asText(asObject(bubble.modelInfo).modelName) ?? asText(bubble.modelType) ?? state.model;
    this.state = { ...state, model, index: state.index + 1 };
    const id = asText(bubble.bubbleId) ?? asText(bubble.id) ?? name;
    const cwd = asText(bubble.workspaceProjectDir);
    if (this.main.meta.cwd === undefined) this.main.know({ cwd });
    const prompt = isPrompt(bubble);
    if (prompt === true) this.prompt(bubble, id);
    else if (prompt === false) this.answer(bubble, id, { diff, blocks });
    else if (Object.keys(bubble).length > 0)
      this.countUnknown(`bubble type ${String(asNumber(bubble.type) ?? '(none)')}`);
  }

  private prompt(bubble: Fields, id: string): void {
    const typed = promptIn(textOf(bubble));
    const images = imagesOf(bubble);
    if ((typed === undefined && images.length === 0) || bubble.isSimulatedMsg === true) return;
    const at = timeOf(bubble) ?? typed?.at ?? this.guessedTime();
    const { cwd, branch } = this.main.meta;
    this.openExchange({ message: id, at, cwd, branch });
    const parts: Part[] = typed === undefined ? [] : [{ kind: 'text', ...clip(typed.text) }];
    this.main.add('user', [...parts, ...images], { id, at });
  }

  private answer(bubble: Fields, id: string, { diff, blocks }: Pick<Own, 'diff' | 'blocks'>): void {
    const at = timeOf(bubble);
    const form = (path: string) => this.path(fromUri(path));
    const tool = toolUse(bubble, { bubble: id, form, diff, children: this.state.children });
    const edits = asArray(blocks).flatMap((block) => blockEdit(asObject(block), form) ?? []);
    const parts = [...answerParts(bubble), ...edits.map(blockCall), ...(tool ? [tool.call] : [])];
    if (parts.length === 0) return;
    this.main.add('agent', parts, { id, at, model: this.state.model, usage: usageOf(bubble) });
    if (tool?.result) this.main.addResult({ ...tool.result, at });
  }

  /** A message without a time lies between the first and the last of the conversation, by its place. */
  private guessedTime(): string | undefined {
    const { span, index } = this.state;
    if (span === undefined) return undefined;
    const part = span.count > 0 ? Math.min(1, Math.max(0, index - 1) / span.count) : 0;
    return instant(Math.round(span.from + Math.max(0, span.to - span.from) * part));
  }
}
