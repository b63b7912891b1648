import { instant } from '../core/text.ts';

/** What a person typed, out of what Cursor sent to the model. */
interface Prompt {
  readonly text: string;
  /** From `<timestamp>`, which has minutes and the local zone. */
  readonly at?: string;
}

/** Blocks that Cursor puts around a prompt or sends in messages of their own: rules, files, web results, state of the machine. */
const context = new Set(
  `timestamp rules user_info user_rules git_status project_layout system_reminder external_links attached_files image_files
  open_and_recently_viewed_files additional_data agent_transcripts agent_skills available_skills manually_attached_skills
  cursor_commands mcp_file_system mcp_instructions terminal_files_information always_applied_workspace_rules
  agent_requestable_workspace_rules conversation_summary`.split(/\s+/),
);

const query = ['<user_query>', '</user_query>'] as const;

/** Sent by Cursor in the person's name when a sub-agent has finished. */
const simulated = 'Briefly inform the user about the task result';

/** The prompt in a message of role user; `undefined` when the message only carries context that Cursor injected. */
export function promptIn(message: string): Prompt | undefined {
  const { text, at } = withoutContext(message);
  const typed = typedIn(text).trim();
  if (typed === '' || typed.startsWith(simulated)) return undefined;
  return { text: typed, ...(at === undefined ? {} : { at }) };
}

/** The content of a block such as `<user_info>` in a message. */
export function blockIn(message: string, tag: string): string | undefined {
  const from = message.indexOf(`<${tag}>`);
  const to = message.indexOf(`</${tag}>`, from);
  return from < 0 || to < 0 ? undefined : message.slice(from + tag.length + 2, to);
}

/** Takes the blocks before the prompt away, one after the other. Where the prompt is marked, any block before it is context. */
function withoutContext(message: string): { text: string; at: string | undefined } {
  const marked = message.includes(query[0]);
  const strip = (tag: string) => context.has(tag) || (marked && tag !== 'user_query');
  let text = message.trimStart();
  let at: string | undefined;
  for (let tag = leadingTag(text); tag !== undefined && strip(tag); tag = leadingTag(text)) {
    const close = `</${tag}>`;
    const end = text.indexOf(close);
    if (end < 0) break;
    if (tag === 'timestamp') at ??= timeOf(text.slice('<timestamp>'.length, Math.min(end, 200)));
    text = text.slice(end + close.length).trimStart();
  }
  return { text, at };
}

function leadingTag(text: string): string | undefined {
  return /^<(\w{1,60})(?:\s[^>]{0,500})?>/.exec(text)?.[1];
}

function typedIn(text: string): string {
  const [open, close] = query;
  const from = text.startsWith(open) ? 0 : text.lastIndexOf(open);
  if (from < 0) return text;
  const to = text.lastIndexOf(close);
  return text.slice(from + open.length, to > from ? to : undefined);
}

const clock =
  /([A-Z][a-z]{2})[a-z]* (\d{1,2}), (\d{4}),? (?:at )?(\d{1,2}):(\d{2})(?::\d{2})?\s*([AP]M)?\s*(?:\((?:UTC|GMT)([+-]\d{1,2})?(?::?(\d{2}))?\))?/;

/** `Saturday, Aug 29, 2026, 1:20 PM (UTC+2)` as an instant; `undefined` for what is no such time or names no zone. */
function timeOf(text: string): string | undefined {
  const match = clock.exec(text);
  if (!match || !/UTC|GMT/.test(text)) return undefined;
  const [, month, day, year, hours, minutes, half, zone = '+0', part = '00'] = match;
  const hour = (Number(hours) % (half ? 12 : 24)) + (half === 'PM' ? 12 : 0);
  const pad = (value: number | string | undefined) => String(value).padStart(2, '0');
  const offset = `${zone.charAt(0)}${pad(zone.slice(1))}:${part}`;
  return instant(`${year}-${pad(monthNumber(month))}-${pad(day)}T${pad(hour)}:${minutes}:00${offset}`);
}

function monthNumber(name = ''): number {
  return 'JanFebMarAprMayJunJulAugSepOctNovDec'.indexOf(name) / 3 + 1;
}
