import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Account } from '../../../src/server/store/account-store.ts';
import { openPostgresIndexStore } from '../../../src/server/store/postgres/index-store.ts';
import { openPostgresReceivedStore } from '../../../src/server/store/postgres/received-store.ts';
import { connected, freshDatabase, postgres } from '../store/fresh-database.ts';
import { askOn, type GraphqlWorld, graphqlWorld } from './graphql-world.ts';

const ids = (sessions: readonly { id: string }[]): string[] => sessions.map(({ id }) => id);

describe('searchSessions over SQLite', () => searching(() => graphqlWorld()));

describe.runIf(postgres)('searchSessions over PostgreSQL', () =>
  searching(async () => {
    const url = await freshDatabase(afterAll);
    const index = await openPostgresIndexStore(connected(url));
    return graphqlWorld({ index, received: await openPostgresReceivedStore(connected(url)) });
  }),
);

function searching(start: () => Promise<GraphqlWorld>): void {
  let server: GraphqlWorld['server'];
  let people: GraphqlWorld['people'];
  beforeAll(async () => {
    ({ server, people } = await start());
  });
  afterAll(() => server.stop());
  const query = `query SearchSessions($query: String!, $filters: SessionFilters, $limit: Int) {
    searchSessions(query: $query, filters: $filters, limit: $limit) { total isMore next
      results { id name projectId rank snippet metadata { clientName tags } project { name } matchingExchanges { id title snippet orderNumber matchedIn } }
      facets { name values { value count } } } }`;
  const find = async (who: Account, text: string, filters?: object) => {
    const { json } = await askOn(server, who, query, { query: text, filters, limit: 10 });
    expect(json.errors).toBeUndefined();
    return json.data.searchSessions;
  };

  it("answers the SDK's operation from the index", async () => {
    const found = await find(people.ben, 'canary 1');
    expect(found).toMatchObject({
      total: 1,
      isMore: false,
      next: null,
      results: [
        {
          id: 's1',
          projectId: 'shared',
          rank: 1,
          snippet: expect.stringContaining('Canary 1'),
          metadata: { clientName: 'git-specstory', tags: ['login'] },
          project: { name: 'shared' },
          matchingExchanges: [{ orderNumber: 1, matchedIn: 'prompt', snippet: expect.stringContaining('Canary') }],
        },
      ],
    });
    expect(found.facets).toContainEqual({ name: 'agent', values: [{ value: 'claude', count: 1 }] });
    expect((await find(people.ann, 'nowhere canary')).results).toEqual([]);
    expect((await find(people.ann, 'nowhere canary')).total).toBe(0);
  });

  it('shows nothing that is hidden, or of others (B47)', async () => {
    expect(ids((await find(people.ann, 'canary')).results).sort()).toEqual(['s1', 's2', 's3', 's4']);
    expect((await find(people.stranger, 'canary')).total).toBe(0);
    expect(ids((await find(people.stranger, 'strange')).results)).toEqual(['secret']);
    expect((await find(people.stranger, 'project:shared canary', { projectId: 'shared' })).total).toBe(0);
    expect((await find(people.ann, 'strange OR is:hidden canary')).results).toEqual([]);
  });

  it.each([
    [{ gitBranches: ['topic'] }, ['s2', 's4']],
    [{ gitBranches: ['topic', 'main'], tags: ['login'] }, ['s1']],
    [{ agentName: 'Claude Code' }, ['s1', 's2', 's3', 's4']],
    [{ agentNames: ['codex', 'gemini'] }, []],
    [{ clientName: 'other' }, []],
    [{ projectIds: ['absent'] }, []],
    [{ searchText: 'second' }, ['s2']],
    [{ startDate: '2026-01-02', dateRange: { end: '2026-01-03' } }, ['s1', 's2', 's3', 's4']],
    [{ endDate: '2026-01-01' }, []],
    [{ llmModels: ['gpt-5'] }, []],
  ])('takes filters: %j', async (filters, expected) => {
    expect(ids((await find(people.ann, 'canary', filters)).results).sort()).toEqual(expected);
  });

  it('takes every spelling of filters at once', async () => {
    const filters = {
      ...{
        projectId: 'shared',
        projectIds: ['shared'],
        clientName: 'git-specstory',
        clientNames: ['a'],
        agentName: 'claude',
      },
      ...{
        agentNames: ['Claude Code'],
        gitBranches: ['main'],
        tags: ['login'],
        startDate: '2026-01-01',
        endDate: '2027-01-01',
      },
      ...{ dateRange: { start: '2026-01-01', end: '2026-01-05' }, timeFilter: '9999y', searchText: '', cursor: '' },
    };
    expect(ids((await find(people.ann, 'canary', filters)).results)).toEqual(['s1']);
    expect(
      (await find(people.ann, 'canary', { ...filters, deviceId: 'x', deviceIds: ['y'], llmModels: ['z'] })).results,
    ).toEqual([]);
  });

  it.each(['"', 'NEAR(', '-x', 'C++', 'a*', 'b:secret', '/(a+)+$/', "'; DROP TABLE", 'OR OR', '((((', '\u0000'])(
    'takes any text: %s',
    async (text) => {
      await find(people.ann, text);
    },
  );
}
