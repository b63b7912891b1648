import * as z from 'zod';
import { Refusal } from '../refusal.ts';
import type { Membership } from '../store/account-store.ts';
import type { Asker, Known } from './asker.ts';
import { chooser, filtersSchema, projectsWanted, whenever } from './filters.ts';
import { checked, labelsOf, type SessionArguments, sessionsOf } from './select-sessions.ts';
import type { FoundSession } from './session-search.ts';
import { metadataView, projectView, sessionView } from './views.ts';

/** The fields of `Query`, for one asker. */
export function rootOf(asker: Asker): object {
  return {
    projects: async () => (await asker.projects()).map((row) => projectView(asker, row)),
    project: async ({ id }: { id: string }) => projectView(asker, await projectNamed(asker, id)),
    sessions: async (given: SessionArguments) => {
      const { page } = await sessionsOf(asker, await asker.projects(), given);
      return page.map(({ row, known }) => sessionView(asker, row, known));
    },
    sessionConnection: (given: SessionArguments) => connection(asker, given),
    session: async ({ id, projectId }: { id: string; projectId?: string | null }) => {
      const rows = projectId == null ? await asker.projects() : [await projectNamed(asker, projectId)];
      for (const row of rows) {
        const known = (await asker.sessions(row)).find(({ session }) => session.session === id);
        if (known) return sessionView(asker, row, known);
      }
      throw new Refusal('not_found', 'there is no such session');
    },
    searchSessions: (given: unknown) => searchSessions(asker, given),
  };
}

async function projectNamed(asker: Asker, id: string): Promise<Membership> {
  const row = await asker.project(id);
  if (!row) throw new Refusal('not_found', 'there is no such project');
  return row;
}

async function connection(asker: Asker, given: SessionArguments): Promise<object> {
  const { page, total, isMore } = await sessionsOf(asker, await asker.projects(), given);
  const edges = page.map(({ row, known, cursor }) => ({ cursor, node: () => sessionView(asker, row, known) }));
  return {
    edges,
    nodes: () => edges.map(({ node }) => node()),
    pageInfo: { hasNextPage: isMore, endCursor: edges.at(-1)?.cursor ?? null },
    totalCount: total,
  };
}

const searchSchema = z.object({
  query: z.string().max(1000),
  filters: filtersSchema,
  limit: z.int().min(1).max(100).nullish(),
  cursor: z.string().max(2000).nullish(),
});

async function searchSessions(asker: Asker, given: unknown): Promise<object> {
  const { query, filters, limit, cursor } = checked(searchSchema, given);
  const wanted = projectsWanted(filters);
  const rows = (await asker.projects()).filter(({ id }) => !wanted || wanted.has(id));
  const page = { query, filters, limit: limit ?? 20, cursor: cursor || filters.cursor || undefined };
  // The time that other searches of the same query took counts.
  const found = await asker.search().search(rows, page);
  const isWanted = chooser(whenever(filters), Date.now());
  const results = await Promise.all(
    found.sessions.map((one, index) => result(asker, rows, { ...one, rank: index + 1, isWanted })),
  );
  return { ...found, next: found.next ?? null, results: results.filter((one) => one !== undefined) };
}

/** A session that was found, unless the asker may not see it or the filters leave it out. */
async function result(
  asker: Asker,
  rows: readonly Membership[],
  {
    project,
    session: id,
    exchanges,
    rank,
    isWanted,
  }: FoundSession & { rank: number; isWanted: ReturnType<typeof chooser> },
): Promise<object | undefined> {
  const row = rows.find(({ key }) => key === project);
  const known = row && (await asker.sessions(row)).find(({ session }) => session.session === id);
  if (!row || !known || !isWanted(known.session, labelsOf(known))) return undefined;
  return { ...resultView(asker, row, known), rank, snippet: exchanges[0]?.snippet ?? '', matchingExchanges: exchanges };
}

function resultView(asker: Asker, row: Membership, { session, tags }: Known): object {
  return {
    id: session.session,
    name: session.title ?? session.name,
    projectId: row.id,
    createdAt: session.created,
    metadata: metadataView(session.metadata, tags),
    project: () => projectView(asker, row),
  };
}
