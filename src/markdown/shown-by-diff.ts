import type { Edit } from '../core/session.ts';

/**
 * Says that an argument of a tool is text which a diff of the same call shows already: `lines` lines of one side of
 * edit number `edit`, from line `from` on, with a line break after the last one when `end` is 1. The same words for
 * reader and writer, so nothing can be lost: a reference is only made when reading it gives the argument back.
 */
export type Reference = readonly [key: string, edit: number, side: '-' | '+', from: number, lines: number, end: 0 | 1];

/** Edits looked at, and lines of context that may stand before the text. */
const most = { edits: 4, context: 3 };

/** The lines of each side of some edits: context and what starts with the sign of that side. Worked out once. */
type Sides = (edit: number, side: '-' | '+') => readonly string[];

export function sidesOf(edits: readonly Edit[]): Sides {
  const known = new Map<string, readonly string[]>();
  return (edit, side) => {
    const name = `${side}${edit}`;
    const lines = known.get(name) ?? sideLines(edits[edit]?.diff ?? '', side);
    known.set(name, lines);
    return lines;
  };
}

function sideLines(diff: string, side: '-' | '+'): string[] {
  const lines = diff.split('\n').filter((line) => line.startsWith(side) || line.startsWith(' '));
  return lines.map((line) => line.slice(1));
}

/** The text that a reference stands for. */
export function referred(sides: Sides, [, edit, side, from, lines, end]: Reference): string {
  const text = sides(edit, side)
    .slice(from, from + lines)
    .join('\n');
  return end === 1 ? `${text}\n` : text;
}

/** The reference for an argument, when one of the first edits shows all of it. */
export function findReference(key: string, value: string, sides: Sides, edits: number): Reference | undefined {
  const end = value.endsWith('\n') ? 1 : 0;
  const lines = value.split('\n').length - end;
  for (let edit = 0; edit < Math.min(edits, most.edits); edit++) {
    for (const side of ['+', '-'] as const) {
      for (let from = 0; from <= Math.min(most.context, sides(edit, side).length - lines); from++) {
        const reference = [key, edit, side, from, lines, end] as const;
        if (referred(sides, reference) === value) return reference;
      }
    }
  }
  return undefined;
}
