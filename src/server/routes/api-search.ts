import * as z from 'zod';
import { searchLimits, searchProjects } from '../search/search-projects.ts';
import { searchReply, searchReplyOf } from '../search/search-reply.ts';
import type { ApiRoute } from './api.ts';

const flag = z.enum(['0', '1']).default('0');

/** What a search is asked with; texts, as they stand in an address. */
export const searchParameters = {
  q: z
    .string()
    .max(searchLimits.text)
    .default('')
    .describe('what to look for, as docs/search.md says; the newest without it'),
  limit: z
    .string()
    .regex(/^(?:[1-9]\d?|100)$/, `a number from 1 to ${searchLimits.groups}`)
    .default('20')
    .describe(`groups on a page, from 1 to ${searchLimits.groups}`),
  cursor: z.string().max(2000).optional().describe('`next_cursor` of the page before, of the same query'),
  facets: flag.describe('1: with counts by fact'),
  project: z.string().max(200).optional().describe('only in this project, by its id'),
};

const searchQuery = z.strictObject({ ...searchParameters, explain: flag.describe('1: with how it was searched') });

export const searchRoutes: readonly ApiRoute[] = [
  {
    method: 'GET',
    path: '/search',
    summary: 'Exchanges of the projects of whoever asks, by their words and facts.',
    query: searchQuery,
    reply: searchReply,
    refusals: ['not_found', 'unavailable'],
    scope: 'search:read',
    answer: async (services, { caller, query, server }) => {
      const { q: text, limit, facets, explain, ...where } = query(searchQuery);
      const request = { ...where, text, limit: Number(limit), facets: facets === '1', explain: explain === '1' };
      return searchReplyOf(await searchProjects(services, caller, request), server);
    },
  },
];
