import * as z from 'zod';
import { sessionIdSchema, type ToolResult } from '../core/session.ts';
import { editAbout, renderEdit } from './edit.ts';
import { fence } from './fence.ts';
import { folded, unfolded } from './folded.ts';
import { type Block, malformed, type ReadBlock } from './marker.ts';
import { resultSummary } from './summary.ts';
import { editsAboutSchema, fencesOf, readEdits } from './tool-call.ts';

/** What a tool answered, folded: its text, then a diff for each edit. */
export function toolResultBlock(result: ToolResult): Block {
  const { call, ok, text, elided, session, edits = [] } = result;
  const sections = [...(text === '' ? [] : [fence('text', text)]), ...edits.map(renderEdit)];
  const about = {
    call,
    ok: ok ? undefined : false,
    elided,
    session,
    edits: edits.length > 0 ? edits.map(editAbout) : undefined,
  };
  return { kind: 'tool_result', about, body: folded(resultSummary(result), sections.join('\n')) };
}

const aboutSchema = z.strictObject({
  call: z.string().optional(),
  ok: z.literal(false).optional(),
  elided: z.int().min(0).optional(),
  session: sessionIdSchema.optional(),
  edits: editsAboutSchema,
});

/** The result that `toolResultBlock` wrote. */
export function readToolResult(block: ReadBlock): ToolResult {
  const about = aboutSchema.safeParse(block.about);
  if (!about.success) return malformed(block.line, 'a tool result whose marker says something else');
  const { call, elided, session } = about.data;
  const fences = fencesOf(unfolded(block), block.line);
  const text = fences[0]?.info === 'text' ? (fences.shift()?.text ?? '') : '';
  const edits = readEdits(about.data.edits, fences, block);
  return {
    kind: 'tool_result',
    ...(call === undefined ? {} : { call }),
    ok: about.data.ok ?? true,
    text,
    ...(elided === undefined ? {} : { elided }),
    ...(edits.length > 0 ? { edits } : {}),
    ...(session === undefined ? {} : { session }),
  };
}
