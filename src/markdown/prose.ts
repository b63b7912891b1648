import * as z from 'zod';
import type { Part } from '../core/session.ts';
import { openFence } from './fence.ts';
import { folded, unfolded } from './folded.ts';
import { type Block, malformed, type ReadBlock } from './marker.ts';

type Prose = Extract<Part, { kind: 'text' | 'thinking' | 'note' }>;

const labels = ['command', 'compaction', 'error', 'info', 'interrupted', 'elided'] as const;
const titles: Readonly<Record<(typeof labels)[number], string>> = {
  command: 'Command',
  compaction: 'Summary of the conversation so far',
  error: 'Error',
  info: 'Note',
  interrupted: 'Interrupted',
  elided: 'Left out',
};

/** A text as it is; thinking and summaries folded, other notes under their title. */
export function proseBlock(part: Prose): Block {
  const close = openFence(part.text);
  const about = {
    label: part.kind === 'note' ? part.label : undefined,
    elided: part.elided,
    close: close === '' ? undefined : close,
  };
  const text = `${part.text}\n${close === '' ? '' : `${close}\n`}`;
  return { kind: part.kind, about, body: layOut(part, part.text === '' ? '' : text, text) };
}

function layOut(part: Prose, foldedText: string, text: string): string {
  if (part.kind === 'thinking') return folded('Thought process', foldedText);
  if (part.kind === 'note' && part.label === 'compaction') return folded(titles.compaction, foldedText);
  return part.kind === 'note' ? `_${titles[part.label]}_\n\n${text}` : text;
}

const aboutSchema = z.strictObject({
  label: z.enum(labels).optional(),
  elided: z.int().min(0).optional(),
  close: z.string().optional(),
});

/** The text, thinking or note that `proseBlock` wrote. */
export function readProse(block: ReadBlock, kind: Prose['kind']): Prose {
  const read = aboutSchema.safeParse(block.about);
  if (!read.success) return malformed(block.line, `a ${kind} whose marker says something else`);
  const { label, elided, close } = read.data;
  const isFolded = kind === 'thinking' || label === 'compaction';
  const whole = isFolded ? unfolded(block) : kind === 'note' ? withoutTitle(block) : block.body;
  const ending = close === undefined ? '\n' : `\n${close}\n`;
  if (!(whole === '' && isFolded) && !whole.endsWith(ending)) malformed(block.line, `a ${kind} without its end`);
  const text = { text: whole.slice(0, -ending.length), ...(elided === undefined ? {} : { elided }) };
  if (kind !== 'note') return { kind, ...text };
  return { kind, label: label ?? malformed(block.line, 'a note without a label'), ...text };
}

function withoutTitle({ body, line }: ReadBlock): string {
  const end = body.indexOf('\n\n');
  return end < 0 ? malformed(line, 'a note without a title') : body.slice(end + 2);
}
