import type { SessionId } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { clip } from '../content.ts';
import type { About, Thread } from '../thread.ts';
import { answerParts, toolCall, usageOf } from './answer-parts.ts';
import type { Fields } from './fields.ts';
import { resultEdits } from './result-edits.ts';
import { resultText, uncut } from './result-text.ts';
import { attachmentOf } from './said.ts';
import type { Path } from './tool-edits.ts';

/** What a dialogue needs of the fold it is part of. */
export interface Scene {
  readonly path: Path;
  /** The session of a sub-agent by the agent's id. */
  subAgent(agent: string): SessionId;
  unknown(type: string): void;
}

/**
 * Writes answers and tool results into a thread. One answer comes as a line per block; lines of the same message id
 * are one message, and a block that is there already is a repetition of the stream.
 */
export class Dialogue {
  private readonly thread: Thread;
  private readonly scene: Scene;
  /** Id of the answer being read, and its blocks. */
  private answering: string | undefined;
  private readonly blocks = new Set<string>();
  /** Id of an answer that went on after its exchange was closed: its tokens are counted there. */
  private counted: string | undefined;
  /** Calls of this exchange that started a sub-agent whose records are inline, by the prompt they gave it. */
  private readonly tasks = new Map<string, string>();
  private readonly started = new Map<string, SessionId>();

  constructor(thread: Thread, scene: Scene) {
    this.thread = thread;
    this.scene = scene;
  }

  /** A new exchange begins; `counted` is the answer that was being read. */
  begin(counted: string | undefined): void {
    this.answering = undefined;
    this.counted = counted;
    this.blocks.clear();
    this.tasks.clear();
    this.started.clear();
  }

  /** An assistant record. */
  answer(record: Fields): void {
    const message = asObject(record.message);
    const id = asText(message.id);
    if (id === undefined || id !== this.answering) this.blocks.clear();
    this.answering = id;
    const real = message.model !== '<synthetic>';
    const about: About = {
      id,
      at: record.timestamp,
      model: real ? asText(message.model) : undefined,
      usage: real && (id === undefined || id !== this.counted) ? usageOf(message.usage) : undefined,
    };
    const content = typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
    if (!real || record.isApiErrorMessage === true) this.failure(content, about);
    else for (const block of asArray(content)) this.block(asObject(block), about);
  }

  /** The tool results of a user record. */
  results(record: Fields): void {
    const results = resultBlocks(record);
    for (const block of results) this.result(block, record, results.length === 1 ? record.toolUseResult : undefined);
  }

  /** A call and a result in the form of early 2025, when they were records of their own. */
  bare(record: Fields): void {
    if (record.type === 'tool_use')
      this.thread.add('agent', [toolCall(record, this.scene.path)], { at: record.timestamp });
    else this.result({ ...record, content: record.output ?? record.content }, record, undefined);
  }

  /** A sub-agent whose records are inline began with this prompt. */
  subAgentStarted(prompt: string, session: SessionId): void {
    const call = this.tasks.get(prompt);
    if (call !== undefined) this.started.set(call, session);
  }

  private block(block: Fields, about: About): void {
    if (this.isRepeated(block)) return;
    const parts = answerParts(block, this.scene.path);
    if (parts) this.thread.add('agent', parts, about);
    else if (asText(block.type)?.endsWith('tool_result')) this.result(block, { timestamp: about.at }, undefined);
    else this.scene.unknown(`block ${asText(block.type) ?? '(none)'}`);
    const [prompt, id] = [asText(asObject(block.input).prompt), asText(block.id)];
    if (prompt !== undefined && id !== undefined) this.tasks.set(prompt, id);
  }

  private isRepeated(block: Fields): boolean {
    const what = asText(block.id) ?? asText(block.text) ?? asText(block.thinking) ?? asText(block.signature);
    if (what === undefined || this.answering === undefined) return false;
    const key = `${String(block.type)} ${what}`;
    const repeated = this.blocks.has(key);
    this.blocks.add(key);
    return repeated;
  }

  /** What the program says in the agent's name when a request fails. */
  private failure(content: unknown, about: About): void {
    const texts = asArray(content).map((block) => asText(asObject(block).text) ?? '');
    const text = texts.filter(Boolean).join('\n');
    if (text !== '') this.thread.add('agent', [{ kind: 'note', label: 'error', ...clip(text) }], about);
  }

  private result(block: Fields, record: Fields, twin: unknown): void {
    const call = asText(block.tool_use_id) ?? asText(record.sourceToolUseID);
    const ok = block.is_error !== true;
    const agent = asText(asObject(twin).agentId);
    const asked = call === undefined ? undefined : this.thread.call(call)?.edits;
    const rejected = asked?.map((edit) => ({ ...edit, rejected: true as const }));
    this.thread.addResult({
      call,
      ok,
      ...uncut(resultText(block.content, twin), twin, asNumber(block.elided)),
      edits: ok ? resultEdits(twin, this.scene.path) : rejected,
      session: agent === undefined ? this.started.get(call ?? '') : this.scene.subAgent(agent),
      at: record.timestamp,
    });
    const files: Part[] = asArray(block.content)
      .map(asObject)
      .filter(({ type }) => type === 'image' || type === 'document')
      .map(attachmentOf);
    if (files.length > 0) this.thread.add('agent', files, { id: this.answering, at: record.timestamp });
  }
}

/** The tool results in a user record. */
export function resultBlocks(record: Fields): Fields[] {
  const { content } = asObject(record.message);
  return asArray(content)
    .map(asObject)
    .filter(({ type }) => type === 'tool_result');
}
