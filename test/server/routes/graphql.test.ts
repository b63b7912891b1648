import fc from 'fast-check';
import { buildClientSchema, getIntrospectionQuery } from 'graphql';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Scope, scopes } from '../../../src/server/access.ts';
import { removeMember, setMember } from '../../../src/server/accounts/projects.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { type TestServer, testServer } from '../../hosts/server.ts';
import { exchange, plantPushed, sessionFiles } from '../sessions.ts';
import { askOn, graphqlWorld, projectOf } from './graphql-world.ts';

let server: TestServer;
let people: Record<'ann' | 'ben' | 'stranger', Account>;

beforeAll(async () => {
  ({ server, people } = await graphqlWorld());
});
afterAll(() => server.stop());

const ask = (who: Account, query: string, variables?: object, given: readonly Scope[] = scopes, on = server) =>
  askOn(on, who, query, variables, given);

const ids = (sessions: readonly { id: string }[]): string[] => sessions.map(({ id }) => id);

describe('queries', () => {
  it('give projects with their sessions', async () => {
    const query = `{ projects { id name role sessionCount createdAt sessions(limit: 2) { id title name projectId metadata { agentName gitBranches tags } project { name } } } }`;
    const { status, json } = await ask(people.ann, query);
    expect(status).toBe(200);
    expect(json).toEqual({
      data: {
        projects: [
          {
            id: 'shared',
            name: 'shared',
            role: 'owner',
            sessionCount: 4,
            createdAt: expect.stringMatching(/Z$/),
            sessions: [
              expect.objectContaining({
                id: 's4',
                metadata: { agentName: 'Claude Code', gitBranches: ['topic'], tags: [] },
              }),
              expect.objectContaining({ id: 's3', projectId: 'shared', project: { name: 'shared' } }),
            ],
          },
        ],
      },
    });
  });

  it('give one project, one session, and its text', async () => {
    const query =
      'query One($p: ID!, $s: ID!) { project(id: $p) { id } session(id: $s) { id title markdownContent markdownSize etag } }';
    const { json } = await ask(people.ben, query, { p: 'shared', s: 's2' });
    expect(json.errors).toBeUndefined();
    expect(json.data.session).toMatchObject({
      id: 's2',
      title: 'Second',
      markdownContent: expect.stringContaining('Canary 2'),
    });
    expect(Buffer.byteLength(json.data.session.markdownContent)).toBe(json.data.session.markdownSize);
    const listed = await server.send('GET', '/api/v1/projects/shared/sessions/s2', {
      token: await server.token(people.ben, ...scopes),
    });
    expect(listed.headers.get('ETag')).toBe(json.data.session.etag);
  });

  it.each([
    [{ gitBranches: ['main'] }, ['s3', 's1']],
    [{ tags: ['login'] }, ['s1']],
    [{ searchText: 'second' }, ['s2']],
    [{ agentName: 'claude code', startDate: '2026-01-03' }, ['s4', 's3']],
    [{ agentNames: ['codex'] }, []],
    [{ clientName: 'git-specstory', endDate: '2026-01-02T01:00:00Z' }, ['s2', 's1']],
    [{ dateRange: { start: '2026-01-02', end: '2026-01-04' } }, ['s3', 's2']],
    [{ projectId: 'shared', timeFilter: '9999y' }, ['s4', 's3', 's2', 's1']],
    [{ projectIds: ['other'] }, []],
    [{ deviceId: 'x' }, []],
    [{ llmModels: ['x'] }, []],
  ])('take filters: %j', async (filters, expected) => {
    const query = 'query F($filters: SessionFilters) { sessions(filters: $filters) { id } }';
    const { json } = await ask(people.ann, query, { filters });
    expect(json.errors).toBeUndefined();
    expect(ids(json.data.sessions)).toEqual(expected);
  });

  it('go through sessions page by page, in any order', async () => {
    const query = `query P($after: String, $orderBy: SessionOrder) { sessionConnection(first: 3, after: $after, orderBy: $orderBy) {
      totalCount edges { cursor node { id } } nodes { id } pageInfo { hasNextPage endCursor } } }`;
    for (const orderBy of [undefined, { field: 'CREATED_AT', direction: 'ASC' }, { field: 'NAME' }]) {
      const first = (await ask(people.ann, query, { orderBy })).json.data.sessionConnection;
      expect(first).toMatchObject({ totalCount: 4, pageInfo: { hasNextPage: true } });
      const after = first.pageInfo.endCursor;
      const second = (await ask(people.ann, query, { orderBy, after })).json.data.sessionConnection;
      expect(second.pageInfo.hasNextPage).toBe(false);
      expect([...ids(first.nodes), ...ids(second.nodes)].sort()).toEqual(['s1', 's2', 's3', 's4']);
    }
  });

  it.each([
    ['{ sessions(filters: {startDate: "soon"}) { id } }', 'VALIDATION_ERROR'],
    ['{ sessions(filters: {timeFilter: "soon"}) { id } }', 'VALIDATION_ERROR'],
    ['{ sessions(after: "soon") { id } }', 'VALIDATION_ERROR'],
    ['{ sessions(limit: -1) { id } }', 'VALIDATION_ERROR'],
    ['{ nothing }', 'VALIDATION_ERROR'],
    ['{ projects {', 'VALIDATION_ERROR'],
    ['mutation { x }', 'VALIDATION_ERROR'],
    ['query($a: Int!) { sessions(limit: $a) { id } }', 'VALIDATION_ERROR'],
    ['{ project(id: "absent") { id } }', 'NOT_FOUND'],
    ['{ session(id: "absent") { id } }', 'NOT_FOUND'],
    ['{ searchSessions(query: "x", cursor: "nonsense") { total } }', 'VALIDATION_ERROR'],
    ['{ searchSessions(query: "x", limit: 101) { total } }', 'VALIDATION_ERROR'],
  ])('that are wrong answer 200 with errors: %s', async (query, code) => {
    const { status, json } = await ask(people.ann, query);
    expect(status).toBe(200);
    expect(json.errors[0]).toMatchObject({ message: expect.any(String), extensions: { code } });
  });

  it('can be introspected', async () => {
    const { json } = await ask(people.ann, getIntrospectionQuery({ descriptions: true }));
    expect(json.errors).toBeUndefined();
    expect(buildClientSchema(json.data).getType('SessionFilters')).toBeDefined();
  });
});

