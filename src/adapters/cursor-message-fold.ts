import * as z from 'zod';
import { digest, sessionId } from '../core/ids.ts';
import { asArray, asNumber, asObject, asText } from '../core/json.ts';
import type { Part } from '../core/session.ts';
import type { ParserContext } from './adapter.ts';
import { clip } from './content.ts';
import { composerFacts } from './cursor-composer.ts';
import { refused } from './cursor-edits.ts';
import {
  answerPart,
  attachmentsIn,
  contentOf,
  type Outcome,
  outcomesIn,
  provenEdits,
  textIn,
} from './cursor-message-parts.ts';
import { blockIn, promptIn } from './cursor-prompt.ts';
import { rootOfTranscript } from './cursor-transcripts.ts';
import { Fold } from './fold.ts';

type Fields = { readonly [key: string]: unknown };

const ownSchema = z.strictObject({
  /** How often each prompt came, by two and ten more hex of what names it: the same prompt twice is one blob. */
  seen: z.record(z.string(), z.record(z.string(), z.number())),
  /** What the database knows of each turn, by request. */
  turns: z.record(z.string(), z.strictObject({ at: z.number().optional(), simulated: z.boolean() })),
  model: z.string().optional(),
});
type Own = Readonly<z.infer<typeof ownSchema>>;

/**
 * Reads messages in the form in which the model gets them: lines of a transcript, and the rows that `stateItems` makes of a
 * conversation's state, after what the store says about it.
 */
export class CursorMessageFold extends Fold<Own> {
  constructor(context: ParserContext, saved?: unknown) {
    const [id = '', parent] = context.source.key.split('/').reverse();
    super(context.source.agent, context, sessionId(id), { fresh: { seen: {}, turns: {} }, schema: ownSchema }, saved);
    if (parent !== undefined) this.main.know({ parent: sessionId(parent) });
    this.main.know({ cwd: rootOfTranscript(context.source.path, context.roots) });
  }

  protected read(record: Fields): void {
    const key = asText(record.key);
    if (key !== undefined) this.row(key, record.value);
    else if (record.role !== undefined) this.message({ ...asObject(record.message), role: record.role });
    else this.event(record);
  }

  private row(key: string, value: unknown): void {
    if (key === 'meta.json') this.sidecar(asObject(value));
    else if (key === 'meta:0') this.meta(asObject(value));
    else if (key.startsWith('composerData:')) this.composer(asObject(value));
    else if (key === 'turns') this.turns(value);
    else if (key.startsWith('blob:')) this.message(asObject(value), key);
    else this.countUnknown(key);
  }

  private sidecar(about: Fields): void {
    this.main.know({ title: asText(about.title), cwd: asText(about.cwd) });
    this.main.touch(about.createdAtMs);
    this.main.touch(about.updatedAtMs);
  }

  private meta(meta: Fields): void {
    const parent = asText(asObject(meta.subagentInfo).parentAgentId);
    this.main.know({
      title: asText(meta.name) === 'New Agent' ? undefined : asText(meta.name),
      cwd: asText(meta.workspacePath),
      parent: parent === undefined ? undefined : sessionId(parent),
    });
    this.main.touch(meta.createdAt);
    this.state = { ...this.state, model: asText(meta.lastUsedModel) };
  }

  /** What the editor's database says of the conversation. */
  private composer(value: Fields): void {
    const { model, at, ...meta } = composerFacts(value);
    this.main.know(meta);
    for (const time of at) this.main.touch(time);
    this.state = { ...this.state, model };
  }

  private turns(value: unknown): void {
    const known = asArray(value)
      .map(asObject)
      .flatMap(({ request, at, simulated }) => {
        const about = { at: asNumber(at), simulated: simulated === true };
        return typeof request === 'string' ? [[request, about] as const] : [];
      });
    this.state = { ...this.state, turns: Object.fromEntries(known) };
  }

  private event({ type, status, error }: Fields): void {
    const text = asText(error) ?? asText(asObject(error).message) ?? '';
    if (type === 'turn_ended' && (status === 'success' || status === 'completed')) return;
    const stopped = status === 'aborted' || /aborted/i.test(text);
    if (type === 'turn_ended' || type === 'error') this.note(stopped ? 'interrupted' : 'error', text);
    else this.countUnknown(asText(type) ?? '(none)');
  }

