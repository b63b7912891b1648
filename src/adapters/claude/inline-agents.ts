import type { SessionId } from '../../core/ids.ts';
import { asText } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import type { Thread } from '../thread.ts';
import { openingOf } from './branching-fold.ts';
import { Dialogue, type Scene } from './dialogue.ts';
import type { Fields } from './fields.ts';
import { recordNumber } from './record-number.ts';
import { saidIn } from './said.ts';

/** The sub-agents whose records are in their parent's transcript: sidechains of early versions, and what `progress` repeats. */
export class InlineAgents {
  private readonly scene: Scene;
  private readonly thread: (session: SessionId) => Thread;
  private readonly dialogues = new Map<SessionId, Dialogue>();
  /** The session of each sidechain record; none for a run that is to be ignored. */
  private readonly chains = new Map<number, SessionId | undefined>();

  constructor(scene: Scene, thread: (session: SessionId) => Thread) {
    this.scene = scene;
    this.thread = thread;
  }

  /** A new exchange of the parent begins: what was open is closed. */
  begin(): void {
    this.dialogues.clear();
  }

  isSidechain(number: number): boolean {
    return this.chains.has(number);
  }

  /** Reads a sidechain record: of the agent it names, or of the chain it is linked to, or the first of a new chain. `parent` hears of new ones. */
  sidechain(record: Fields, parent: Dialogue): void {
    const [number, before] = [recordNumber(record.uuid), recordNumber(record.parentUuid)];
    const session =
      before !== undefined && this.chains.has(before) ? this.chains.get(before) : this.started(record, parent);
    if (number !== undefined) this.chains.set(number, session);
    if (session !== undefined) this.read(session, record);
  }

  /** Reads a record of a sub-agent. */
  read(session: SessionId, record: Fields): void {
    const thread = this.thread(session);
    const dialogue = this.dialogues.get(session) ?? new Dialogue(thread, this.scene);
    this.dialogues.set(session, dialogue);
    if (record.type === 'assistant') dialogue.answer(record);
    else dialogue.results(record);
    const said = record.type === 'assistant' ? undefined : saidIn(record);
    if (said?.kind === 'prompt') this.prompt(thread, said.parts, record);
  }

  private prompt(thread: Thread, parts: readonly Part[], record: Fields): void {
    const opening = openingOf(record);
    thread.openExchange(opening);
    thread.know({ cwd: opening.cwd, branch: opening.branch, agentVersion: asText(record.version) });
    thread.add('user', parts, { id: opening.message, at: record.timestamp });
  }

  private started(record: Fields, parent: Dialogue): SessionId | undefined {
    const agent = asText(record.agentId);
    const said = saidIn(record);
    const prompt = said?.kind === 'prompt' ? said.text : '';
    if (prompt === 'Warmup') return undefined;
    const session = this.scene.subAgent(agent ?? asText(record.uuid) ?? 'sidechain');
    parent.subAgentStarted(prompt, session);
    return session;
  }
}
