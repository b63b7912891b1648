import * as z from 'zod';
import { type JsonObject, jsonObjectSchema } from '../core/json.ts';
import { type Edit, editSchema, type ToolCall, toolTypes } from '../core/session.ts';
import { editAbout, readDiff, renderEdit } from './edit.ts';
import { type Fence, fence, nextFence } from './fence.ts';
import { folded, unfolded } from './folded.ts';
import { type Block, malformed, type ReadBlock } from './marker.ts';
import { findReference, type Reference, referred, sidesOf } from './shown-by-diff.ts';
import { callSummary } from './summary.ts';
import { taskList } from './task-list.ts';

/**
 * Arguments that are shown as they are, each in a fence of its own, instead of inside JSON, which can hold what a file
 * cannot.
 */
function isShown(key: string, value: string): boolean {
  const asks = key === 'command' || key === 'cmd' || value.length > 300 || value.includes('\n');
  return asks && value.isWellFormed() && !value.includes('\0');
}

/** An argument as long as this is looked for in the diffs of its call. */
const worthReference = 24;

interface Split {
  readonly shown: readonly (readonly [string, string])[];
  readonly same: readonly Reference[];
  readonly rest: JsonObject;
}

/** Each argument has one place: a diff that shows it, a fence, or the JSON of the rest. */
function splitInput(input: JsonObject, edits: readonly Edit[]): Split {
  const shown: [string, string][] = [];
  const same: Reference[] = [];
  const rest: [string, JsonObject[string]][] = [];
  const sides = sidesOf(edits);
  for (const [key, value] of Object.entries(input)) {
    const text = typeof value === 'string' ? value : '';
    const reference = text.length >= worthReference ? findReference(key, text, sides, edits.length) : undefined;
    if (reference) same.push(reference);
    else if (typeof value === 'string' && isShown(key, value)) shown.push([key, value]);
    else rest.push([key, value]);
  }
  return { shown, same, rest: Object.fromEntries(rest) };
}

/** A tool call, folded: its arguments and then a diff for each edit. */
export function toolCallBlock(call: ToolCall): Block {
  const { id, name, type, input, edits = [] } = call;
  const { shown, same, rest } = splitInput(input, edits);
  const tasks = taskList(input);
  const sections = [
    ...(tasks ? [tasks] : []),
    ...shown.map(([key, value]) => argument(key, value)),
    ...(tasks || Object.keys(rest).length === 0 ? [] : [fence('json', JSON.stringify(rest))]),
    ...edits.map(renderEdit),
  ];
  const about = {
    id,
    name,
    type,
    shown: shown.length > 0 ? shown.map(([key]) => key) : undefined,
    same: same.length > 0 ? same : undefined,
    input: tasks ? rest : undefined,
    edits: edits.length > 0 ? edits.map(editAbout) : undefined,
  };
  return { kind: 'tool_call', about, body: folded(callSummary(call), sections.join('\n')) };
}

/** One argument in its own fence, under its name. */
function argument(key: string, value: string): string {
  if (key === 'command' || key === 'cmd') return fence('bash', value);
  const label = /^\w{1,40}$/.test(key) ? `${key}:\n\n` : '';
  return label + fence(/patch|diff/i.test(key) ? 'diff' : 'text', value);
}

const editAboutSchema = editSchema.omit({ diff: true });

export const editsAboutSchema = z.array(editAboutSchema).default([]);

const aboutSchema = z.strictObject({
  id: z.string().optional(),
  name: z.string(),
  type: z.enum(toolTypes),
  shown: z.array(z.string()).default([]),
  same: z
    .array(z.tuple([z.string(), z.int().min(0), z.enum(['-', '+']), z.int().min(0), z.int().min(1), z.literal([0, 1])]))
    .default([]),
  input: jsonObjectSchema.optional(),
  edits: editsAboutSchema,
});

/** The call that `toolCallBlock` wrote. */
export function readToolCall(block: ReadBlock): ToolCall {
  const about = aboutSchema.safeParse(block.about);
  if (!about.success) return malformed(block.line, 'a tool call without name, type or arguments');
  const { id, name, type, shown, same, input } = about.data;
  const fences = fencesOf(unfolded(block), block.line);
  const values = shown.map((key): [string, string] => [key, (fences.shift() ?? missing(block)).text]);
  const rest = input ?? (fences[0]?.info === 'json' ? restOf(fences.shift(), block) : {});
  const edits = readEdits(about.data.edits, fences, block);
  const sides = sidesOf(edits);
  const references = same.map((reference): [string, string] => [reference[0], referred(sides, reference)]);
  return {
    kind: 'tool_call',
    ...(id === undefined ? {} : { id }),
    name,
    type,
    input: Object.fromEntries([...values, ...references, ...Object.entries(rest)]),
    ...(edits.length > 0 ? { edits } : {}),
  };
}

/** Every fence of a folded text. What stands between them is for people. */
export function fencesOf(text: string, line: number): Fence[] {
  const fences: Fence[] = [];
  for (let at = 0; ; ) {
    const next = nextFence(text, at);
    if (!next) return /^```/m.test(text.slice(at)) ? malformed(line, 'a fence without an end') : fences;
    fences.push(next);
    at = next.end;
  }
}

/** The edits of a call or a result from what its marker says and its last fences, which are used up. */
export function readEdits(
  abouts: z.infer<typeof editsAboutSchema>,
  fences: readonly Fence[],
  block: ReadBlock,
): Edit[] {
  if (fences.length !== abouts.length) malformed(block.line, 'more or fewer fences than the marker names');
  return abouts.map((about, index) => {
    const found = fences[index];
    return { ...about, diff: (found && readDiff(found)) ?? missing(block) };
  });
}

function restOf(found: Fence | undefined, block: ReadBlock): JsonObject {
  try {
    return jsonObjectSchema.parse(JSON.parse(found?.text ?? ''));
  } catch {
    return malformed(block.line, 'arguments that are not a JSON object');
  }
}

function missing({ line }: ReadBlock): never {
  return malformed(line, 'a fence that the marker names is not there');
}
