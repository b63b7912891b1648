import { type ExchangeId, type SessionId, sessionId } from '../../core/ids.ts';
import { asArray, asObject, asText } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import type { ParserContext } from '../adapter.ts';
import { clip } from '../content.ts';
import type { Opening } from '../thread.ts';
import { BranchingFold, branchOf, openingOf } from './branching-fold.ts';
import { Dialogue, resultBlocks, type Scene } from './dialogue.ts';
import type { Fields } from './fields.ts';
import { type Identity, identityOfKey, subAgentSession } from './identity.ts';
import { InlineAgents } from './inline-agents.ts';
import type { Pending } from './own-state.ts';
import { afterQueueOperation } from './queue.ts';
import { isId, recordNumber } from './record-number.ts';
import { queuedIn, type Said, saidIn } from './said.ts';
import { isKnownAttachment, isKnownType, systemNote } from './side-records.ts';
import { afterLeaf, afterTitle, isTitle, type Titled } from './titles.ts';

type Prompt = Extract<Said, { kind: 'prompt' }>;
type Command = Extract<Said, { kind: 'command' }>;

/** Reads the records of one transcript, of a session or of a sub-agent. */
export class ClaudeFold extends BranchingFold {
  private readonly identity: Identity;
  private readonly scene: Scene;
  private readonly dialogue: Dialogue;
  private readonly inline: InlineAgents;

  constructor(context: ParserContext, saved?: unknown) {
    const identity = identityOfKey(context.source.key);
    super(context, identity.session, saved);
    this.identity = identity;
    this.scene = {
      path: (path) => this.path(path),
      subAgent: (agent) => subAgentSession(identity.parent ?? identity.session, agent),
      unknown: (type) => this.countUnknown(type),
    };
    this.dialogue = new Dialogue(this.main, this.scene);
    this.inline = new InlineAgents(this.scene, (session) => this.sideThread(session));
    this.main.know({ parent: identity.parent });
  }

  protected read(record: Fields): void {
    if (this.state.warmUp) return;
    const number = recordNumber(record.uuid);
    if (number !== undefined && this.isRepeated(number)) return;
    this.dispatch(record);
    if (number === undefined) return;
    this.remember(number, record);
    if (this.state.summaries.length > 0) this.entitle(afterLeaf(this.state, number));
  }

  private dispatch(record: Fields): void {
    const type = asText(record.type) ?? '(none)';
    if (type === 'user' || type === 'assistant') this.conversation(record);
    else if (type === 'system') this.system(record);
    else if (type === 'attachment') this.attachment(record);
    else if (type === 'progress') this.progress(record);
    else if (type === 'queue-operation') this.state = afterQueueOperation(this.state, record);
    else if (isTitle(type)) this.entitle(afterTitle(this.state, record, (leaf) => this.isHere(leaf)));
    else if (type === 'tool_use' || type === 'tool_result') this.bare(record);
    else if (!isKnownType(type)) this.countUnknown(type);
  }

  private conversation(record: Fields): void {
    if (record.isSidechain === true && !this.identity.subAgent) {
      this.sidechain(record);
      return;
    }
    this.about(record);
    const continued = this.continued(record);
    if (record.type === 'assistant') this.answer(record);
    else this.user(record, continued);
  }

  private user(record: Fields, continued: ExchangeId | undefined): void {
    const results = resultBlocks(record).length > 0;
    if (results) {
      this.ensureOpen(record);
      this.dialogue.results(record);
    }
    const said = saidIn(record);
    if (results && said?.kind === 'prompt') this.main.add('user', said.parts, { at: record.timestamp });
    else if (said) this.say(said, record, continued);
  }

  private say(said: Said, record: Fields, continued: ExchangeId | undefined): void {
    if (said.kind === 'prompt') this.prompt(said, record, continued);
    else if (said.kind === 'command') this.command(said, record, continued);
    else if (said.kind === 'output') this.output(said.text, record);
    else this.note(said.label, said.text, record);
  }

  private prompt(said: Prompt, record: Fields, continued: ExchangeId | undefined): void {
    const first = !this.main.isOpen && this.main.previous === null;
    if (first && this.identity.subAgent && said.text === 'Warmup') {
      this.state = { ...this.state, warmUp: true };
      return;
    }
    this.settle(record);
    const opening = openingOf(record, continued);
    this.openAt(opening, record);
    this.main.add('user', said.parts, { id: opening.message, at: record.timestamp });
  }

  private answer(record: Fields): void {
    const message = asObject(record.message);
    const id = asText(message.id) ?? null;
    if (message.model === '<synthetic>' && isNoAnswer(message.content)) return;
    const { pending, answer } = this.state;
    if (pending && (id === null || id !== answer)) this.openPending(pending, record);
    else this.ensureOpen(record);
    this.dialogue.answer(record);
    if (id !== null && id !== answer) this.state = { ...this.state, answer: id };
  }

  /** A command opens an exchange when the agent answers it. What the program does by itself is a note in the exchange before. */
  private command(said: Command, record: Fields, parent: ExchangeId | undefined): void {
    this.settle(record);
    const { message: id, cwd, branch } = openingOf(record);
    const kind = said.shell ? 'shell' : 'command';
    const pending = {
      kind,
      text: clip(said.text).text,
      id,
      at: asText(record.timestamp),
      cwd,
      branch,
      parent,
    } as const;
    this.state = { ...this.state, pending };
  }