describe('who may see what', () => {
  const everything = `query E($s: ID!, $p: ID) { projects { id name sessionCount sessions(limit: 4) { id name metadata { all } markdownContent } }
    sessions { id markdownContent } sessionConnection { totalCount } session(id: $s, projectId: $p) { id } }`;

  it('is for each account its own, whatever ids others use (B47)', async () => {
    const { text, json } = await ask(people.stranger, everything, { s: 's1', p: 'shared' });
    expect(text).not.toMatch(/Canary|"s[1-5]"|login|Second/);
    expect(json.data.sessionConnection.totalCount).toBe(1);
    const absent = await ask(people.stranger, everything, { s: 'absent', p: 'shared' });
    expect(absent.text).toBe(text);
    const key = (await projectOf(server, people.ann, 'shared')).key;
    for (const p of [key, 'absent', '../shared']) {
      const { json: one } = await ask(people.stranger, 'query($p: ID!) { project(id: $p) { id } }', { p });
      expect(one).toMatchObject({ data: { project: null }, errors: [{ extensions: { code: 'NOT_FOUND' } }] });
    }
  });

  it('leaves out what is hidden', async () => {
    const { text } = await ask(people.ann, everything, { s: 's5' });
    expect(text).toContain('Canary 1');
    expect(text).not.toContain('Canary 5');
    expect(text).not.toContain('"s5"');
  });

  it('ends with the membership', async () => {
    const account = await server.account('former');
    const shared = await projectOf(server, people.ann, 'shared');
    await setMember(server.registry, shared, { name: 'former', role: 'writer', by: 'administrator' });
    expect((await ask(account, '{ sessions { id } }')).json.data.sessions).toHaveLength(4);
    await removeMember(server.registry, shared, 'former');
    expect((await ask(account, '{ sessions { id } }')).json.data.sessions).toEqual([]);
  });

  it('needs a token and its scope', async () => {
    const none = await server.send('POST', '/api/v1/graphql', { body: { query: '{ __typename }' } });
    expect(none).toMatchObject({ status: 401, json: { success: false, error: 'Invalid session token' } });
    expect(await ask(people.ann, '{ __typename }', {}, ['capture:write'])).toMatchObject({ status: 403 });
    const { json } = await ask(people.ann, '{ searchSessions(query: "x") { total } }', {}, ['sessions:read']);
    expect(json.errors[0].extensions.code).toBe('FORBIDDEN');
    const { cookie } = await server.browser('ann');
    const answer = await server.send('POST', '/api/v1/graphql', {
      headers: { Cookie: cookie },
      body: { query: '{ __typename }' },
    });
    expect(answer.status).toBe(401);
  });
});

