import { asArray, asText, type JsonObject } from '../core/json.ts';
import type { ToolCall, ToolResult } from '../core/session.ts';
import { countChanges } from './edit.ts';
import { escapeHtml, visibleLine } from './escape.ts';
import { countLines } from './marker.ts';

/** Arguments that say best what a call is about, the best first. */
const telling =
  `command cmd script file_path filePath path target_file targetFile relative_workspace_path notebook_path absolute_path
  dir_path directory pattern query glob url uri skill subject title description prompt question`.split(/\s+/);

/** The tool and its main argument, as one line of HTML. */
export function callSummary({ name, input, edits = [] }: ToolCall): string {
  const [first] = edits;
  const about = first ? `${first.path}${edits.length > 1 ? ` and ${edits.length - 1} more` : ''}` : mainArgument(input);
  const { added, removed } = countChanges(edits);
  const tool = escapeHtml(visibleLine(name, 60));
  return `${tool}${about === undefined ? '' : `: ${code(about)}`}${first ? ` (+${added} −${removed})` : ''}`;
}

/** What came of a call, as one line of HTML. */
export function resultSummary({ ok, text, edits = [] }: ToolResult): string {
  const title = ok ? 'Result' : 'Failed';
  const lines = text === '' ? 0 : countLines(text.replace(/\n$/, '')) + 1;
  const { added, removed } = countChanges(edits);
  const changes = edits.length > 0 ? ` (+${added} −${removed})` : '';
  if (lines === 0) return `${title}${changes || ': empty'}`;
  return `${title}: ${lines > 1 && ok ? `${lines} lines` : code(text.trimStart().split('\n', 1)[0] ?? '')}${changes}`;
}

/** The argument a reader wants to see first. */
export function mainArgument(input: JsonObject): string | undefined {
  for (const key of telling) {
    const value = Object.hasOwn(input, key) ? input[key] : undefined;
    const words = asArray(value).filter((item) => typeof item === 'string');
    const text = asText(value) ?? asText(words.join(' '));
    if (text !== undefined) return text;
  }
  return undefined;
}

function code(text: string): string {
  const line = escapeHtml(visibleLine(text));
  return line === '' ? '…' : `<code>${line}</code>`;
}
