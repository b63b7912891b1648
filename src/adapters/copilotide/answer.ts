import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import { type Edit, editSchema, type Part, type ToolCall } from '../../core/session.ts';
import { storable } from '../../core/text.ts';
import { clip, toolInput } from '../content.ts';
import { toolType } from '../tool-types.ts';
import { editOfGroup, editsOfCall, fileEdits, type PathForm, proposedEdits, targetOf } from './edits.ts';
import { type Step, stepsOf } from './response-steps.ts';
import { outcomeOf, placeOf, refused } from './tool-result.ts';
import { align, type Call, ownId, type Round, roundsOf } from './tool-views.ts';

type Fields = { readonly [key: string]: unknown };

/** One piece of an answer: a part, or the result of the call before it. */
export type Piece =
  | Part
  | { readonly kind: 'result'; readonly call: string; readonly ok: boolean; readonly text: string };

/** What a sub-agent did. */
export interface SubAgent {
  /** The invocation that started it, as the window names it. */
  readonly id: string;
  /** The call of that invocation, as the model names it. */
  readonly call: string;
  readonly title: string | undefined;
  readonly prompt: string;
  readonly pieces: Piece[];
}

/** The answer to one request. */
export interface Answer {
  readonly pieces: readonly Piece[];
  readonly subAgents: readonly SubAgent[];
  readonly unknown: readonly string[];
}

/** Joins what the window shows (the response) with what the model did (the rounds in the result's metadata). */
export function answerOf(request: Fields, form: PathForm): Answer {
  const steps = stepsOf(request.response);
  const metadata = asObject(asObject(request.result).metadata);
  const answer = new AnswerInTheMaking(steps, roundsOf(metadata), asObject(metadata.toolCallResults), form);
  for (const step of steps) answer.take(step);
  return answer.finish(asArray(request.$edits).flatMap((edit) => editSchema.safeParse(edit).data ?? []));
}

class AnswerInTheMaking {
  private readonly pieces: Piece[] = [];
  private readonly subAgents: SubAgent[] = [];
  private readonly unknown: string[] = [];
  private readonly shown: Map<Fields, Call>;
  private readonly shownCalls: Set<Call>;
  private readonly waiting: { round: Round; calls: Call[]; led: boolean }[];
  private readonly told: Set<string>;
  /** Calls whose edits come from text edit groups and may go on in the next one. */
  private readonly grouped = new Set<ToolCall>();
  private readonly results: Fields;
  private readonly form: PathForm;

  constructor(steps: readonly Step[], rounds: readonly Round[], results: Fields, form: PathForm) {
    const invocations = steps.flatMap((step) => (step.kind === 'invocation' && !isInner(step.part) ? [step.part] : []));
    const calls = rounds.flatMap((round) => round.calls);
    this.shown = align(
      invocations.filter((part) => !isHelper(part)),
      calls,
    );
    this.shownCalls = new Set(this.shown.values());
    this.waiting = rounds.map((round) => ({ round, calls: [...round.calls], led: false }));
    this.told = new Set(steps.map((step) => step.kind));
    this.results = results;
    this.form = form;
  }

  take(step: Step): void {
    if (step.kind === 'unknown') this.unknown.push(step.type);
    else if (step.kind === 'notice') this.pieces.push({ kind: 'note', label: 'info', ...clip(step.text) });
    else if (step.kind === 'group') this.group(step.part);
    else if (step.kind === 'files') this.files(step.part);
    else if (step.kind === 'invocation') this.invocation(step.part);
    else this.pieces.push({ kind: step.kind, ...clip(step.text) });
  }

  /** `proven` are edits that VS Code itself kept, with paths as it names them. */
  finish(proven: readonly Edit[]): Answer {
    this.emitUntil(undefined);
    for (const edit of proven) this.prove({ ...edit, path: this.form(edit.path) });
    for (const piece of this.pieces) if (piece.kind === 'tool_call' && !piece.edits) this.propose(piece);
    const subAgents = this.subAgents.filter(({ pieces }) => pieces.length > 0);
    return { pieces: this.pieces, subAgents, unknown: this.unknown };
  }

