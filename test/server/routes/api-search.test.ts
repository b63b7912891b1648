import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectFor, setMember } from '../../../src/server/accounts/projects.ts';
import { startServer, type TestServer } from '../../hosts/server.ts';
import { annotationFiles, exchange, plantPushed, sessionFiles, sid, writerId, xid } from '../sessions.ts';

let server: TestServer;
let tokens: Record<'owner' | 'writer' | 'stranger', string>;

beforeAll(async () => {
  server = await startServer();
  const [owner, writer, stranger] = await Promise.all(
    ['owner', 'writer', 'stranger'].map((one) => server.account(one)),
  );
  if (!owner || !writer || !stranger) throw new Error('no accounts');
  const project = await projectFor(server.registry, { account: owner.id }, 'app', { create: true });
  const other = await projectFor(server.registry, { account: stranger.id }, 'other', { create: true });
  if (!project || !other) throw new Error('no projects');
  await setMember(server.registry, project, { name: 'writer', role: 'writer', by: 'administrator' });
  const of = ['a', 'b', 'c'].map((one) => exchange(one, `rotate the ${one} keys`, '<b>turned</b> & done'));
  const files = {
    ...sessionFiles('one', of, { branch: 'main' }),
    ...sessionFiles('two', [exchange('d', 'rotate tyres'), exchange('e', 'hide nothing')]),
  };
  await plantPushed(server.side, project.key, { writer: 'a'.repeat(16), files });
  const said = (lamport: number, session: string, of: string, kind: 'hidden' | 'deleted') =>
    annotationFiles({
      writer: writerId('b'.repeat(16)),
      lamport,
      session: sid(session),
      exchange: xid(of),
      statement: kind === 'hidden' ? { kind, value: true } : { kind, exchanges: [], content: [] },
    });
  const annotations = { ...said(1, 'two', 'd', 'hidden'), ...said(2, 'one', 'c', 'deleted') };
  await plantPushed(server.side, project.key, { writer: 'b'.repeat(16), files: annotations });
  const scopes = ['search:read', 'sessions:read'] as const;
  tokens = {
    owner: await server.token(owner, ...scopes),
    writer: await server.token(writer, ...scopes),
    stranger: await server.token(stranger, ...scopes),
  };
});
afterAll(() => server.stop());

const find = (who: keyof typeof tokens, query: Record<string, string>, version = 'v2', headers = {}) =>
  server.send('GET', `/api/${version}/search?${new URLSearchParams(query)}`, { token: tokens[who], headers });

