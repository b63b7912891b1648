import * as z from 'zod';
import type { Context } from '../../client/context.ts';
import { listSessions } from '../../client/history/query.ts';
import { aboutOf, isOpen, type SessionAbout } from '../../client/history/session-about.ts';
import { type Searched, searchHistory } from '../../client/search/search-history.ts';
import { counted } from '../../core/text.ts';
import type { Hit } from '../../search/search-index.ts';
import type { Answer, Tool } from './tool.ts';

const input = z.strictObject({
  query: z.string().min(1).max(1000).describe('what to look for'),
  limit: z.int().min(1).max(50).default(10).describe('sessions at most'),
  cursor: z.string().max(2000).optional().describe('what the answer before names, for the next page of the same query'),
});

export const searchSessionsTool: Tool<typeof input> = {
  name: 'search_sessions',
  title: 'Search past sessions',
  description:
    'Finds exchanges of past conversations by what was said, run and changed in them. All words must occur; "quoted text" as it stands; OR, -word; filters such as ' +
    'agent:codex, branch:main, file:src/auth/**, edited:login.ts, cmd:"npm test", has:error, after:7d, before:2026-01-31, author:ann, tag:x. One JSON object per ' +
    'exchange, the best first; get_session reads it by session and exchange.',
  input,
  answer: async (context, { query, limit, cursor }) => {
    const found = await searchHistory(context, query, { limit, cursor });
    const known = await sessionsOf(context);
    const hits = found.result.groups.flatMap((group) => group.hits);
    const lines = hits.flatMap((hit) => lineOf(context, hit, known.get(hit.session)));
    const remarks = [...found.diagnostics.map(({ message }) => message), ...found.result.notes];
    const about = remarks.length > 0 ? [{ remarks }] : [];
    const quoted = [...about, ...lines].map((line) => JSON.stringify(context.redactor.value(line)));
    return { notes: notesOf(found, lines.length), ...(quoted.length > 0 ? { quoted: quoted.join('\n') } : {}) };
  },
};

async function sessionsOf(context: Context): Promise<ReadonlyMap<string, SessionAbout>> {
  const open = (await listSessions(context)).filter(isOpen);
  return new Map(open.map((listed) => [listed.meta.id, aboutOf(listed)]));
}

function lineOf(context: Context, hit: Hit, about: SessionAbout | undefined): object[] {
  if (!about) return [];
  const { session, exchange: id, ordinal: exchange, at, snippet } = hit;
  const { agent, branch } = about.meta;
  // A secret may stand across two pieces. The title is the name, which is there already.
  const text = snippet.pieces.map((piece) => piece.text).join('');
  const quote = snippet.field === 'title' ? undefined : context.redactor.text(text);
  return [{ session, exchange, id, at, agent, branch, name: about.name, matched_in: snippet.label, snippet: quote }];
}

function notesOf({ result }: Searched, shown: number): Answer['notes'] {
  const { total, relaxed, next } = result;
  if (relaxed) return ['Nothing has all of it; this was found with a part of the query left out.', ...nextOf(next)];
  if (total.count === 0) return ['Nothing in the history of this repository is like that.'];
  const all = `${total.isMore ? 'more than ' : ''}${counted(total.count, 'exchange')}`;
  return [`${shown} of ${all}.`, ...nextOf(next)];
}

function nextOf(next: string | undefined): string[] {
  return next === undefined ? [] : [`More: the same query with cursor ${next}`];
}
