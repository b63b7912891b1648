import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Role, type Scope, scopes } from '../../../src/server/access.ts';
import { projectFor, setMember } from '../../../src/server/accounts/projects.ts';
import { newPersonalToken, revokeToken } from '../../../src/server/accounts/tokens.ts';
import type { ApiRoute } from '../../../src/server/routes/api.ts';
import { apiTable } from '../../../src/server/routes/api-table.ts';
import { refusalsOf } from '../../../src/server/routes/openapi.ts';
import type { Account } from '../../../src/server/store/account-store.ts';
import { type Answer, startServer, type TestServer } from '../../hosts/server.ts';
import { exchange, plantPushed, sessionFiles } from '../sessions.ts';

/** A request for each route that its rightful caller gets an answer to. A route without a row here fails. */
const requests: Record<string, { path?: (made: Made) => string; body?: object; status?: number }> = {
  'GET /server': {},
  'GET /whoami': {},
  'POST /device/code': { body: { client: 'test' } },
  'POST /device/token': { body: { device_code: 'x' }, status: 400 },
  'POST /token/refresh': { body: { refresh_token: 'x' }, status: 401 },
  'POST /token/revoke': { body: { token: 'x' } },
  'GET /tokens': {},
  'POST /tokens': { body: { name: 't', scopes: ['admin'] }, status: 201 },
  'DELETE /tokens/:id': { path: ({ tokenId }) => `/tokens/${tokenId}` },
  'GET /projects': {},
  'GET /projects/:project': { path: () => '/projects/shared' },
  'GET /projects/:project/status': { path: () => '/projects/shared/status' },
  'GET /projects/:project/annotations': { path: () => '/projects/shared/annotations' },
  'POST /projects/:project/annotations': {
    path: () => '/projects/shared/annotations',
    body: { session: 's1', statement: { kind: 'title', value: 'A title' } },
  },
  'POST /projects/:project/purge': { path: () => '/projects/shared/purge', body: { sessions: ['nothing'] } },
  'GET /projects/:project/members/:name': { path: () => '/projects/shared/members/reader' },
  'PUT /projects/:project/members/:name': { path: () => '/projects/shared/members/writer', body: { role: 'writer' } },
  'DELETE /projects/:project/members/:name': { path: ({ spare }) => `/projects/shared/members/${spare}` },
  'GET /search': { path: () => '/search?q=Do&facets=1&explain=1' },
  'GET /admin/users': {},
  'POST /admin/users': { body: { name: 'made-by-test' }, status: 201 },
  'PATCH /admin/users/:name': { path: ({ spare }) => `/admin/users/${spare}`, body: { disabled: false } },
  'GET /admin/tokens': {},
  'GET /admin/users/:name/tokens': { path: () => '/admin/users/owner/tokens' },
  'POST /admin/users/:name/tokens': {
    path: () => '/admin/users/owner/tokens',
    body: { name: 't', scopes: ['admin'] },
    status: 201,
  },
  'DELETE /admin/tokens/:id': { path: ({ tokenId }) => `/admin/tokens/${tokenId}` },
  'GET /admin/projects': {},
  'POST /admin/reindex': { body: {} },
  'GET /admin/projects/:owner/:id/members': { path: () => '/admin/projects/owner/shared/members' },
  'PUT /admin/projects/:owner/:id/members/:name': {
    path: () => '/admin/projects/owner/shared/members/writer',
    body: { role: 'writer' },
  },
  'DELETE /admin/projects/:owner/:id/members/:name': {
    path: ({ spare }) => `/admin/projects/owner/shared/members/${spare}`,
  },
};

interface Made {
  readonly tokenId: string;
  readonly spare: string;
}

const nameOf = ({ method, path }: ApiRoute) => `${method} ${path}`;
const everything: readonly Scope[] = scopes;

let server: TestServer;
let people: Record<'root' | 'owner' | 'writer' | 'reader' | 'stranger', Account>;
let count = 0;

