import { asText, type Json } from '../core/json.ts';
import type { Turn } from '../core/turns.ts';
import { renderEdit } from './edit.ts';
import { escapeHtml, visibleLine } from './escape.ts';
import { fence } from './fence.ts';
import { mainArgument } from './summary.ts';
import { taskList } from './task-list.ts';

/** A tool and what came of it, as SpecStory Markdown v2.1 shows them. */
export function specstoryTool(turn: Turn): string {
  const { call, results } = turn;
  const name = visibleLine(call?.name ?? 'unknown', 60);
  const about = call && call.type !== 'shell' ? mainArgument(call.input) : undefined;
  const title = `Tool use: **${escapeHtml(name)}**${about === undefined ? '' : ` ${inlineCode(about)}`}`;
  const attributes = `data-tool-type="${call?.type ?? 'unknown'}" data-tool-name="${escapeHtml(name)}"`;
  const body = [...inputs(turn), ...results.map((result) => resultOf(result.text, result.ok))].join('\n');
  const head = `<tool-use ${attributes}><details>\n<summary>${title}</summary>\n`;
  return `${head}${body === '' ? '' : `\n${body}`}</details></tool-use>\n`;
}

function inputs({ call, results }: Turn): string[] {
  if (!call) return [];
  const edits = [...(call.edits ?? []), ...results.flatMap((result) => result.edits ?? [])];
  if (edits.length > 0) return edits.map(renderEdit);
  const command = asText(call.input.command) ?? asText(call.input.cmd);
  if (call.type === 'shell' && command !== undefined) {
    const words = asText(call.input.description);
    return [...(words === undefined ? [] : [`${visibleLine(words, 300)}\n`]), fenced('bash', command)];
  }
  const tasks = taskList(call.input);
  return tasks === undefined ? argumentList(call.input) : [`**Agent task list:**\n\n${tasks}`];
}

function argumentList(input: { readonly [key: string]: Json }): string[] {
  const keys = Object.keys(input).filter((key) => !key.startsWith('_'));
  if (keys.length === 0) return [];
  const lines = keys.sort().map((key) => {
    const text = argumentText(input[key] ?? null);
    return `- ${visibleLine(key)}: ${text.includes('\n') ? `\n\n${fenced('md', text)}` : `${inlineCode(text)}\n`}`;
  });
  return [`**Input:**\n\n${lines.join('')}`];
}

function argumentText(value: Json): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function resultOf(text: string, ok: boolean): string {
  const title = ok ? '' : '**Error:**\n\n';
  return text === '' ? title : `${title}${fenced('text', text)}`;
}

/** A fence of three backticks may leak for readers of this form, so one around what looks like structure is longer. */
function fenced(info: string, text: string): string {
  const block = fence(info, text);
  const risky =
    block.startsWith('```') && !block.startsWith('````') && /<\/?(?:tool-use|details|think)|^_\*\*/m.test(text);
  return risky ? `\`${block.slice(0, -1)}\`\n` : block;
}

function inlineCode(text: string): string {
  const line = visibleLine(text, 2000) || ' ';
  const ticks = '`'.repeat(Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length)) + 1);
  const pad = line.startsWith('`') || line.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${line}${pad}${ticks}`;
}