  private invocation(part: Fields): void {
    const call = this.shown.get(part);
    if (isInner(part)) this.subAgent(asText(part.subAgentInvocationId) ?? '').push(...this.callPieces(part, undefined));
    else if (call !== undefined || !isHelper(part)) {
      if (this.waiting.some(({ calls }) => calls.some((next) => next === call))) this.emitUntil(call);
      const pieces = this.callPieces(part, call);
      this.pieces.push(...pieces);
      this.startSubAgent(part, pieces);
    }
  }

  /** Calls that are not shown stand before the next one that is, or at the end; so does what only a round says. */
  private emitUntil(call: Call | undefined): void {
    for (const entry of this.waiting) {
      if (!entry.led) this.lead(entry.round);
      entry.led = true;
      for (let next = entry.calls.shift(); next !== undefined; next = entry.calls.shift()) {
        if (next === call) return;
        if (!this.shownCalls.has(next)) this.pieces.push(...this.callPieces({}, next));
      }
    }
  }

  private lead({ thinking, text }: Round): void {
    if (thinking !== undefined && !this.told.has('thinking')) this.pieces.push({ kind: 'thinking', ...clip(thinking) });
    if (text !== undefined && !this.told.has('text')) this.pieces.push({ kind: 'text', ...clip(text) });
  }

  private callPieces(part: Fields, call: Call | undefined): Piece[] {
    const name = storable(call?.name ?? asText(part.toolId) ?? 'unknown');
    const id = storable((call && ownId(call)) || asText(part.toolCallId) || '');
    const input = toolInput(call?.input ?? shownInput(asObject(part.toolSpecificData)));
    const outcome = outcomeOf(part, call && Object.hasOwn(this.results, call.id) ? this.results[call.id] : undefined);
    const edits = refused(part)
      ? proposedEdits(name, input, this.form).map((edit) => ({ ...edit, rejected: true as const }))
      : editsOfCall(name, input, this.form);
    const about = { name, type: toolType(name), input, ...(edits.length > 0 ? { edits } : {}) };
    const pieces: Piece[] = [{ kind: 'tool_call', ...(id === '' ? {} : { id }), ...about }];
    if (outcome) pieces.push({ kind: 'result', call: id, ...outcome });
    return pieces;
  }

  /** Gives the edit to the call that made it. Where a call's arguments say what was edited, they say it better. */
  private group(part: Fields): void {
    const address = placeOf(part.uri);
    const path = this.form(address);
    const edit = address === '' ? undefined : editOfGroup(part, path);
    if (edit === undefined) return;
    const calls = this.pieces.filter((piece) => piece.kind === 'tool_call' && piece.type === 'write');
    const own = calls.findLast((call): call is ToolCall => call.kind === 'tool_call' && this.takes(call, path));
    if (own) {
      own.edits = [...(own.edits ?? []), edit];
      this.grouped.add(own);
    } else if (!calls.some((call) => call.kind === 'tool_call' && call.edits?.some((known) => known.path === path))) {
      this.grouped.add(this.edited(asText(part.kind) ?? 'textEditGroup', edit));
    }
  }

  /** Files that were made, moved or deleted. Where a call's arguments say so, they say it better. */
  private files(part: Fields): void {
    for (const edit of fileEdits(part, this.form)) {
      const known = this.pieces.some((piece) => piece.kind === 'tool_call' && touches(piece, edit));
      if (!known) this.edited('workspaceEdit', edit);
    }
  }

  /** A call that stands for an edit without one. */
  private edited(name: string, edit: Edit): ToolCall {
    const call: ToolCall = { kind: 'tool_call', name, type: 'write', input: { path: edit.path }, edits: [edit] };
    this.pieces.push(call);
    return call;
  }

