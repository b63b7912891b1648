import type { Exchange, Message, Part, ToolCall, ToolResult } from './session.ts';

/** One text of a turn. */
interface Said {
  readonly type: 'text' | 'thinking';
  readonly text: string;
}

/** A message as SpecStory's forms have it: some text, then at most one tool with what came of it. */
export interface Turn {
  readonly role: Message['role'];
  readonly message: Message;
  /** 0 for the first turn made of a message. */
  readonly index: number;
  readonly said: readonly Said[];
  readonly call?: ToolCall;
  readonly results: readonly ToolResult[];
}

interface OpenTurn extends Turn {
  readonly said: Said[];
  readonly results: ToolResult[];
}

/**
 * The turns of an exchange. Results stand with their call; one whose call is not there is a turn of its own. What an
 * attachment or a note says becomes text. Messages that say nothing leave no turn.
 */
export function turnsOf(exchange: Exchange): Turn[] {
  const calls = new Map<string, OpenTurn>();
  return exchange.messages.flatMap((message) => messageTurns(message, calls));
}

function messageTurns(message: Message, calls: Map<string, OpenTurn>): Turn[] {
  const turns: OpenTurn[] = [];
  let last: OpenTurn | undefined;
  const open = (about: { call?: ToolCall } = {}, role = message.role): OpenTurn => {
    last = { role, message, index: turns.length, said: [], results: [], ...about };
    turns.push(last);
    return last;
  };
  for (const part of message.parts) {
    const said = saidBy(part);
    if (said) (last && last.call === undefined && last.results.length === 0 ? last : open()).said.push(said);
    else if (part.kind === 'tool_call') {
      const turn = open({ call: part }, 'agent');
      if (part.id !== undefined) calls.set(part.id, turn);
    } else if (part.kind === 'tool_result') {
      const before = part.call === undefined ? last : calls.get(part.call);
      (before?.call ? before : open({}, 'agent')).results.push(part);
    }
  }
  return turns;
}

function saidBy(part: Part): Said | undefined {
  if (part.kind === 'attachment') return { type: 'text', text: `[Attachment: ${part.name || part.mime || 'file'}]` };
  if (part.kind !== 'text' && part.kind !== 'thinking' && part.kind !== 'note') return undefined;
  return part.text === '' ? undefined : { type: part.kind === 'thinking' ? 'thinking' : 'text', text: part.text };
}

/** Files a turn touched or read, as far as its edits and arguments say. */
export function pathsOf({ call, results }: Turn): string[] {
  const edits = [...(call?.edits ?? []), ...results.flatMap((result) => result.edits ?? [])];
  const named = ['file_path', 'filePath', 'path', 'notebook_path', 'absolute_path', 'target_file'].map((key) =>
    call && (call.type === 'read' || call.type === 'write') && Object.hasOwn(call.input, key) ? call.input[key] : '',
  );
  const paths = [...edits.flatMap(({ path, to }) => (to === undefined ? [path] : [path, to])), ...named];
  return [...new Set(paths.filter((path): path is string => typeof path === 'string' && path !== ''))];
}
