import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Role, type Scope, scopes } from '../../../src/server/access.ts';
import { projectFor, setMember } from '../../../src/server/accounts/projects.ts';
import { revokeToken } from '../../../src/server/accounts/tokens.ts';
import type { SpecstoryRoute } from '../../../src/server/routes/specstory.ts';
import { specstoryTable } from '../../../src/server/routes/specstory-table.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { type Answer, startServer, type TestServer } from '../../hosts/server.ts';
import { bodyOf, project, uuid } from './command-line.ts';

const secret = 'canary-of-the-owner';

/** A request for each route that its rightful caller gets an answer to. A route without a row here fails. */
const requests: Record<string, { path?: string; body?: object; status?: number; fresh?: true }> = {
  'GET /projects': {},
  'PATCH /projects/:project': { path: `/projects/${project}`, body: { name: 'App', icon: 'Bot', color: 'rose' } },
  'DELETE /projects/:project': { path: `/projects/${project}`, fresh: true },
  'GET /sessions/recent': {},
  'GET /projects/:project/sessions': { path: `/projects/${project}/sessions` },
  'GET /projects/:project/sessions/sizes': { path: `/projects/${project}/sessions/sizes` },
  'GET /projects/:project/sessions/:session': { path: `/projects/${project}/sessions/${uuid(1)}` },
  'PUT /projects/:project/sessions/:session': {
    path: `/projects/${project}/sessions/${uuid(1)}`,
    body: bodyOf(uuid(1)),
  },
  'DELETE /projects/:project/sessions/:session': { path: `/projects/${project}/sessions/${uuid(2)}`, fresh: true },
  'GET /billing/entitlement': {},
  'POST /search/resume': { body: { query: 'do it' } },
  'GET /search': { path: `/search?q=${secret}&facets=1` },
  'GET /lore/runs': {},
  'GET /lore/skills/library': {},
  'POST /lore/run': { body: {}, status: 501 },
  'PATCH /lore/dossiers/:id': { path: '/lore/dossiers/x', body: { action: 'approve' }, status: 404 },
  'PATCH /lore/skills/:name': { path: '/lore/skills/x', body: { install_state: 'installed' }, status: 404 },
};

const nameOf = ({ method, path }: SpecstoryRoute) => `${method} ${path}`;

let server: TestServer;
let people: Record<'owner' | 'writer' | 'reader' | 'stranger', Account>;

beforeAll(async () => {
  server = await startServer();
  people = {
    owner: await server.account('owner'),
    writer: await server.account('writer'),
    reader: await server.account('reader'),
    stranger: await server.account('stranger'),
  };
});
afterAll(() => server.stop());

/** The project of the owner with two sessions, as it is unless a test before took something away. */
async function seeded(): Promise<void> {
  const token = await server.token(people.owner, ...scopes);
  for (const n of [1, 2]) {
    const body = gzipSync(JSON.stringify({ ...bodyOf(uuid(n), [secret]), projectName: secret }));
    const headers = { 'Content-Encoding': 'gzip', 'Content-Type': 'application/json' };
    await server.send('PUT', `/api/v1/projects/${project}/sessions/${uuid(n)}`, { token, headers, body });
  }
  const made = await projectFor(server.registry, { account: people.owner.id }, project);
  if (!made) throw new Error('no project');
  for (const role of ['reader', 'writer'] as const)
    await setMember(server.registry, made, { name: role, role, by: 'administrator' });
}

async function ask(route: SpecstoryRoute, token: string | undefined, path?: string): Promise<Answer> {
  const row = requests[nameOf(route)];
  return server.send(route.method, `/api/v1${path ?? row?.path ?? route.path}`, { token, body: row?.body });
}

const seen = ({ status, headers, text }: Answer) => {
  const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name) && !name.startsWith('x-rate'));
  return { status, headers: kept, text };
};

const cases = specstoryTable.map((route) => [nameOf(route), route] as const);
const inProject = cases.filter(([, { path }]) => path.includes(':project'));