describe('hostile queries', () => {
  const repeated = (count: number, of: (n: number) => string): string =>
    Array.from({ length: count }, (_, n) => of(n)).join(' ');
  const deep = (count: number): string =>
    `{ projects { ${'sessions { project { '.repeat(count)} id ${'} }'.repeat(count)} } }`;
  const doubling = `{ ...f0 } ${repeated(60, (n) => `fragment f${n} on Query { ...f${n + 1} a${n}: sessions { id } ...f${n + 1} }`)} fragment f60 on Query { sessions { id } }`;

  it.each([
    ['aliases', `{ ${repeated(110, (n) => `a${n}: sessions(limit: 100) { id name }`)} }`],
    ['expensive aliases', `{ ${repeated(160, (n) => `a${n}: session(id: "s${n}") { id }`)} }`],
    ['searches', `{ ${repeated(25, (n) => `a${n}: searchSessions(query: "x${n}") { total }`)} }`],
    ['more tokens than may be', `{ ${repeated(2000, (n) => `a${n}: __typename`)} }`],
    ['depth', deep(8)],
    ['more depth', deep(200)],
    ['depth beyond the parser', `${'{ a '.repeat(900)}${'}'.repeat(900)}`],
    ['lists of lists', '{ projects { sessions(limit: 100) { project { sessions(limit: 100) { id } } } } }'],
    ['texts', '{ projects { sessions(limit: 100) { markdownContent } } }'],
    ['a cycle', '{ ...a } fragment a on Query { ...b } fragment b on Query { ...a sessions { id } }'],
    ['a cycle through a field', '{ projects { ...p } } fragment p on Project { sessions { project { ...p } } }'],
    ['fragments that double', doubling],
    ['the same field over and over', `{ ${repeated(240, () => '...on Query { sessions { id } }')} }`.slice(0, 90_000)],
    [
      'the schema in circles',
      `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
    ],
    ['the schema again and again', `{ ${repeated(30, (n) => `a${n}: __schema { types { name fields { name } } }`)} }`],
    ['directives', `{ __typename ${'@include(if: true) '.repeat(280)} }`],
  ])('%s: an error, with 200', async (name, query) => {
    const started = performance.now();
    const { status, json, text } = await ask(people.ann, query);
    if (process.env.SHOW_TIMES) console.log(name, `${Math.round(performance.now() - started)} ms`, text.slice(0, 150));
    expect(status, text.slice(0, 300)).toBe(200);
    expect(json.errors[0].extensions.code).toBe('VALIDATION_ERROR');
  });

  it('give no more than a hundred at once', async () => {
    const files = Object.assign(
      {},
      ...Array.from({ length: 120 }, (_, n) => sessionFiles(`many-${n}`, [exchange(`m${n}`)])),
    );
    const many = await projectOf(server, await server.account('many'), 'many');
    await plantPushed(server.side, many.key, { writer: 'c'.repeat(16), files });
    const account = await server.registry.store.accounts.find('many');
    if (!account) throw new Error('no account');
    const { json } = await ask(account, '{ projects { sessionCount } sessions(limit: 2147483647) { id } }');
    expect(json.data.sessions).toHaveLength(100);
    expect(json.data.projects).toEqual([{ sessionCount: 120 }]);
  });

  it('are not made cheap by variables', async () => {
    const query = 'query V($n: Int) { projects { sessions(limit: $n) { markdownContent } } }';
    expect((await ask(people.ann, query, { n: 2 })).json.errors).toBeUndefined();
    for (const variables of [{ n: 100 }, { n: 1e9 }, {}]) {
      expect((await ask(people.ann, query, variables)).json.errors[0].extensions.code).toBe('VALIDATION_ERROR');
    }
  });

  it('never fail the server', async () => {
    const token = await server.token(people.ann, ...scopes);
    const word = fc.constantFrom(
      '{',
      '}',
      '(',
      ')',
      'projects',
      'sessions',
      'session',
      'id',
      ':',
      '"',
      '"s1"',
      '$a',
      '...',
      'on',
      'fragment',
      'query',
      'Query',
      '@skip',
      '[',
      '1e999',
      '-1',
      'null',
      '\u0000',
      '😀',
      'limit',
      'filters',
      '__proto__',
      '__schema',
    );
    const query = fc.oneof(
      fc.string({ maxLength: 60 }),
      fc.array(word, { maxLength: 30 }).map((words) => words.join(' ')),
    );
    const variables = fc.option(fc.dictionary(fc.constantFrom('a', 'filters', '__proto__'), fc.jsonValue()), {
      nil: undefined,
    });
    await fc.assert(
      fc.asyncProperty(query, variables, async (text, values) => {
        const answer = await server.send('POST', '/api/v1/graphql', {
          token,
          body: { query: text, variables: values },
        });
        expect([200, 400], answer.text).toContain(answer.status);
        expect(answer.text).not.toContain('INTERNAL_SERVER_ERROR');
      }),
      { numRuns: 150 },
    );
  });
});

describe('over HTTP', () => {
  it('answers GET with a query, and a browser with a page that asks nobody else', async () => {
    const token = await server.token(people.ann, ...scopes);
    const asked = `/api/v1/graphql?query=${encodeURIComponent('query Q($n: Int) { sessions(limit: $n) { id } }')}&variables=${encodeURIComponent('{"n":1}')}`;
    expect((await server.send('GET', asked, { token })).json).toEqual({ data: { sessions: [{ id: 's4' }] } });
    expect((await server.send('GET', asked)).status).toBe(401);
    expect((await server.send('GET', `${asked}x`, { token })).status).toBe(400);
    const page = await server.send('GET', '/api/v1/graphql', { headers: { Accept: 'text/html' } });
    expect(page.status).toBe(200);
    const policy = page.headers.get('Content-Security-Policy');
    expect(policy).toContain("default-src 'none'; script-src 'self'; connect-src 'self'");
    expect(policy).not.toContain('unsafe');
    expect(page.text).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    expect(page.text).not.toMatch(/<script>| on\w+=|style=/);
    expect(page.text).toContain('input SessionFilters');
    const script = /<script src="([^"]+)"/.exec(page.text)?.[1] ?? '';
    const sent = await server.send('GET', script);
    expect(sent).toMatchObject({ status: 200 });
    expect(sent.headers.get('Content-Type')).toMatch(/^text\/javascript/);
    expect(() => new Function(sent.text)).not.toThrow();
  });

  it('takes JSON only, and says what is wrong', async () => {
    const token = await server.token(people.ann, ...scopes);
    const send = (body: string, type = 'application/json') =>
      server.send('POST', '/api/v1/graphql', { token, body, headers: { 'Content-Type': type } });
    expect((await send('{"query":"{ __typename }"}')).json).toEqual({ data: { __typename: 'Query' } });
    expect((await send('{"query":"{ __typename }"}', 'text/plain')).status).toBe(415);
    expect(await send('{"query":1}')).toMatchObject({
      status: 400,
      json: { success: false, error: expect.stringContaining('query') },
    });
    expect((await send('nothing')).status).toBe(400);
    expect((await send('{"query":"{ __typename }","variables":[]}')).status).toBe(400);
    expect((await send(JSON.stringify({ query: ' '.repeat(2 << 20) }))).status).toBe(413);
  });

  it('counts requests together with the rest of the API', async () => {
    const small = await testServer({ allowances: { specstory: { burst: 2, perMinute: 1 } } });
    const token = await small.token(await small.account('ann'), ...scopes);
    const first = await small.send('POST', '/api/v1/graphql', { token, body: { query: '{ __typename }' } });
    expect(first.headers.get('X-RateLimit-Limit')).toBe('2');
    expect(first.headers.get('X-RateLimit-Remaining')).toBe('1');
    await small.send('GET', '/api/v1/projects', { token });
    const third = await small.send('POST', '/api/v1/graphql', { token, body: { query: '{ __typename }' } });
    expect(third.status).toBe(429);
    expect(Number(third.headers.get('Retry-After'))).toBeGreaterThan(0);
  });
});