  /** The output of a command that the program ran. */
  private output(text: string, record: Fields): void {
    const { pending } = this.state;
    if (pending?.kind === 'shell' && !this.main.isOpen) this.openPending(pending, record);
    else if (pending && pending.kind !== 'steer') this.settle(record);
    if (text !== '') this.note('info', text, record);
  }

  /** What waits for an answer will not get one: a prompt is one all the same, a command becomes a note. */
  private settle(record: Fields): void {
    const { pending } = this.state;
    if (pending?.kind === 'steer') this.openPending(pending, record);
    else if (pending && this.main.isOpen) this.main.add('user', [partOf(pending)], { id: pending.id, at: pending.at });
    if (pending) this.state = { ...this.state, pending: null };
  }

  private openPending(pending: Pending, record: Fields): void {
    const { id: message, at, parent } = pending;
    this.openAt({ ...openingOf(record), ...pending, message, at, parent }, record);
    this.state = { ...this.state, pending: null };
    this.main.add('user', [partOf(pending)], { id: message, at });
  }

  private openAt(opening: Opening, record: Fields): void {
    this.begin(opening, record);
    this.dialogue.begin(this.state.answer ?? undefined);
    this.inline.begin();
  }

  /** A transcript may begin in the middle of a conversation. */
  private ensureOpen(record: Fields): void {
    if (!this.main.isOpen) this.openAt({ ...openingOf(record), message: undefined }, record);
  }

  private note(label: 'compaction' | 'interrupted' | 'info' | 'error', text: string, record: Fields): void {
    if (label === 'compaction') this.ensureOpen(record);
    if (!this.main.isOpen) return;
    const role = label === 'interrupted' ? 'user' : 'agent';
    this.main.add(role, [{ kind: 'note', label, ...clip(text) }], { at: record.timestamp });
  }

  private system(record: Fields): void {
    const continued = this.continued(record);
    if (record.subtype === 'local_command') {
      const said = saidIn({ message: { content: record.content } });
      if (said) this.say(said, record, continued);
      return;
    }
    const note = systemNote(record);
    if (note === undefined) this.countUnknown(`system ${asText(record.subtype) ?? ''}`);
    else if (note) this.note(note.label, note.text, record);
  }

  private attachment(record: Fields): void {
    if (!this.state.attachments) this.state = { ...this.state, attachments: true };
    const attached = asObject(record.attachment);
    const type = asText(attached.type) ?? '(none)';
    if (type !== 'queued_command') {
      if (!isKnownAttachment(type)) this.countUnknown(`attachment ${type}`);
      return;
    }
    const continued = this.continued(record);
    const said = queuedIn(attached);
    const { pending } = this.state;
    if (said?.kind === 'prompt' && pending?.kind === 'steer' && pending.text === said.text)
      this.state = { ...this.state, pending: null };
    if (said) this.say(said, record, continued);
  }

  private sidechain(record: Fields): void {
    const parent = recordNumber(record.parentUuid);
    if (parent !== undefined && !this.inline.isSidechain(parent)) this.continued(record);
    this.inline.sidechain(record, this.dialogue);
  }

  private progress(record: Fields): void {
    const data = asObject(record.data);
    const agent = asText(data.agentId);
    if (data.type !== 'agent_progress' || agent === undefined) return;
    this.continued(record);
    const message = asObject(data.message);
    const number = recordNumber(message.uuid);
    if (number !== undefined && this.isRepeated(number)) return;
    const { cwd, branch: gitBranch, agentVersion: version } = this.main.meta;
    this.inline.read(this.scene.subAgent(agent), { cwd, gitBranch, version, ...message });
    if (number !== undefined) this.remember(number, message);
  }

  /** A call or a result in the form of early 2025. */
  private bare(record: Fields): void {
    this.ensureOpen(record);
    this.dialogue.bare(record);
  }

  private entitle({ own, title }: Titled): void {
    this.state = own;
    this.main.know({ title });
  }

  private about(record: Fields): void {
    const { meta } = this.main;
    const agentVersion = asText(record.version);
    const branch = branchOf(record);
    if (agentVersion !== meta.agentVersion || branch !== meta.branch) this.main.know({ agentVersion, branch });
    if (meta.cwd === undefined) this.main.know({ cwd: asText(record.cwd) });
    if (meta.origin === undefined) this.main.know({ origin: asText(record.entrypoint) });
    if (meta.forkedFrom === undefined && !this.identity.subAgent) this.main.know({ forkedFrom: this.original(record) });
  }

  /** The session that this one continues a copy of: named in the record, or whose id the copied record still bears. */
  private original(record: Fields): SessionId | undefined {
    const named = asObject(record.forkedFrom).sessionId ?? record.sessionId;
    return isId(named) && named !== this.main.meta.id ? sessionId(named) : undefined;
  }
}

function partOf({ kind, text }: Pending): Part {
  return kind === 'steer' ? { kind: 'text', text } : { kind: 'note', label: 'command', text };
}

/** The program says this in the agent's name when there was nothing to answer. */
function isNoAnswer(content: unknown): boolean {
  return asArray(content).every((block) => asObject(block).text === 'No response requested.');
}
