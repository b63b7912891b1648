import { beforeEach, describe, expect, it } from 'vitest';
import { allowances } from '../../../src/server/accounts/rate-limit.ts';
import { offerSetUp } from '../../../src/server/accounts/set-up.ts';
import { pageTable } from '../../../src/server/routes/page-table.ts';
import { formHeaders, type TestServer, testServer } from '../../hosts/server.ts';

let server: TestServer;

const form = (fields: Record<string, string>) => new URLSearchParams(fields).toString();
const submit = (path: string, fields: Record<string, string>, headers: Record<string, string> = {}) =>
  server.send('POST', path, { headers: { ...formHeaders(server.url), ...headers }, body: form(fields) });
const names = pageTable.map((route) => [`${route.method} ${route.path}`, route] as const);

describe('every page and form', () => {
  beforeEach(async () => {
    server = await testServer();
    await server.account('bob');
  });

  it.each(names.filter(([, { who, method }]) => who === 'account' && method === 'GET'))(
    '%s asks who comes without a cookie to sign in, whatever token it brings',
    async (_name, { path }) => {
      const bob = (await server.registry.store.accounts.list())[0];
      const token = bob && (await server.token(bob, 'admin'));
      for (const headers of [{}, { Cookie: 'specstory=nothing' }, { Authorization: `Bearer ${token}` }]) {
        const answer = await server.send('GET', path, { headers });
        expect(answer.status).toBe(303);
        expect(answer.headers.get('Location')).toBe(`/signin?next=${encodeURIComponent(path)}`);
      }
      expect((await (await server.browser('bob')).get(path)).status).toBe(200);
    },
  );

  it.each(names.filter(([, { method }]) => method === 'POST'))(
    '%s takes no form from another site (B74)',
    async (_name, { path, who }) => {
      const { cookie } = await server.browser('bob');
      const headers: Record<string, string>[] = [
        { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' },
        { Origin: 'null' },
        { Origin: 'null', 'Sec-Fetch-Site': 'same-origin' },
        { Origin: server.url.replace('127.0.0.1', 'localhost') },
        { Origin: `${server.url}.evil.example` },
        { Origin: server.url, 'Sec-Fetch-Site': 'same-site' },
        { 'Sec-Fetch-Site': 'none' },
        {},
      ];
      for (const one of headers) {
        const type = { 'Content-Type': 'application/x-www-form-urlencoded', Cookie: cookie };
        const answer = await server.send('POST', path, { headers: { ...type, ...one }, body: 'key=x' });
        expect(answer.status, JSON.stringify(one)).toBe(403);
      }
      if (who === 'anyone') return;
      const other = await server.browser('bob');
      const key = /name="key" value="([0-9a-f]+)"/.exec((await other.get('/tokens')).text)?.[1] ?? '';
      for (const wrong of ['', 'x', key])
        expect((await submit(path, { key: wrong }, { Cookie: cookie })).status).toBe(403);
      expect((await submit(path, { key }, {})).status, 'no cookie').toBe(401);
    },
  );

  it.each(names.filter(([, { method }]) => method === 'POST'))(
    '%s takes forms only, and cannot be reached by another method (B74)',
    async (_name, { path }) => {
      const { cookie } = await server.browser('bob');
      for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
        const headers = { ...formHeaders(server.url), Cookie: cookie, 'Content-Type': type };
        const answer = await server.send('POST', path, { headers, body: '{"key":1}' });
        expect(answer.status, type).toBe(415);
      }
      for (const override of [{ 'X-HTTP-Method-Override': 'POST' }, { 'X-HTTP-Method': 'POST' }])
        expect([200, 303, 404]).toContain(
          (await server.send('GET', path, { headers: { ...override, Cookie: cookie } })).status,
        );
      for (const method of ['PUT', 'DELETE', 'PATCH'])
        expect((await server.send(method, path, { headers: { Cookie: cookie } })).status).toBe(404);
    },
  );

  it('keeps what a page shows to this browser and this site', async () => {
    for (const path of ['/', '/tokens', '/cli-login', '/device']) {
      const { headers, text } = await (await server.browser('bob')).get(path);
      expect(headers.get('Content-Security-Policy')).toMatch(
        /default-src 'none'.*form-action 'self'.*frame-ancestors 'none'/,
      );
      expect(Object.fromEntries(headers)).toMatchObject({
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
        'x-frame-options': 'DENY',
      });
      expect(headers.get('Strict-Transport-Security'), 'plain http').toBeNull();
      expect(text).not.toMatch(/<script|style=|onclick|https?:\/\/(?!127\.0\.0\.1)/);
    }
  });
});

