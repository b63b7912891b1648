import * as z from 'zod';
import { type Excerpt, readExcerpt } from '../../client/history/excerpt.ts';
import { counted } from '../../core/text.ts';
import type { Tool } from './tool.ts';

const input = z.strictObject({
  session: z.string().min(1).max(4096).describe('the id of the session, or the beginning of it'),
  exchanges: z
    .union([z.int().min(1), z.string().min(1).max(40)])
    .transform(String)
    .optional()
    .describe('which: a number (3), a range (3-7, 3-), or the beginning of an exchange id; all unless given'),
  from_character: z
    .int()
    .min(0)
    .default(0)
    .describe('where to begin in the first of these exchanges; for going on in a long one'),
  max_characters: z.int().min(200).max(200_000).default(20_000).describe('at most so much text'),
});

export const getSessionTool: Tool<typeof input> = {
  name: 'get_session',
  title: 'Read a past session',
  description:
    'A past conversation with a coding agent as Markdown: prompts, answers, thinking, tool calls, their results and diffs, one heading with a ' +
    'number per exchange. What does not fit is left out, and the answer says how to ask for it. Secrets were taken out.',
  input,
  answer: async (context, { session, exchanges, from_character: from, max_characters: limit }) => {
    const excerpt = await readExcerpt(context, session, { exchanges, from, limit });
    const notes = notesOf(excerpt);
    return { notes, quoted: `${heading(excerpt)}\n\n${excerpt.text}` };
  },
};

function heading({ about }: Excerpt): string {
  const { meta, name, tags, authors } = about;
  const { id: session, agent, createdAt: created, updatedAt: updated, branch } = meta;
  return JSON.stringify({ session, agent, name, created, updated, branch, authors, tags });
}

function notesOf(excerpt: Excerpt): string[] {
  const { count, end, hidden, unread, rest } = excerpt;
  return [
    ...(count === 0 ? ['The session has no exchange that may be shown.'] : [whatOf(excerpt, end)]),
    ...(rest ? [`The rest: get_session with exchanges "${rest.exchanges}" and from_character ${rest.from}.`] : []),
    ...(hidden > 0 ? [`${counted(hidden, 'exchange')} of it left out, because somebody hid them.`] : []),
    ...(unread > 0 ? [`${counted(unread, 'exchange')} of it could not be read: specstory doctor.`] : []),
  ];
}

function whatOf({ first, last, cut }: Excerpt, end: number): string {
  if (cut)
    return `Characters ${cut.from} to ${cut.to} of the ${cut.of} of exchange ${first}; the session goes to exchange ${end}.`;
  const what = first === last ? `Exchange ${first}` : `Exchanges ${first} to ${last}`;
  return `${what}; the session goes to exchange ${end}.`;
}
