import { asArray, asObject, asText, type JsonObject } from '../core/json.ts';
import { escapeMarkdown, visibleLine } from './escape.ts';

/** The to-do list in a tool's arguments as a Markdown task list, or `undefined` when there is none. */
export function taskList(input: JsonObject): string | undefined {
  const items = asArray(input.todos ?? input.todoList ?? input.plan).map((item) => asObject(item));
  const tasks = items.map((item) => ({
    text: asText(item.content) ?? asText(item.step) ?? asText(item.title) ?? asText(item.description),
    status: asText(item.status) ?? '',
  }));
  if (tasks.length === 0 || tasks.length > 200 || tasks.some(({ text }) => text === undefined)) return undefined;
  const lines = tasks.map(({ text = '', status }) => `- [${done(status) ? 'x' : ' '}] ${label(text, status)}\n`);
  return lines.join('');
}

function label(text: string, status: string): string {
  const line = escapeMarkdown(visibleLine(text, 200));
  return /^in[_-]?progress$/i.test(status) ? `**${line}**` : line;
}

function done(status: string): boolean {
  return /^(?:completed|done|finished)$/i.test(status);
}