  /** The file before and after is better evidence than a group, which only has what was put in. */
  private prove(edit: Edit): void {
    const told = this.pieces.filter((piece): piece is ToolCall => piece.kind === 'tool_call' && isIn(piece, edit.path));
    const [first, ...others] = told.filter((call) => this.grouped.has(call));
    if (told.length === 0) this.edited('chatEditingSession', edit);
    if (first === undefined || told.length > others.length + 1) return;
    for (const call of others) withoutEdits(call, edit.path);
    withoutEdits(first, edit.path);
    first.edits = [...(first.edits ?? []), edit];
  }

  private takes(call: ToolCall, path: string): boolean {
    const target = targetOf(call.input);
    if (target !== undefined && this.form(target) !== path) return false;
    return call.edits === undefined || this.grouped.has(call);
  }

  /** What a call was to do, where nothing tells what came of it. */
  private propose(call: ToolCall): void {
    const edits = proposedEdits(call.name, call.input, this.form);
    const told = this.pieces.some(
      (piece) => piece.kind === 'tool_call' && edits.some((edit) => isIn(piece, edit.path)),
    );
    if (edits.length > 0 && !told) call.edits = edits;
  }

  private startSubAgent(part: Fields, pieces: readonly Piece[]): void {
    const data = asObject(part.toolSpecificData);
    if (data.kind !== 'subagent') return;
    const [call] = pieces;
    if (call?.kind !== 'tool_call') return;
    const id = asText(part.toolCallId) ?? '';
    const prompt = asText(data.prompt) ?? asText(call.input.prompt) ?? '';
    this.subAgents.push({ id, call: call.id ?? id, title: asText(data.description), prompt, pieces: [] });
  }

  /** The pieces of a sub-agent; one that was never seen to start belongs to the last that was. */
  private subAgent(name: string): Piece[] {
    const known = this.subAgents.find(({ id, call }) => id === name || call === name) ?? this.subAgents.at(-1);
    if (known) return known.pieces;
    const pieces: Piece[] = [];
    this.subAgents.push({ id: name, call: name, title: undefined, prompt: '', pieces });
    return pieces;
  }
}

function touches({ edits = [] }: ToolCall, edit: Edit): boolean {
  return edits.some(({ path, change }) => path === edit.path && change === edit.change);
}

function isIn({ edits = [] }: ToolCall, file: string): boolean {
  return edits.some(({ path }) => path === file);
}

function withoutEdits(call: ToolCall, path: string): void {
  const kept = (call.edits ?? []).filter((edit) => edit.path !== path);
  if (kept.length > 0) call.edits = kept;
  else delete call.edits;
}

/** Something a sub-agent did, and not the invocation that started it. */
function isInner({ subAgentInvocationId, toolCallId, toolSpecificData }: Fields): boolean {
  if (asText(subAgentInvocationId) === undefined || subAgentInvocationId === toolCallId) return false;
  return asObject(toolSpecificData).kind !== 'subagent';
}

/** The second invocation behind every `insert_edit_into_file`. */
function isHelper({ toolId }: Fields): boolean {
  return toolId === 'vscode_editFile_internal';
}

/** What the window knows of the arguments, for calls without a round. */
function shownInput(data: Fields): unknown {
  const { kind, commandLine, rawInput, description, prompt, agentName, todoList } = data;
  if (kind === 'terminal') {
    const { userEdited, toolEdited, edited, original } = asObject(commandLine);
    return {
      command: asText(userEdited) ?? asText(toolEdited) ?? asText(edited) ?? asText(original) ?? asText(data.command),
    };
  }
  if (kind === 'input') return rawInput;
  if (kind === 'subagent') return { agentName, description, prompt };
  return kind === 'todoList' && asArray(todoList).every(isObject) ? { todoList } : undefined;
}