describe('GET /api/v2/search', () => {
  it('gives hits by session, with snippets in pieces, and where they are', async () => {
    const { status, json } = await find('writer', { q: 'rotate keys', facets: '1', explain: '1' });
    expect(status).toBe(200);
    expect(json).toMatchObject({ query: 'rotate keys', total: 2, more: false, relaxed: null, next_cursor: null });
    const [group] = json.results;
    expect(group).toMatchObject({ key: 'one', project: 'app', agent: 'claude', branch: 'main', more: 0 });
    const hit = group.hits.find((one: { ordinal: number }) => one.ordinal === 1);
    expect(hit).toMatchObject({
      session: 'one',
      exchange: xid('a'),
      url: `${server.url}/projects/app/sessions/one#x-${xid('a')}`,
      snippet: { field: 'prompt', is_code: false },
    });
    const marked = hit.snippet.pieces.filter((one: { is_match: boolean }) => one.is_match);
    expect(marked.map((one: { text: string }) => one.text)).toEqual(['rotate', 'keys']);
    expect(json.facets.project).toEqual([{ value: 'app', count: 2 }]);
    expect(json.explain).toMatchObject({ tree: { kind: 'all' }, parts: [{ part: 'rotate' }, { part: 'keys' }] });
    const { json: markup } = await find('writer', { q: 'turned' });
    expect(JSON.stringify(markup.results)).toContain('<b>');
  });

  it('gives pages', async () => {
    const first = await find('owner', { q: 'rotate', limit: '1' });
    const second = await find('owner', { q: 'rotate', limit: '1', cursor: first.json.next_cursor });
    const keys = [first, second].map(({ json }) => json.results[0].key);
    expect(new Set(keys)).toEqual(new Set(['one', 'two']));
    expect(second.json.next_cursor).toBeNull();
  });

  it('says what nothing has, and what was found instead', async () => {
    const { json } = await find('writer', { q: 'rotate elephants' });
    expect(json).toMatchObject({ total: 0, relaxed: { query: 'rotate', without: 'elephants' } });
    expect(json.parts).toEqual([
      { part: 'rotate', count: 2, more: false },
      { part: 'elephants', count: 0, more: false },
    ]);
    expect((await find('writer', { q: 'fil:a' })).json.diagnostics[0]).toMatchObject({ from: 0 });
  });

  it('finds what is hidden for owners only, what was deleted for nobody, and counts neither (B50)', async () => {
    const all = { facets: '1', explain: '1' };
    const told = async (who: keyof typeof tokens, query: Record<string, string>) => {
      const { total, facets, explain } = (await find(who, { ...all, ...query })).json;
      return { total, facets, parts: explain.parts, rows: explain.plan.map(({ rows }: { rows: number }) => rows) };
    };
    expect((await find('owner', { q: 'tyres' })).json).toMatchObject({
      total: 1,
      results: [{ hits: [{ hidden: true }] }],
    });
    // To others a hidden word, one that was deleted and one that nobody ever said are the same.
    const absent = await told('writer', { q: 'zebra' });
    const same = JSON.stringify(absent).replaceAll('zebra', 'tyres');
    expect(JSON.stringify(await told('writer', { q: 'tyres' }))).toBe(same);
    for (const who of ['owner', 'writer'] as const) expect((await told(who, { q: '"the c keys"' })).total).toBe(0);
    expect((await told('writer', { q: 'is:hidden' })).total).toBe(0);
    expect((await told('stranger', { q: 'rotate' })).total).toBe(0);
    const asked = (await find('stranger', { q: 'rotate', project: 'app' })).text;
    expect(asked).toBe((await find('stranger', { q: 'rotate', project: 'none' })).text);
    expect(JSON.parse(asked)).toMatchObject({ status: 404 });
  });

  it.each([
    { limit: '0' },
    { limit: '101' },
    { limit: '1e1' },
    { q: 'x'.repeat(4097) },
    { cursor: 'none' },
    { facets: 'yes' },
    { facet: '1' },
  ])('refuses %j', async (query) => {
    expect((await find('owner', query)).json).toMatchObject({ status: 400, code: 'bad_request' });
  });

  it('never fails, whatever is asked, and gives strangers nothing', async () => {
    const piece = fc.constantFrom(
      ...[
        '"',
        '/',
        '(',
        ')',
        '-',
        'OR',
        'NOT',
        '*',
        '\0',
        '\ud800',
        'file:',
        'like:',
        'before:',
        'sort:cost',
        'cost:>',
      ],
      ...[
        'group:file',
        'count:999',
        'after:9999999999d',
        '#',
        're:',
        '[',
        '{a,b}',
        '!(x|y)',
        'in:diff',
        'rotate',
        '%',
        '_',
        "'",
      ],
    );
    const asked = fc.array(fc.oneof(piece, fc.string({ unit: 'binary', maxLength: 8 })), { maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(asked, fc.constantFrom('', ' '), async (pieces, between) => {
        for (const version of ['v1', 'v2']) {
          const query = { q: pieces.join(between), facets: '1', ...(version === 'v2' ? { explain: '1' } : {}) };
          expect((await find('owner', query, version)).status, JSON.stringify(query)).toBe(200);
          const { status, text } = await find('stranger', query, version);
          expect([status, text.includes(xid('a')), text.includes('rotate the')]).toEqual([200, false, false]);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe('GET /api/v1/search', () => {
  it('answers in the envelope, with what is left of the allowance, and 304 to who has it', async () => {
    const first = await find('owner', { q: 'rotate keys', facets: '1', unknown: 'x' }, 'v1');
    expect(first.json).toMatchObject({
      success: true,
      data: {
        total: 2,
        results: [{ id: 'one', projectId: 'app', matchingExchanges: [{ orderNumber: 1 }, { matchedIn: 'prompt' }] }],
      },
    });
    expect(first.json.data.facets).toContainEqual({ name: 'agent', values: [{ value: 'claude', count: 2 }] });
    expect(Number(first.headers.get('X-RateLimit-Remaining'))).toBeGreaterThan(0);
    const tag = first.headers.get('ETag') ?? '';
    const ask = { q: 'rotate keys', facets: '1' };
    const again = await find('owner', ask, 'v1', { 'If-None-Match': tag });
    expect([again.status, again.text]).toEqual([304, '']);
    expect((await find('writer', { q: 'tyres' }, 'v1', { 'If-None-Match': tag })).status).toBe(200);
    expect((await find('owner', { limit: '0' }, 'v1')).json).toMatchObject({ success: false });
  });
});