describe('signing in', () => {
  beforeEach(async () => {
    server = await testServer();
    await server.account('bob');
  });

  it('gives a cookie that scripts and other sites do not get, another with every sign-in', async () => {
    const answer = await submit('/signin', { name: 'BOB', password: 'bob-password', next: '/tokens' });
    expect(answer.status).toBe(303);
    expect(answer.headers.get('Location')).toBe('/tokens');
    expect(answer.headers.get('Set-Cookie')).toMatch(
      /^specstory=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/,
    );
    const cookies = [await server.browser('bob'), await server.browser('bob')].map(({ cookie }) => cookie);
    expect(new Set(cookies).size).toBe(2);
  });

  it('has a cookie for https that no other host can plant', async () => {
    server = await testServer({ site: { origin: 'https://history.example.org' } });
    await server.account('bob');
    const headers = { Origin: 'https://history.example.org' };
    const answer = await submit('/signin', { name: 'bob', password: 'bob-password' }, headers);
    expect(answer.headers.get('Set-Cookie')).toMatch(/^__Host-specstory=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    expect(answer.headers.get('Set-Cookie')).not.toContain('Domain');
    expect(answer.headers.get('Strict-Transport-Security')).toMatch(/max-age=31536000/);
    expect((await submit('/signin', {}, { Origin: 'http://history.example.org' })).status).toBe(403);
  });

  it('says the same of a wrong password, an unknown name, a disabled account and one without a password', async () => {
    const carol = await server.account('carol');
    await server.registry.store.accounts.change(carol.id, { disabled: true });
    await server.registry.store.accounts.add({ id: 'f'.repeat(32), name: 'robot', admin: false, created: 0 });
    const answers = await Promise.all(
      [
        ['bob', 'wrong'],
        ['nobody', 'nobody-password'],
        ['carol', 'carol-password'],
        ['robot', 'robot-password'],
        ['robot', ''],
        ['<b>\0', 'x'],
      ].map(([name = '', password = '']) => submit('/signin', { name, password, next: '/' })),
    );
    const shown = answers.map(({ status, text }) => `${status} ${text.replace(/name="name" value="[^"]*"/, '')}`);
    expect(new Set(shown).size).toBe(1);
    expect(shown[0]).toContain('Name or password is wrong.');
    for (const { headers } of answers) expect(headers.get('Set-Cookie')).toBeNull();
  });

  it('leads to our own pages only', async () => {
    for (const next of [
      '//evil.example',
      'https://evil.example',
      '/\\evil.example',
      '/device?user_code=%2F%2Fx',
      '/signout',
      '',
      '/x',
    ]) {
      const answer = await submit('/signin', { name: 'bob', password: 'bob-password', next });
      expect(answer.headers.get('Location'), next).toBe('/');
    }
    const wanted = '/device?user_code=BCDF-GHJK';
    const first = await server.send('GET', wanted);
    const page = await server.send('GET', first.headers.get('Location') ?? '');
    expect(page.text).toContain(`name="next" value="${wanted}"`);
    expect(
      (await submit('/signin', { name: 'bob', password: 'bob-password', next: wanted })).headers.get('Location'),
    ).toBe(wanted);
  });

  it('ends with signing out, with a new password and when the account is disabled', async () => {
    const browsers = [await server.browser('bob'), await server.browser('bob')];
    await browsers[0]?.post('/signout');
    expect((await browsers[0]?.get('/'))?.status).toBe(303);
    expect((await browsers[1]?.get('/'))?.status).toBe(200);
    const { id } = (await server.registry.store.accounts.list())[0] ?? { id: '' };
    await server.registry.store.accounts.change(id, { disabled: true });
    expect((await browsers[1]?.get('/'))?.status).toBe(303);
  });

  it('ends after 30 days', async () => {
    const bob = await server.browser('bob');
    server.wait(30 * 86_400_000);
    expect((await bob.get('/')).status).toBe(303);
  });

  it('bounds guesses by address, and by name from everywhere (B71)', async () => {
    server = await testServer({
      trusted: ['127.0.0.1'],
      allowances: { signIn: allowances.signIn, signInName: allowances.signInName },
    });
    await server.account('bob');
    const guess = (address: string, name: string) =>
      submit('/signin', { name, password: 'wrong' }, { 'X-Forwarded-For': address });
    const one = await Promise.all(Array.from({ length: 12 }, () => guess('198.51.100.1', 'eve')));
    expect(one.filter(({ status }) => status === 429)).toHaveLength(2);
    const many = await Promise.all(
      Array.from({ length: 55 }, (_, at) => guess(`198.51.${at + 101}.1`, at % 2 ? 'bob' : 'BOB')),
    );
    expect(many.filter(({ status }) => status === 429)).toHaveLength(5);
  });
});

describe('setting up', () => {
  beforeEach(async () => {
    server = await testServer();
  });
  const first = { name: 'root', password: 'a long password' };

  it('makes the first account, an administrator, once', async () => {
    const old = (await offerSetUp(server.registry)) ?? '';
    const setup = (await offerSetUp(server.registry)) ?? '';
    expect((await server.send('GET', `/setup?key=${old}`)).status).toBe(404);
    expect((await server.send('GET', '/setup')).status).toBe(404);
    expect((await server.send('GET', `/setup?key=${setup}`)).text).toContain('Make the account');
    expect((await submit('/setup', { ...first, setup, password: 'short' })).text).toContain('10 to 200 characters');
    const all = await Promise.all(
      Array.from({ length: 10 }, (_, at) => submit('/setup', { ...first, name: `root${at}`, setup })),
    );
    expect(all.filter(({ status }) => status === 303)).toHaveLength(1);
    expect(all.filter(({ status }) => status === 404)).toHaveLength(9);
    const accounts = await server.registry.store.accounts.list();
    expect(accounts).toMatchObject([{ admin: true }]);
    expect(await offerSetUp(server.registry)).toBeUndefined();
    expect((await server.send('GET', `/setup?key=${setup}`)).status).toBe(404);
    expect(server.logged.join()).not.toContain(setup);
  });

  it('is over once an account was made in another way', async () => {
    const setup = (await offerSetUp(server.registry)) ?? '';
    await server.account('alice');
    expect((await submit('/setup', { ...first, setup })).status).toBe(404);
  });
});

describe('the pages of an account', () => {
  beforeEach(async () => {
    server = await testServer();
    await server.account('bob');
  });

  it('make a token that is shown once, and revoke it', async () => {
    const bob = await server.browser('bob');
    const made = await bob.post('/tokens', { name: 'builds <b>', 'capture:write': 'yes', days: '30' });
    const token = /ss_pat_[0-9A-Za-z]{49}/.exec(made.text)?.[0];
    const { json } = await server.send('GET', '/api/v2/whoami', { token });
    expect(json.token).toMatchObject({ name: 'builds <b>', scopes: ['capture:write'] });
    const page = (await bob.get('/tokens')).text;
    expect(page).toContain('builds &lt;b&gt;');
    expect(page).not.toContain('ss_pat_');
    await bob.post('/tokens/revoke', { token: json.token.id });
    expect((await server.send('GET', '/api/v2/whoami', { token })).status).toBe(401);
    expect((await bob.post('/tokens', { name: 'x', days: '30' })).text).toContain('a token needs a scope');
    expect((await bob.post('/tokens', { name: 'x', admin: 'yes', days: '400' })).text).toContain('within 366 days');
  });

  it('revoke nothing of another account', async () => {
    const eve = await server.account('eve');
    const token = await server.token(eve, 'admin');
    const { json } = await server.send('GET', '/api/v2/whoami', { token });
    await (await server.browser('bob')).post('/tokens/revoke', { token: json.token.id, device: json.token.id });
    expect((await server.send('GET', '/api/v2/whoami', { token })).status).toBe(200);
  });

  it('list projects, and let in to one only who accepts', async () => {
    const alice = await server.account('alice');
    const { access } = server.services;
    const actor = { account: alice.id, name: 'alice', scopes: new Set([]) };
    await access.project(actor, 'shared', { create: true });
    const token = await server.token(alice, 'admin', 'sessions:read');
    const put = await server.send('PUT', '/api/v2/projects/shared/members/bob', { token, body: { role: 'writer' } });
    expect(put.json).toEqual({ name: 'bob', role: 'writer', invited: true });
    const bob = await server.browser('bob');
    const page = (await bob.get('/')).text;
    expect(page).toContain('invites you to the project');
    const project = /name="project" value="([0-9a-f]{32})"/.exec(page)?.[1] ?? '';
    const account = (await server.registry.store.accounts.find('bob'))?.id ?? '';
    const his = { account, name: 'bob', scopes: new Set([]) };
    expect(await access.project(his, 'shared'), 'not yet').toBeUndefined();
    await bob.post('/invitations', { project, decision: 'accept' });
    expect(await access.project(his, 'shared')).toMatchObject({ key: project, role: 'writer' });
    expect((await bob.get('/')).text).toContain('<td>shared</td>');
  });

  it('decline an invitation, and join nothing that nobody invited to', async () => {
    const alice = await server.account('alice');
    const { access, registry } = server.services;
    const project = await access.project({ account: alice.id, name: 'alice', scopes: new Set([]) }, 'x', {
      create: true,
    });
    const bob = await server.browser('bob');
    await bob.post('/invitations', { project: project?.key ?? '', decision: 'accept' });
    expect(await registry.store.projects.members(project?.key ?? '')).toHaveLength(1);
  });
});