describe('every route of SpecStory’s API', () => {
  it('has a row here', () => {
    expect(specstoryTable.map(nameOf).sort()).toEqual(Object.keys(requests).sort());
  });

  it.each(cases)('%s answers who may ask, in the envelope, with what is left of the allowance', async (name, route) => {
    await seeded();
    const answer = await ask(route, await server.token(people.owner, ...scopes));
    const status = requests[name]?.status ?? 200;
    expect(answer.status, answer.text).toBe(status);
    if (status >= 400) expect(answer.json).toEqual({ success: false, error: expect.any(String) });
    else expect(answer.json.success).toBe(true);
    for (const header of ['Limit', 'Remaining', 'Reset'])
      expect(Number(answer.headers.get(`X-RateLimit-${header}`)), header).toBeGreaterThan(0);
  });

  it.each(cases)('%s is closed without a good token (B73)', async (_name, route) => {
    const good = await server.token(people.owner, ...scopes);
    const revoked = await server.token(people.owner, ...scopes);
    await revokeToken(server.registry, revoked);
    const none = await ask(route, undefined);
    expect(none).toMatchObject({ status: 401, json: { success: false, error: 'Invalid session token' } });
    for (const bad of [revoked, good.slice(0, -1), `${good} x`])
      expect(seen(await ask(route, bad))).toEqual(seen(none));
  });

  it.each(cases)('%s needs its scope', async (_name, route) => {
    await seeded();
    for (const scope of scopes.filter((one) => one !== route.scope)) {
      const answer = await ask(route, await server.token(people.owner, scope));
      expect(answer, scope).toMatchObject({ status: 403, json: { success: false } });
    }
  });

  it.each(inProject.filter(([, { method }]) => method !== 'PUT'))(
    '%s looks to a stranger as if there were no project (B47)',
    async (_name, route) => {
      await seeded();
      const token = await server.token(people.stranger, ...scopes);
      const path = requests[nameOf(route)]?.path ?? '';
      const answer = await ask(route, token, path);
      expect(answer.status).toBe(route.absent === undefined ? 404 : 200);
      expect(answer.text).not.toContain(secret);
      expect(seen(answer)).toEqual(seen(await ask(route, token, path.replace(project, 'f'.repeat(16)))));
    },
  );

  it.each(inProject)('%s heeds roles', async (name, route) => {
    const rank: readonly Role[] = ['reader', 'writer', 'owner'];
    expect(route.role, 'a route in a project says the least role').toBeDefined();
    for (const role of rank) {
      await seeded();
      const answer = await ask(route, await server.token(people[role], ...scopes));
      const may = rank.indexOf(role) >= rank.indexOf(route.role ?? 'owner');
      // A writer deletes what is his own only.
      const isAnothers = name.startsWith('DELETE') && role === 'writer';
      expect(answer.status, `${role} ${answer.text}`).toBe(may && !isAnothers ? 200 : 403);
    }
  });

  it('gives nobody anything of others, whatever the route lists (B48)', async () => {
    await seeded();
    const token = await server.token(people.stranger, ...scopes);
    for (const route of specstoryTable) {
      const answer = await ask(route, token);
      expect(answer.text, nameOf(route)).not.toContain(secret);
      expect(answer.text, nameOf(route)).not.toContain(`"${people.owner.id}"`);
    }
    const mine: Scope[] = ['sessions:read'];
    const all = await server.send('GET', '/api/v1/projects?resumable=true', {
      token: await server.token(people.stranger, ...mine),
    });
    expect(all.text).not.toContain(secret);
  });

  it('the same ids of two accounts are two projects and two sessions', async () => {
    await seeded();
    const token = await server.token(people.stranger, ...scopes);
    const body = bodyOf(uuid(1), ['another']);
    const path = `/api/v1/projects/${project}/sessions/${uuid(1)}`;
    const gone = await server.send('DELETE', `/api/v1/projects/${project}`, { token });
    const put = await server.send('PUT', path, { token, body });
    expect([[200, 404].includes(gone.status), put.status]).toEqual([true, 201]);
    const owners = await server.send('GET', path, { token: await server.token(people.owner, ...scopes) });
    expect(owners.json.data.session.markdownContent).toContain(secret);
    expect((await server.send('GET', path, { token })).json.data.session.markdownContent).toBe(body.markdown);
  });
});
