import type { Edit, Exchange, Part, ToolCall } from '../core/session.ts';
import type { Field } from './query.ts';
import { relativeTo } from './relative-path.ts';

/** Characters of one field, and of one piece of it. What is longer keeps its beginning; output keeps its end as well, where errors stand. */
const longest = { field: 32_768, piece: 8192, output: 4096, argument: 1024 } as const;

/** A line of a tool's text that is a command that was run. */
export const commandMark = '$ ';
/** A line of the diffs that names the file of the hunks below it. No line of a hunk begins so. */
export const fileMark = 'diff ';

/** The texts of an exchange by field. */
export function textsOf(exchange: Exchange, title: string, cwd?: string): Record<Field, string> {
  const texts = new Texts();
  const relative = relativeTo(exchange.cwd ?? cwd);
  texts.add('title', title);
  for (const { role, parts } of exchange.messages) {
    for (const part of parts) addPart(texts, part, role === 'user' ? 'prompt' : 'answer', relative);
  }
  return texts.joined();
}

class Texts {
  private readonly pieces: Record<Field, string[]> = {
    prompt: [],
    answer: [],
    thinking: [],
    tool: [],
    output: [],
    diff: [],
    title: [],
  };
  private readonly sizes = new Map<Field, number>();

  add(field: Field, text: string): void {
    const size = this.sizes.get(field) ?? 0;
    const room = longest.field - size;
    if (text === '' || room <= 0) return;
    const piece = text.slice(0, Math.min(room, longest.piece)).toWellFormed();
    this.sizes.set(field, size + piece.length + 1);
    this.pieces[field].push(piece);
  }

  joined(): Record<Field, string> {
    const { prompt, answer, thinking, tool, output, diff, title } = this.pieces;
    const join = (pieces: readonly string[]): string => pieces.join('\n');
    return {
      prompt: join(prompt),
      answer: join(answer),
      thinking: join(thinking),
      tool: join(tool),
      output: join(output),
      diff: join(diff),
      title: join(title),
    };
  }
}

function addPart(texts: Texts, part: Part, said: 'prompt' | 'answer', relative: (path: string) => string): void {
  if (part.kind === 'text' || part.kind === 'note') texts.add(said, part.text);
  else if (part.kind === 'thinking') texts.add('thinking', part.text);
  else if (part.kind === 'attachment') texts.add(said, part.name ?? '');
  else if (part.kind === 'tool_call') texts.add('tool', callText(part));
  else texts.add('output', ends(part.text));
  if (part.kind === 'tool_call' || part.kind === 'tool_result')
    for (const edit of part.edits ?? []) texts.add('diff', editText(edit, relative));
}

/** The arguments that say what a call was about; what it wrote stands in its diff. */
const telling = ['file_path', 'path', 'pattern', 'query', 'url', 'description', 'prompt', 'glob', 'question'];

function callText(call: ToolCall): string {
  const command = commandOf(call);
  if (command !== undefined)
    return `${commandMark}${command.slice(0, longest.piece).replaceAll('\n', `\n${commandMark}`)}`;
  const words = telling.flatMap((name) => {
    const value = Object.hasOwn(call.input, name) ? call.input[name] : undefined;
    return typeof value === 'string' ? [value.slice(0, longest.argument)] : [];
  });
  return [call.name, ...words].join(' ');
}

/** The command line that a call runs, when it runs one. */
export function commandOf({ type, input }: ToolCall): string | undefined {
  if (type !== 'shell') return undefined;
  const value = ['command', 'cmd', 'script', 'input'].map((name) =>
    Object.hasOwn(input, name) ? input[name] : undefined,
  );
  const [found] = value.filter((one) => typeof one === 'string' || Array.isArray(one));
  const text = Array.isArray(found) ? found.filter((one) => typeof one === 'string').join(' ') : found;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

function editText({ path, to, diff }: Edit, relative: (path: string) => string): string {
  return `${fileMark}${relative(to ?? path).replace(/[\n\r]/g, ' ')}\n${diff}`;
}

function ends(text: string): string {
  if (text.length <= longest.output) return text;
  const half = longest.output / 2;
  return `${text.slice(0, half)}\n…\n${text.slice(-half)}`;
}
