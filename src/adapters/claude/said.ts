import { asArray, asObject, asText } from '../../core/json.ts';
import type { Part } from '../../core/session.ts';
import { printable } from '../../core/text.ts';
import { attachment } from '../attachment.ts';
import { clip } from '../content.ts';
import type { Fields } from './fields.ts';

/** What a record in the name of the user says: a prompt, something a person did beside it, or something the program put in. */
export type Said =
  | { readonly kind: 'prompt'; readonly text: string; readonly parts: readonly Part[] }
  | { readonly kind: 'command'; readonly text: string; readonly shell: boolean }
  | { readonly kind: 'output'; readonly text: string }
  | { readonly kind: 'note'; readonly label: 'compaction' | 'interrupted' | 'info'; readonly text: string };

/** Reads a user record apart from its tool results. `undefined` when it holds nothing that a person or the reader needs. */
export function saidIn(record: Fields): Said | undefined {
  const content = asObject(record.message).content;
  const blocks = typeof content === 'string' ? [{ type: 'text', text: content }] : asArray(content).map(asObject);
  const texts = blocks.map((block) => (block.type === 'text' ? promptText(asText(block.text) ?? '') : ''));
  const said = texts.filter((piece) => piece !== '');
  const typed = said.filter((piece) => !piece.startsWith(interruption));
  const text = (typed.length > 0 ? typed : said).join('\n');
  if (record.isCompactSummary === true || text.startsWith('This session is being continued from a previous conv'))
    return note('compaction', text);
  if (record.isMeta === true || asText(record.sourceToolUseID) !== undefined) return undefined;
  if (marked.test(text)) return saidByMark(text);
  if (!fromPerson(asObject(record.origin))) return note('info', text);
  const files = blocks.filter(({ type }) => type === 'image' || type === 'document').map(attachmentOf);
  const parts: Part[] = text === '' ? files : [{ kind: 'text', ...clip(text) }, ...files];
  return parts.length === 0 ? undefined : { kind: 'prompt', text, parts };
}

/** An image or document block. */
export function attachmentOf(block: Fields): Part {
  const { media_type, data } = asObject(block.source);
  return attachment({ name: asText(block.title), mime: asText(media_type), content: asText(data) });
}

/** The program says this in the user's name; a prompt may follow in the same record. */
const interruption = '[Request interrupted by user';

/** What begins a text that is not a prompt though it stands where one would. */
const marked = new RegExp(
  [
    '^<(?:command-name|command-message|bash-input|user-memory-input)>',
    '^<(?:local-command-(?:stdout|stderr|caveat)|bash-(?:stdout|stderr)|(?:task|agent)-notification)>',
    '^Caveat: The messages below',
    '^\\[Request interrupted by user',
  ].join('|'),
);

function saidByMark(text: string): Said | undefined {
  if (text.startsWith('<command-')) return slashCommand(text);
  if (text.startsWith('<bash-input>')) return command(`!${inner(text, 'bash-input')}`, true);
  if (text.startsWith('<user-memory-input>')) return command(`# ${inner(text, 'user-memory-input')}`, false);
  if (text.startsWith(interruption)) return note('interrupted', text);
  if (/^<(?:task|agent)-notification>/.test(text)) return note('info', text);
  if (text.startsWith('<local-command-caveat>') || text.startsWith('Caveat:')) return undefined;
  const streams = ['local-command-stdout', 'local-command-stderr', 'bash-stdout', 'bash-stderr'];
  const output = streams.map((name) => inner(text, name)).filter(Boolean);
  return { kind: 'output', text: printable(output.join('\n')).trim() };
}

function slashCommand(text: string): Said {
  const name = inner(text, 'command-name') || inner(text, 'command-message');
  return command(`${name.startsWith('/') ? '' : '/'}${name} ${inner(text, 'command-args')}`.trim(), false);
}

function command(text: string, shell: boolean): Said {
  return { kind: 'command', text, shell };
}

function note(label: 'compaction' | 'interrupted' | 'info', text: string): Said | undefined {
  return text === '' ? undefined : { kind: 'note', label, text };
}

/** Messages of other agents and of background tasks come in the user's name too. */
function fromPerson(origin: Fields): boolean {
  const kind = asText(origin.kind) ?? 'human';
  return !/notification|coordinator|teammate|peer|system|hook/.test(kind) && asText(origin.senderTaskId) === undefined;
}

/** The text of an element, or `''`. */
function inner(text: string, name: string): string {
  const start = text.indexOf(`<${name}>`);
  const end = start < 0 ? -1 : text.indexOf(`</${name}>`, start);
  return end < 0 ? '' : text.slice(start + name.length + 2, end).trim();
}

const injected = ['system-reminder', 'ide_opened_file', 'ide_selection', 'ide_diagnostics'];

/** A text without the elements that the program puts in for the model. They begin a line; others are somebody's own words. */
export function withoutInjected(text: string): string {
  return text.includes('<system-reminder>') || text.includes('<ide_') ? injected.reduce(withoutElement, text) : text;
}

/** What a person typed, as typed but for blank lines where something was taken out. */
function promptText(text: string): string {
  const typed = withoutInjected(text);
  const trimmed = typed.trim();
  return trimmed === '' || typed !== text ? trimmed : text;
}

/** One pass over the text, whatever it holds. */
function withoutElement(text: string, name: string): string {
  const [open, close] = [`<${name}>`, `</${name}>`];
  let kept = '';
  let from = 0;
  for (let at = text.indexOf(open); at >= 0; at = text.indexOf(open, Math.max(from, at + 1))) {
    if (at > 0 && text[at - 1] !== '\n') continue;
    const end = text.indexOf(close, at);
    if (end < 0) return at === 0 ? '' : kept + text.slice(from);
    kept += text.slice(from, at);
    from = end + close.length;
  }
  return kept + text.slice(from);
}

/** Reads a prompt that was typed while the agent worked, from the attachment by which the agent got it. */
export function queuedIn(attached: Fields): Said | undefined {
  const { prompt, commandMode, origin, isMeta } = attached;
  const said = saidIn({ message: { content: prompt }, origin, isMeta });
  if (said?.kind !== 'prompt') return said;
  if (commandMode === 'bash') return command(`!${said.text}`, true);
  return commandMode === 'task-notification' ? note('info', said.text) : said;
}
