import { describe, expect, it } from 'vitest';
import { allowances } from '../../../src/server/accounts/rate-limit.ts';
import { formHeaders, testServer } from '../../hosts/server.ts';

describe('the server', () => {
  it('says its version of the protocol, and refuses another with what to do', async () => {
    const server = await testServer();
    const get = (version: string) =>
      server.send('GET', '/api/v2/server', { headers: { 'Specstory-Protocol': version } });
    expect((await get('1')).json).toEqual({
      name: 'specstory',
      version: '0.0.0',
      protocol: 1,
      limits: { push_bytes: 1, blob_bytes: 2 },
    });
    expect(await get('2')).toMatchObject({
      status: 412,
      json: { code: 'protocol_mismatch', hint: expect.stringContaining('server') },
    });
    expect((await get('0')).json.hint).toContain('your machine');
    expect((await get('1, 2')).status).toBe(412);
    for (const path of ['/api/v2/server', '/nothing', '/healthz', '/signin'])
      expect((await server.send('GET', path)).headers.get('Specstory-Protocol'), path).toBe('1');
  });

  it('answers below its base path only, and links below the path people see', async () => {
    const server = await testServer({ mount: '/inside', site: { origin: 'https://example.org', base: '/outside' } });
    await server.account('bob');
    expect((await server.send('GET', '/healthz')).status).toBe(404);
    expect((await server.send('GET', '/inside/healthz')).status).toBe(200);
    expect((await server.send('GET', '/inside/readyz')).json).toEqual({ ready: true });
    const page = await server.send('GET', '/inside/tokens');
    expect(page.headers.get('Location')).toMatch(/^\/outside\/signin\?next=/);
    const form = (await server.send('GET', '/inside/signin')).text;
    expect(form).toContain('action="/outside/signin"');
    expect(form).toContain('href="/outside/style.css"');
    const asked = await server.send('POST', '/inside/api/v2/device/code', { body: { client: 'x' } });
    expect(asked.json.verification_uri).toBe('https://example.org/outside/device');
  });

  it('counts a client by its own address, whatever it says of itself (B75)', async () => {
    const tight = { allowances: { deviceCode: { burst: 2, perMinute: 1 } } };
    const ask = (server: Awaited<ReturnType<typeof testServer>>, address: string) =>
      server.send('POST', '/api/v2/device/code', {
        body: { client: 'x' },
        headers: { 'X-Forwarded-For': address, Forwarded: `for=${address}`, 'X-Real-IP': address },
      });
    const open = await testServer(tight);
    const statuses = await Promise.all(
      ['1.1.1.1', '2.2.2.2', '3.3.3.3'].map(async (one) => (await ask(open, one)).status),
    );
    expect(statuses.filter((status) => status === 429)).toHaveLength(1);
    const behind = await testServer({ ...tight, trusted: ['127.0.0.1'] });
    for (const address of ['1.1.1.1', '2.2.2.2', '3.3.3.3']) expect((await ask(behind, address)).status).toBe(200);
  });

  it('keeps one address from taking all of it, but always says whether it lives', async () => {
    const server = await testServer({ allowances: { address: { burst: 5, perMinute: 1 } } });
    const statuses: number[] = [];
    for (let at = 0; at < 7; at++) statuses.push((await server.send('GET', '/api/v2/server')).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    expect((await server.send('GET', '/healthz')).status).toBe(200);
    expect(allowances.address.burst).toBeGreaterThan(100);
  });

  it('says the same kind of thing of every failure: problem+json to programs, a page to people', async () => {
    const server = await testServer();
    const api = await server.send('GET', '/api/v2/nothing');
    expect(api.headers.get('Content-Type')).toBe('application/problem+json');
    expect(api.json).toMatchObject({ type: 'about:blank', status: 404, code: 'not_found', title: expect.any(String) });
    const page = await server.send('GET', '/nothing');
    expect(page.headers.get('Content-Type')).toContain('text/html');
    expect(page.text).toContain('There is nothing at this address.');
    expect((await server.send('GET', '/git/x/info/refs')).headers.get('Content-Type')).toContain('text/plain');
    const theirs = await server.send('GET', '/api/v1/projects');
    expect([theirs.status, theirs.json]).toEqual([401, { success: false, error: 'Invalid session token' }]);
    expect((await server.send('GET', '/api/v1/nothing')).json).toMatchObject({
      success: false,
      error: expect.any(String),
    });
  });

  it('tells nobody but its log why it failed inside', async () => {
    const server = await testServer();
    const bob = await server.account('bob');
    const token = await server.token(bob, 'sessions:read');
    const broken = Object.assign(server.registry.store.projects, {
      list: async () => {
        throw new Error('the secret of the database');
      },
    });
    const answer = await server.send('GET', '/api/v2/projects', { token });
    expect(answer).toMatchObject({ status: 500, json: { code: 'internal' } });
    expect(answer.text).not.toContain('secret');
    expect(server.logged.some((line) => line.includes(answer.headers.get('X-Request-Id') ?? '-'))).toBe(true);
    expect(broken).toBeDefined();
  });

  it('logs a line for every request, with the route and without what was asked for', async () => {
    const server = await testServer();
    await server.account('bob');
    const body = new URLSearchParams({ name: 'bob', password: 'bob-password' }).toString();
    await server.send('POST', '/signin?secret-query', { headers: formHeaders(server.url), body });
    const token = await server.token(await server.account('eve'), 'sessions:read');
    await server.send('GET', '/api/v2/projects/secret-project', { token });
    const lines = server.logged.map((line) => JSON.parse(line));
    expect(lines).toContainEqual(expect.objectContaining({ method: 'POST', route: '/signin', status: 303 }));
    expect(lines).toContainEqual(
      expect.objectContaining({
        route: '/api/v2/projects/:project',
        status: 404,
        id: expect.stringMatching(/^[0-9a-f]{32}$/),
      }),
    );
    expect(server.logged.join()).not.toMatch(/secret|bob|eve|ss_pat/);
  });

  it('shows what the index knows of a project, and every writer that was claimed', async () => {
    const ids = ['0123456789abcdef', 'fedcba9876543210'];
    const { isWriterId } = await import('../../../src/core/ids.ts');
    const [known, silent] = ids.filter(isWriterId);
    if (known === undefined || silent === undefined) throw new Error('no writers');
    const rejected = { session: 's', writer: known, code: 'bad_session', reason: 'r', at: '2026-01-02T03:04:05.000Z' };
    const server = await testServer({
      index: {
        summary: async () => ({ sessions: 7, updatedAt: '2026-01-02T03:04:05.000Z' }),
        status: async () => ({
          writers: [{ writer: known, history: 'a'.repeat(40), raw: undefined, ingested: 'a'.repeat(40) }],
          rejected: [rejected],
        }),
        reindex: async () => 0,
      },
    });
    const bob = await server.account('bob');
    const actor = { account: bob.id, name: 'bob', scopes: new Set([]) };
    const { access } = server.services;
    const project = await access.project(actor, 'x', { create: true });
    if (!project) throw new Error('no project');
    for (const writer of [known, silent]) expect(await access.claimWriter(project, writer, bob.id)).toBe(true);
    expect(await access.claimWriter(project, known, 'f'.repeat(32))).toBe(false);
    const token = await server.token(bob, 'sessions:read');
    const status = (await server.send('GET', '/api/v2/projects/x/status', { token })).json;
    expect(status).toEqual({
      writers: [
        { writer: known, account: 'bob', history: 'a'.repeat(40), raw: null, ingested: 'a'.repeat(40) },
        { writer: silent, account: 'bob', history: null, raw: null, ingested: null },
      ],
      rejected: [rejected],
    });
    expect((await server.send('GET', '/api/v2/projects', { token })).json).toEqual({
      projects: [{ id: 'x', name: 'x', role: 'owner', sessions: 7, updated_at: '2026-01-02T03:04:05.000Z' }],
    });
  });
});
