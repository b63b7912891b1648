import * as z from 'zod';
import { jsonBody } from '../middleware/body.ts';
import { Refusal } from '../refusal.ts';
import { wireSession } from '../specstory/wire.ts';
import type { SpecstoryRoute } from './specstory.ts';
import { namedProjects } from './specstory-projects.ts';

const searchSchema = z.object({ query: z.string().max(1000), projectId: z.string().max(200).nullish() });

/** Sessions of one search. */
const mostHits = 100;

/** What is sold there is simply there; what needs a service of theirs is honestly empty. */
export const specstoryExtras: readonly SpecstoryRoute[] = [
  {
    method: 'GET',
    path: '/billing/entitlement',
    scope: 'sessions:read',
    answer: async () => ({
      data: {
        plan: 'pro',
        features: { resume: true, skills: true, knowledge_base: true, work_tracking: true, governance: true },
      },
    }),
  },
  {
    method: 'POST',
    path: '/search/resume',
    scope: 'search:read',
    answer: async (services, { caller, context }) => {
      const { query, projectId } = await jsonBody(context.env.incoming, searchSchema);
      const { resumeSearch } = services;
      if (!resumeSearch) throw new Refusal('unavailable', 'this server has no search');
      const rows = (await namedProjects(services, caller.account)).filter(({ id }) => !projectId || id === projectId);
      const found = await resumeSearch.search(
        rows.map(({ key }) => key),
        query,
        mostHits,
      );
      const results = found.hits.flatMap(({ project, session, snippet }) => {
        const row = rows.find(({ key }) => key === project);
        return row ? [{ ...wireSession(session, row), snippet }] : [];
      });
      return { data: { results, total: results.length, complete: found.isComplete } };
    },
  },
  { method: 'GET', path: '/lore/runs', scope: 'sessions:read', answer: async () => ({ plain: { runs: [] } }) },
  {
    method: 'GET',
    path: '/lore/skills/library',
    scope: 'sessions:read',
    answer: async () => ({ plain: { skills: [] } }),
  },
  {
    method: 'POST',
    path: '/lore/run',
    scope: 'capture:write',
    answer: async () => {
      throw new Refusal('not_implemented', 'this server does not mine skills');
    },
  },
  { method: 'PATCH', path: '/lore/dossiers/:id', scope: 'capture:write', answer: noSkill },
  { method: 'PATCH', path: '/lore/skills/:name', scope: 'capture:write', answer: noSkill },
];

async function noSkill(): Promise<never> {
  throw new Refusal('not_found', 'there is no such skill: this server does not mine any');
}