  private message(message: Fields, blob?: string): void {
    const { role } = message;
    if (role === 'user') this.user(message, blob);
    else if (role === 'assistant') this.answer(message);
    else if (role === 'tool') this.results(message);
    else if (role !== 'system') this.countUnknown(`role ${asText(role) ?? '(none)'}`);
  }

  private user(message: Fields, blob: string | undefined): void {
    const options = asObject(asObject(message.providerOptions).cursor);
    const text = textIn(message);
    if (options.isSummary === true) this.note('compaction', text);
    if (options.isSummary === true || options.loopReminder !== undefined) return;
    this.results(message);
    this.machine(text);
    const request = asText(options.requestId);
    const turn =
      request !== undefined && Object.hasOwn(this.state.turns, request) ? this.state.turns[request] : undefined;
    const prompt = promptIn(text);
    const attached = attachmentsIn(message);
    if ((prompt === undefined && attached.length === 0) || turn?.simulated) return;
    const at = message.createdAt ?? prompt?.at ?? turn?.at;
    this.openExchange({ message: this.promptName(request ?? blob, at, prompt?.text), at, cwd: this.main.meta.cwd });
    const typed: Part[] = prompt === undefined ? [] : [{ kind: 'text', ...clip(prompt.text) }];
    this.main.add('user', [...typed, ...attached], { at });
  }

  /** A name that stays the same when the store is read again. Without ids and times, place and text have to do. */
  private promptName(name: string | undefined, at: unknown, text = ''): string | undefined {
    if (name === undefined && at === undefined) return undefined;
    const key = name ?? `${String(at)}\0${text}`;
    const hash = digest(key);
    const [part, rest] = [hash.slice(0, 2), hash.slice(2, 12)];
    const { seen } = this.state;
    const count = (seen[part]?.[rest] ?? 0) + 1;
    this.state = { ...this.state, seen: { ...seen, [part]: { ...seen[part], [rest]: count } } };
    return count > 1 ? `${key}#${count}` : name;
  }

  /** Folder and branch, from the description of the machine that comes before the first prompt. */
  private machine(text: string): void {
    const cwd = /^Workspace Path: (.+)$/m.exec(blockIn(text, 'user_info') ?? '')?.[1]?.trim();
    if (this.main.meta.cwd === undefined) this.main.know({ cwd });
    const status = blockIn(text, 'git_status') ?? '';
    const branch = /^(?:On branch |## )(?!No commits|HEAD)(\S+?)(?:\.{3}\S*)?(?:\s|$)/m.exec(status)?.[1];
    if (this.main.meta.branch === undefined) this.main.know({ branch });
  }

  private answer(message: Fields): void {
    const content = contentOf(message);
    const options = content.map((part) => asObject(asObject(part.providerOptions).cursor));
    const named = [asObject(asObject(message.providerOptions).cursor), ...options].map(({ modelName }) =>
      asText(modelName),
    );
    const model = named.find((name) => name !== undefined) ?? asText(message.model);
    if (model !== undefined && model !== this.state.model) this.state = { ...this.state, model };
    const parts = content.flatMap((part) => {
      const known = answerPart(part, (path) => this.path(path));
      if (known === undefined) this.countUnknown(`part ${asText(part.type) ?? '(none)'}`);
      return known ?? [];
    });
    if (parts.length > 0) this.main.add('agent', parts, { at: message.createdAt, model: this.state.model });
  }

  private results(message: Fields): void {
    for (const outcome of outcomesIn(message)) {
      const child = asText(outcome.success.agentId);
      this.main.addResult({
        call: outcome.call,
        ok: outcome.ok,
        text: outcome.text,
        edits: this.editsAfter(outcome),
        session: child === undefined ? undefined : sessionId(child),
        at: message.createdAt,
      });
    }
  }

  private editsAfter(outcome: Outcome): ReturnType<typeof refused> {
    const asked = (outcome.call === undefined ? undefined : this.main.call(outcome.call))?.edits ?? [];
    const [first] = asked;
    if (first === undefined) return [];
    return outcome.ok ? provenEdits(first.path, outcome) : refused(asked);
  }

  private note(label: 'compaction' | 'error' | 'interrupted', text: string): void {
    this.main.add('agent', [{ kind: 'note', label, ...clip(text) }]);
  }
}