beforeAll(async () => {
  server = await startServer();
  const account = (name: string) => server.account(name, { admin: name === 'root' });
  people = {
    root: await account('root'),
    owner: await account('owner'),
    writer: await account('writer'),
    reader: await account('reader'),
    stranger: await account('stranger'),
  };
  const { registry } = server;
  // The administrator has a project of the same id, which has nothing to do with it.
  for (const { id } of [people.owner, people.root])
    await projectFor(registry, { account: id }, 'shared', { create: true });
  const shared = await projectOf('owner');
  for (const role of ['reader', 'writer'] as const)
    await setMember(registry, shared, { name: role, role, by: 'administrator' });
  await plantPushed(server.side, shared.key, { writer: 'a'.repeat(16), files: sessionFiles('s1', [exchange('x1')]) });
});
afterAll(() => server.stop());

async function projectOf(name: keyof typeof people) {
  const found = await projectFor(server.registry, { account: people[name].id }, 'shared');
  if (!found) throw new Error('no project');
  return found;
}

/** Who may do what a route asks for. */
const rightful = (route: ApiRoute): Account => (route.administrator ? people.root : people.owner);

/** Something new to take away, for the rightful caller. */
async function made(route: ApiRoute): Promise<Made> {
  const spare = `spare-${++count}`;
  await server.account(spare);
  await setMember(server.registry, await projectOf('owner'), { name: spare, role: 'reader', by: 'administrator' });
  const { token } = await newPersonalToken(server.registry, rightful(route), { name: 't', scopes: ['admin'] });
  return { tokenId: token.id, spare };
}

