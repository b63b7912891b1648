import { createHash } from 'node:crypto';
import * as z from 'zod';
import { queryOf } from '../middleware/query.ts';
import { type FoundInProjects, searchProjects } from '../search/search-projects.ts';
import { facetsOf, permalink, projectIdOf } from '../search/search-reply.ts';
import { serverAddress } from './api.ts';
import { searchParameters } from './api-search.ts';
import type { SpecstoryCall, SpecstoryRoute, SpecstoryServices } from './specstory.ts';
import { isKnown } from './specstory-read.ts';

/** What it does not know is passed over, as SpecStory's own server does. */
const searchQuery = z.object(searchParameters);

/** Search in the words of `searchSessions` (docs/specstory-api.md). */
export const specstorySearch: readonly SpecstoryRoute[] = [
  { method: 'GET', path: '/search', scope: 'search:read', answer: searchSessions },
];

/** Sessions with their best exchanges, or that they are still those the client has. */
async function searchSessions(services: SpecstoryServices, { context, caller }: SpecstoryCall): Promise<Response> {
  const { q: text, limit, facets, ...where } = queryOf(context, searchQuery);
  const request = { ...where, text, limit: Number(limit), facets: facets === '1', group: 'session' as const };
  const found = await searchProjects(services, caller, request);
  const body = JSON.stringify({ success: true, data: dataOf(found, serverAddress(services, context)) });
  const tag = `W/"${createHash('sha256').update(body).digest('hex')}"`;
  context.header('ETag', tag);
  context.header('Cache-Control', 'private, no-cache');
  context.header('Vary', 'Authorization');
  if (isKnown(context.req.header('If-None-Match'), tag)) return context.body(null, 304);
  return context.body(body, 200, { 'Content-Type': 'application/json; charset=utf-8' });
}

function dataOf(found: FoundInProjects, server: string): object {
  const { diagnostics, result } = found;
  const facets = Object.entries(facetsOf(found) ?? {}).map(([name, values]) => ({ name, values }));
  return {
    total: result.total.count,
    isMore: result.total.isMore,
    isRelaxed: result.relaxed !== undefined,
    notes: [...diagnostics.map(({ message }) => message), ...result.notes],
    results: result.groups.map(({ key, title, agent, branch, author, project, hits, more }) => {
      const projectId = projectIdOf(found, project);
      return {
        ...{ id: key, projectId, name: title, agentName: agent, gitBranch: branch ?? null, author: author ?? null },
        url: permalink(server, projectId, key),
        moreExchanges: more,
        matchingExchanges: hits.map(({ exchange, ordinal, at, snippet }) => ({
          id: exchange,
          title: snippet.label,
          snippet: snippet.pieces.map((piece) => piece.text).join(''),
          pieces: snippet.pieces,
          url: permalink(server, projectId, key, exchange),
          orderNumber: ordinal,
          matchedIn: snippet.field,
          createdAt: at ?? null,
        })),
      };
    }),
    facets,
    next: result.next ?? null,
  };
}
