import * as z from 'zod';
import { agentNamed } from '../../client/agents.ts';
import type { Context } from '../../client/context.ts';
import { type Listed, listSessions } from '../../client/history/query.ts';
import { aboutOf, isOpen, type SessionAbout } from '../../client/history/session-about.ts';
import { compareText, counted, instant } from '../../core/text.ts';
import type { Answer, Tool } from './tool.ts';

const time = z
  .string()
  .regex(
    /^\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?$/,
    'not a day or time, as 2026-01-31 or 2026-01-31T10:00Z',
  )
  .refine((text) => instant(text) !== undefined, 'there is no such day or time')
  .transform((text) => instant(text))
  .optional();

const input = z.strictObject({
  agent: z.string().max(64).optional().describe('only sessions with this agent: claude, codex, cursor, gemini …'),
  branch: z.string().max(1024).optional().describe('only sessions that began on this git branch'),
  since: time.describe('only sessions that went on at or after this day or time (2026-01-31 or 2026-01-31T10:00Z)'),
  until: time.describe('only sessions whose last exchange was before this day or time'),
  limit: z.int().min(1).max(200).default(20).describe('at most so many, the latest first'),
});
type Input = z.output<typeof input>;

export const listSessionsTool: Tool<typeof input> = {
  name: 'list_sessions',
  title: 'List past sessions',
  description:
    'Lists past conversations with coding agents about this repository, the latest first: one JSON object per line with the id that ' +
    'get_session takes, agent, name, times, branch, number of exchanges, authors, tags, and the session a sub-agent worked for.',
  input,
  answer: async (context, wanted) => {
    const matches = chooser(wanted);
    let unread = 0;
    const all = (await listSessions(context, () => unread++)).filter(isOpen);
    const found = all.filter(matches).sort((a, b) => compareText(lastTime(b), lastTime(a)));
    return answerOf(context, found, { all: all.length, unread, limit: wanted.limit });
  },
};

function chooser({ agent, branch, since, until }: Input): (session: Listed) => boolean {
  const wanted = agent === undefined ? undefined : agentNamed(agent);
  return (session) =>
    (wanted === undefined || session.meta.agent === wanted) &&
    (branch === undefined || session.meta.branch === branch) &&
    (since === undefined || lastTime(session) >= since) &&
    (until === undefined || lastTime(session) < until);
}

/** When it last went on; empty when nobody knows, which is before everything. */
function lastTime({ meta }: Listed): string {
  return meta.updatedAt ?? meta.createdAt ?? '';
}

function answerOf(
  context: Context,
  found: readonly Listed[],
  { all, unread, limit }: { all: number; unread: number; limit: number },
): Answer {
  const damaged = unread > 0 ? [`${counted(unread, 'part')} of the history could not be read: specstory doctor.`] : [];
  if (found.length === 0) return { notes: [nothing(all), ...damaged] };
  const shown = found.slice(0, limit);
  const last = shown.at(-1);
  const older = `${found.length - shown.length} more are older: ask with until ${last ? lastTime(last) : ''}, or a larger limit.`;
  const lines = shown.map((session) => JSON.stringify(lineOf(context.redactor.value(aboutOf(session)))));
  const notes = [
    `${shown.length} of ${counted(found.length, 'session')}.`,
    ...(found.length > limit ? [older] : []),
    ...damaged,
  ];
  return { notes, quoted: lines.join('\n') };
}

function nothing(all: number): string {
  if (all > 0) return `None of the ${counted(all, 'session')} in this history is like that.`;
  return 'There are no sessions in the history of this repository. A person can start it with: specstory init';
}

function lineOf({ meta, name, tags, authors, exchanges }: SessionAbout): object {
  const { id: session, agent, createdAt: created, updatedAt: updated, branch, parent } = meta;
  const labels = tags.length > 0 ? tags : undefined;
  return { session, agent, name, created, updated, branch, exchanges, authors, tags: labels, sub_agent_of: parent };
}