async function ask(
  route: ApiRoute,
  token: string | undefined,
  more: { path?: string; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const row = requests[nameOf(route)];
  const path = more.path ?? row?.path?.(await made(route)) ?? route.path;
  const { headers = {} } = more;
  return server.send(route.method, `/api/v2${path}`, { token, headers, body: row?.body });
}

/** What a client can see of an answer, but for what differs each time. */
const seen = ({ status, headers, text }: Answer) => {
  const kept = [...headers].filter(([name]) => !['date', 'x-request-id'].includes(name));
  return { status, headers: kept, text };
};

const guarded = apiTable.filter(({ scope }) => scope !== 'public');

describe('every route of the API', () => {
  it('has a row here', () => {
    expect(apiTable.map(nameOf).sort()).toEqual(Object.keys(requests).sort());
  });

  it.each(apiTable.map((route) => [nameOf(route), route] as const))('%s answers who may ask', async (name, route) => {
    const token = await server.token(rightful(route), ...everything);
    const answer = await ask(route, route.scope === 'public' ? undefined : token);
    expect(answer.status, answer.text).toBe(requests[name]?.status ?? 200);
    expect(answer.headers.get('Cache-Control')).toBe('no-store');
    // A field that the description does not have would be missing from what was parsed.
    const said = route.stream
      ? answer.text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line))
      : [answer.json];
    if (answer.status < 400) expect(said.map((value) => route.reply.parse(value))).toEqual(said);
    else expect(refusalsOf(route)).toContain(answer.json.code);
    expect(answer.status).toBe(answer.status < 400 ? (route.created ? 201 : 200) : answer.json.status);
  });

  it.each(guarded.map((route) => [nameOf(route), route] as const))(
    '%s is closed without a good token (B73)',
    async (_name, route) => {
      const { registry } = server;
      const account = rightful(route);
      const good = await server.token(account, ...everything);
      const revoked = await server.token(account, ...everything);
      await revokeToken(registry, revoked);
      const brief = { name: 't', scopes: everything, expires: registry.now() + 1000 };
      const { text: expired } = await newPersonalToken(registry, account, brief);
      server.wait(1000);
      const { cookie } = await server.browser(account.name);
      const path = requests[nameOf(route)]?.path?.(await made(route)) ?? route.path;
      const none = await ask(route, undefined, { path });
      expect(none).toMatchObject({ status: 401, json: { code: 'unauthorized' } });
      const headers = [
        { Authorization: `Bearer ${revoked}` },
        { Authorization: `Bearer ${expired}` },
        { Authorization: `Bearer ${good.slice(0, -1)}` },
        { Authorization: `Bearer  ${good}` },
        { Authorization: `Bearer ${good} x` },
        { Authorization: good },
        { Authorization: `Digest ${good}` },
        { Authorization: `Basic ${Buffer.from(good).toString('base64')}` },
        { Cookie: cookie },
      ];
      for (const header of headers) {
        const answer = await ask(route, undefined, { path, headers: header });
        expect(seen(answer), JSON.stringify(header).slice(0, 30)).toEqual(seen(none));
      }
      const and = path.includes('?') ? '&' : '?';
      expect(seen(await ask(route, undefined, { path: `${path}${and}token=${good}&access_token=${good}` }))).toEqual(
        seen(none),
      );
      expect(server.logged.join('\n')).not.toMatch(/ss_(?:at|rt|pat)_/);
    },
  );

  it.each(guarded.map((route) => [nameOf(route), route] as const))('%s needs its scope', async (_name, route) => {
    const { scope } = route;
    for (const one of scopes) {
      const answer = await ask(route, await server.token(rightful(route), one));
      if (scope === 'any' || one === scope) expect([401, 403], one).not.toContain(answer.status);
      else expect(answer, one).toMatchObject({ status: 403, json: { code: 'insufficient_scope' } });
    }
  });

  const inProject = apiTable.filter(({ path }) => path.includes(':project'));
  it.each(inProject.map((route) => [nameOf(route), route] as const))(
    '%s looks to a stranger as if there were no project (B47)',
    async (_name, route) => {
      const token = await server.token(people.stranger, ...everything);
      const path = requests[nameOf(route)]?.path?.(await made(route)) ?? '';
      const answer = await ask(route, token, { path });
      expect(answer.status).toBe(404);
      expect(seen(answer)).toEqual(seen(await ask(route, token, { path: path.replace('/shared', '/absent') })));
      const key = (await projectOf('owner')).key;
      expect(seen(answer)).toEqual(seen(await ask(route, token, { path: path.replace('/shared', `/${key}`) })));
    },
  );

  it.each(inProject.map((route) => [nameOf(route), route] as const))('%s heeds roles', async (_name, route) => {
    const rank: readonly Role[] = ['reader', 'writer', 'owner'];
    expect(route.role, 'a route in a project says the least role').toBeDefined();
    for (const role of rank) {
      const answer = await ask(route, await server.token(people[role], ...everything));
      const may = rank.indexOf(role) >= rank.indexOf(route.role ?? 'owner');
      if (may) expect(answer.status, `${role} ${answer.text}`).toBeLessThan(400);
      else expect(answer, role).toMatchObject({ status: 403, json: { code: 'insufficient_role' } });
    }
  });

  it.each(inProject.map((route) => [nameOf(route), route] as const))(
    '%s is closed to a member from the moment it is none',
    async (_name, route) => {
      const name = `former-${++count}`;
      const token = await server.token(await server.account(name), ...everything);
      const project = await projectOf('owner');
      await setMember(server.registry, project, { name, role: 'owner', by: 'administrator' });
      const path = requests[nameOf(route)]?.path?.(await made(route)) ?? '';
      expect((await ask(route, token, { path })).status).toBeLessThan(400);
      const removed = await server.send('DELETE', `/api/v2/projects/shared/members/${name}`, {
        token: await server.token(people.owner, 'admin'),
      });
      expect(removed.status).toBe(200);
      expect((await ask(route, token, { path })).status).toBe(404);
    },
  );

  const ofServer = apiTable.filter(({ path }) => path.startsWith('/admin/'));
  it.each(ofServer.map((route) => [nameOf(route), route] as const))(
    '%s is for administrators',
    async (_name, route) => {
      expect(route.administrator).toBe(true);
      const answer = await ask(route, await server.token(people.owner, ...everything));
      expect(answer).toMatchObject({ status: 403, json: { code: 'insufficient_role' } });
    },
  );

  it.each(guarded.map((route) => [nameOf(route), route] as const))(
    '%s is closed to a disabled account',
    async (_name, route) => {
      const account = await server.account(`gone-${++count}`, { admin: true });
      const token = await server.token(account, ...everything);
      await server.registry.store.accounts.change(account.id, { disabled: true });
      expect((await ask(route, token)).status).toBe(401);
    },
  );
});
