import * as z from 'zod';
import { exchangeId, type SessionId, sessionId } from '../../core/ids.ts';
import { asArray, asNumber, asObject, asText } from '../../core/json.ts';
import { isInside } from '../../core/paths.ts';
import { exchangeIdSchema, type Usage } from '../../core/session.ts';
import type { ParserContext } from '../adapter.ts';
import { clip } from '../content.ts';
import { Fold } from '../fold.ts';
import type { About, Thread } from '../thread.ts';
import { type Answer, answerOf, type Piece } from './answer.ts';
import { promptParts } from './prompt-parts.ts';

type Fields = { readonly [key: string]: unknown };

const ownSchema = z.strictObject({
  /** The last exchange that a restored checkpoint has not taken back. */
  visible: exchangeIdSchema.nullable(),
});
type Own = Readonly<z.infer<typeof ownSchema>>;

/** Reads the records that `sessionItems` makes of a session: a header, then one record per request. */
export class CopilotideFold extends Fold<Own> {
  constructor(context: ParserContext, saved?: unknown) {
    const { agent, key } = context.source;
    super(agent, context, sessionId(key), { fresh: { visible: null }, schema: ownSchema }, saved);
  }

  protected read(record: Fields): void {
    if (record.$header !== undefined) this.header(asObject(record.$header));
    else if ((record.message ?? record.response) !== undefined) this.request(record);
    else this.countUnknown(asText(record.kind) ?? asText(record.type) ?? '(none)');
  }

  private header(header: Fields): void {
    const folders = asArray(header.folders).flatMap((folder) => asText(folder) ?? []);
    const inside = (folder: string) => this.context.roots.some((root) => isInside(folder, root));
    const id = asText(header.id);
    this.main.know({
      id: id === undefined ? undefined : sessionId(id),
      title: asText(header.customTitle),
      origin: asText(header.initialLocation),
      branch: asText(asObject(header.repoData).localBranch),
      cwd: folders.find(inside) ?? folders[0],
    });
    this.main.touch(header.creationDate);
  }

  private request(request: Fields): void {
    const message = asText(request.requestId);
    const at = request.timestamp;
    const { cwd, branch } = this.main.meta;
    this.main.know({ agentVersion: asText(asObject(request.agent).extensionVersion) });
    this.openExchange({ message, at, parent: this.state.visible ?? undefined, cwd, branch });
    const hidden = Boolean(request.shouldBeRemovedOnSend) || request.isHidden === true;
    if (message !== undefined && !hidden) this.state = { visible: exchangeId(this.agent, { message }) };
    const form = (path: string) => this.path(path);
    this.main.add('user', promptParts(request, form), { id: message, at });
    this.answer(request, answerOf(request, form));
  }

  private answer(request: Fields, answer: Answer): void {
    const about = aboutAnswer(request);
    for (const type of answer.unknown) this.countUnknown(type);
    const nested = new Map(answer.subAgents.map(({ id, call }) => [call, this.nestedId(id)]));
    this.write(this.main, answer.pieces, about, nested);
    for (const { id, title, prompt, pieces } of answer.subAgents) {
      const thread = this.sideThread(this.nestedId(id));
      thread.know({ title });
      thread.openExchange({ message: `${asText(request.requestId) ?? ''}/${id}`, at: request.timestamp });
      if (prompt !== '') thread.add('user', [{ kind: 'text', ...clip(prompt) }], { at: request.timestamp });
      this.write(thread, pieces, { ...about, usage: undefined }, new Map());
    }
    this.ending(request, about);
  }

  private write(thread: Thread, pieces: readonly Piece[], about: About, nested: ReadonlyMap<string, SessionId>): void {
    for (const piece of pieces) {
      if (piece.kind === 'result') {
        thread.addResult({ ...piece, call: piece.call || undefined, session: nested.get(piece.call) });
      } else thread.add('agent', [piece], about);
    }
  }

  /** The invocation's id is only unique below the session. */
  private nestedId(id: string): SessionId {
    return sessionId(`${this.main.meta.id}.${id}`);
  }

  /** A summary made on the way, an error, a cancellation. */
  private ending(request: Fields, about: About): void {
    const { metadata, errorDetails } = asObject(request.result);
    const summary = asText(asObject(asObject(metadata).summary).text);
    if (summary !== undefined) this.main.add('agent', [{ kind: 'note', label: 'compaction', ...clip(summary) }], about);
    const cancelled = request.isCanceled === true || asObject(request.modelState).value === 2;
    const error = asText(asObject(errorDetails ?? request.responseErrorDetails).message);
    if (cancelled)
      this.main.add('agent', [{ kind: 'note', label: 'interrupted', ...clip(error ?? 'Canceled') }], about);
    else if (error !== undefined) this.main.add('agent', [{ kind: 'note', label: 'error', ...clip(error) }], about);
  }
}

function aboutAnswer(request: Fields): About {
  const result = asObject(request.result);
  const elapsed = asNumber(asObject(result.timings).totalElapsed);
  const asked = asNumber(request.timestamp);
  const ended = asked === undefined || elapsed === undefined ? undefined : asked + elapsed;
  const named = asText(asObject(result.metadata).resolvedModel) ?? asText(request.modelId)?.replace(/^copilot\//, '');
  // The line below an answer: `GPT-5 • 1x`.
  const shown = asText(/^(.{1,80}?) \u2022 /.exec(asText(result.details) ?? '')?.[1]);
  return {
    id: asText(request.responseId),
    at: asObject(request.modelState).completedAt ?? ended ?? asked,
    model: named ?? shown,
    usage: usageOf(asObject(result.usage), asObject(result.metadata)),
  };
}

/** Tokens of the whole request, where they are recorded; what came from a cache is not told apart. */
function usageOf(usage: Fields, metadata: Fields): Usage | undefined {
  const count = (value: unknown) => Math.max(0, Math.round(asNumber(value) ?? 0));
  const input = count(usage.promptTokens ?? metadata.promptTokens);
  const output = count(usage.completionTokens ?? metadata.outputTokens);
  return input + output === 0 ? undefined : { input, output };
}
