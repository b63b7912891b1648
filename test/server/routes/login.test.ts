import { describe, expect, it } from 'vitest';
import { tokenKind } from '../../../src/core/token.ts';
import { allowances } from '../../../src/server/accounts/rate-limit.ts';
import { hashOf } from '../../../src/server/accounts/secrets.ts';
import { type Answer, type Browser, formHeaders, type TestServer, testServer } from '../../hosts/server.ts';

const minute = 60_000;
const day = 24 * 60 * minute;

const post = (server: TestServer, path: string, body: object): Promise<Answer> =>
  server.send('POST', `/api/v2${path}`, { body });
const whoami = (server: TestServer, token: string) => server.send('GET', '/api/v2/whoami', { token });
const refresh = (server: TestServer, refresh_token: string) => post(server, '/token/refresh', { refresh_token });

async function asked(server: TestServer): Promise<{ device_code: string; user_code: string }> {
  return (await post(server, '/device/code', { client: 'specstory', hostname: 'laptop' })).json;
}

/** The n-th of all user codes. */
function nthCode(n: number): string {
  const letters = 'BCDFGHJKLMNPQRSTVWXZ';
  return Array.from({ length: 8 }, (_, place) => letters[Math.floor(n / 20 ** place) % 20]).join('');
}

const decide = (browser: Browser, user_code: string, decision = 'allow') =>
  browser.post('/device/decide', { user_code, decision });

/** The tokens of a device of bob's. */
async function signedIn(server: TestServer): Promise<{ access_token: string; refresh_token: string }> {
  const bob = await server.browser('bob');
  const { device_code, user_code } = await asked(server);
  await decide(bob, user_code);
  return (await post(server, '/device/token', { device_code })).json;
}

async function withBob(...world: Parameters<typeof testServer>): Promise<TestServer> {
  const server = await testServer(...world);
  await server.account('bob');
  return server;
}

describe('the sign-in of a device', () => {
  it('gives the tokens of the account that let it in, once', async () => {
    const server = await withBob();
    const codes = (await post(server, '/device/code', { client: 'specstory', hostname: 'laptop' })).json;
    expect(codes).toEqual({
      device_code: expect.stringMatching(/^[\w-]{43}$/),
      user_code: expect.stringMatching(/^[B-Z]{4}-[B-Z]{4}$/),
      verification_uri: `${server.url}/device`,
      verification_uri_complete: `${server.url}/device?user_code=${codes.user_code}`,
      expires_in: 900,
      interval: 5,
    });
    const { device_code, user_code } = codes;
    const poll = () => post(server, '/device/token', { device_code });
    expect(await poll()).toMatchObject({ status: 400, json: { code: 'authorization_pending' } });
    expect(await poll()).toMatchObject({ status: 400, json: { code: 'slow_down' } });
    const bob = await server.browser('bob');
    const page = await bob.get(`/device?user_code=${user_code}`);
    for (const shown of ['laptop', 'specstory', user_code, '127.0.0.1', 'bob']) expect(page.text).toContain(shown);
    expect((await decide(bob, user_code.toLowerCase().replace('-', ' '))).text).toContain('connected');
    const tokens = await poll();
    expect(tokens).toMatchObject({ status: 200, json: { name: 'bob' } });
    expect([tokenKind(tokens.json.access_token), tokenKind(tokens.json.refresh_token)]).toEqual(['access', 'refresh']);
    expect(await whoami(server, tokens.json.access_token)).toMatchObject({
      status: 200,
      json: {
        name: 'bob',
        token: {
          name: 'specstory on laptop',
          scopes: ['capture:write', 'sessions:read', 'search:read', 'share:write'],
          expires_at: tokens.json.expires_at,
        },
      },
    });
    expect(await poll()).toMatchObject({ status: 400, json: { code: 'expired_token' } });
  });

  it('is not let in by a page that was only opened', async () => {
    const server = await withBob();
    const { device_code, user_code } = await asked(server);
    const bob = await server.browser('bob');
    await bob.get(`/device?user_code=${user_code}`);
    await bob.post('/device', { user_code });
    expect(await post(server, '/device/token', { device_code })).toMatchObject({
      json: { code: 'authorization_pending' },
    });
  });

  it('ends when it is denied, and when nobody decides in 15 minutes (B71)', async () => {
    const server = await withBob();
    const bob = await server.browser('bob');
    const [denied, late] = [await asked(server), await asked(server)];
    await decide(bob, denied.user_code, 'deny');
    expect(await post(server, '/device/token', { device_code: denied.device_code })).toMatchObject({
      status: 400,
      json: { code: 'access_denied' },
    });
    server.wait(15 * minute);
    expect((await decide(bob, late.user_code)).text).toContain('not open');
    const unknown = await post(server, '/device/token', { device_code: 'never given' });
    const expired = await post(server, '/device/token', { device_code: late.device_code });
    expect(expired).toMatchObject({ status: 400, json: { code: 'expired_token' } });
    expect(expired.text).toBe(unknown.text);
  });

  it('is redeemed once by fifty who try at the same time (B71)', async () => {
    const server = await withBob();
    const { device_code, user_code } = await asked(server);
    await decide(await server.browser('bob'), user_code);
    const all = await Promise.all(Array.from({ length: 50 }, () => post(server, '/device/token', { device_code })));
    expect(all.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(new Set(all.filter(({ status }) => status !== 200).map(({ json }) => json.code))).toEqual(
      new Set(['expired_token']),
    );
  });

  it('bounds ten thousand guesses to five, which find nothing (B71)', async () => {
    const server = await withBob({ allowances: { userCode: allowances.userCode } });
    const { device_code } = await asked(server);
    const bob = await server.browser('bob');
    const key = /name="key" value="([0-9a-f]+)"/.exec((await bob.get('/tokens')).text)?.[1] ?? '';
    const headers = { ...formHeaders(server.url), Cookie: bob.cookie };
    const statuses: number[] = [];
    for (let at = 0; at < 10_000; at += 50) {
      const guesses = Array.from({ length: 50 }, (_, inside) => {
        const body = new URLSearchParams({ key, user_code: nthCode(at + inside), decision: 'allow' }).toString();
        return server.send('POST', '/device/decide', { headers, body });
      });
      statuses.push(...(await Promise.all(guesses)).map(({ status }) => status));
    }
    expect(statuses.filter((status) => status !== 429)).toEqual([200, 200, 200, 200, 200]);
    expect(await post(server, '/device/token', { device_code })).toMatchObject({
      json: { code: 'authorization_pending' },
    });
    const refused = await decide(bob, 'BBBBBBBB');
    expect(Number(refused.headers.get('Retry-After'))).toBeGreaterThan(60);
  });

  it('shows what a program says of itself as text, without what deceives', async () => {
    const server = await withBob();
    const body = { client: '<script>alert(1)</script>\u202e', hostname: `${'x'.repeat(190)}\u001b[31m` };
    const { user_code } = (await post(server, '/device/code', body)).json;
    const { text } = await (await server.browser('bob')).get(`/device?user_code=${user_code}`);
    expect(text).toContain('&lt;script&gt;alert(1)');
    expect(text).not.toMatch(/<script|\u202e|\u001b|x{65}/);
  });
});

describe('a refresh token', () => {
  it('is exchanged once by eight programs at the same moment, and none is signed out (B72, R21)', async () => {
    const server = await withBob();
    let { refresh_token } = await signedIn(server);
    for (let round = 0; round < 20; round++) {
      server.wait(60 * minute);
      const all = await Promise.all(Array.from({ length: 8 }, () => refresh(server, refresh_token)));
      expect(new Set(all.map(({ status }) => status))).toEqual(new Set([200]));
      expect(new Set(all.map(({ text }) => text)).size).toBe(1);
      expect((await whoami(server, all[0]?.json.access_token)).status).toBe(200);
      ({ refresh_token } = all[0]?.json ?? {});
    }
    const devices = await server.registry.store.tokens.devices(
      (await server.registry.store.accounts.list())[0]?.id ?? '',
      0,
    );
    expect(devices).toHaveLength(1);
  });

  it('gives the same pair again within 30 seconds, and ends its device after that (B72)', async () => {
    const server = await withBob();
    const first = await signedIn(server);
    const second = (await refresh(server, first.refresh_token)).json;
    server.wait(29_000);
    expect((await refresh(server, first.refresh_token)).json).toEqual(second);
    expect((await whoami(server, second.access_token)).status).toBe(200);
    server.wait(2_000);
    expect(await refresh(server, first.refresh_token)).toMatchObject({ status: 401, json: { code: 'invalid_grant' } });
    expect((await whoami(server, second.access_token)).status).toBe(401);
    expect((await refresh(server, second.refresh_token)).status).toBe(401);
  });

  it('is in the database for nobody who does not hold it', async () => {
    const server = await withBob();
    const first = await signedIn(server);
    const second = (await refresh(server, first.refresh_token)).json;
    const { tokens } = server.registry.store;
    const rows = await Promise.all(
      [first, second]
        .flatMap((pair) => [pair.access_token, pair.refresh_token])
        .map(async (text) => {
          return JSON.stringify(await tokens.find(hashOf(text)));
        }),
    );
    expect(rows.join()).not.toMatch(/ss_(?:at|rt)_/);
    expect(server.logged.join()).not.toMatch(/ss_(?:at|rt)_/);
  });

  it('lives 90 days from its last use, and its device a year', async () => {
    const server = await withBob();
    let { refresh_token } = await signedIn(server);
    for (let step = 0; step < 5; step++) {
      server.wait(72 * day);
      ({ refresh_token } = (await refresh(server, refresh_token)).json);
    }
    server.wait(7 * day);
    expect((await refresh(server, refresh_token)).status).toBe(401);
    const other = await signedIn(server);
    server.wait(90 * day);
    expect((await refresh(server, other.refresh_token)).status).toBe(401);
  });

  it('is good for nothing else, and an access token for no refresh', async () => {
    const server = await withBob();
    const { access_token, refresh_token } = await signedIn(server);
    expect((await whoami(server, refresh_token)).status).toBe(401);
    expect((await refresh(server, access_token)).status).toBe(401);
    server.wait(60 * minute);
    expect((await whoami(server, access_token)).status).toBe(401);
    expect((await refresh(server, refresh_token)).status).toBe(200);
  });

  it('has a limit of its own, so that a dead one keeps nobody from signing in', async () => {
    const server = await withBob({ allowances: { refresh: { burst: 3, perMinute: 1 } } });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at++) statuses.push((await refresh(server, 'ss_rt_dead')).status);
    expect(statuses).toEqual([401, 401, 401, 429, 429]);
    expect((await signedIn(server)).access_token).toBeDefined();
  });
});

describe('revoking', () => {
  it('ends the whole device with either of its tokens, and tells nothing of others', async () => {
    const server = await withBob();
    const revoke = async (token: string) => (await post(server, '/token/revoke', { token })).json;
    for (const which of ['access_token', 'refresh_token'] as const) {
      const pair = await signedIn(server);
      expect(await revoke(pair[which])).toEqual({ revoked: true });
      expect((await whoami(server, pair.access_token)).status).toBe(401);
      expect((await refresh(server, pair.refresh_token)).status).toBe(401);
      expect(await revoke(pair[which])).toEqual({ revoked: false });
    }
    expect(await revoke('ss_pat_nothing')).toEqual({ revoked: false });
  });

  it('is effective on the next thousand requests to two servers (B73)', async () => {
    const server = await withBob();
    const { account } = (await whoami(server, (await signedIn(server)).access_token)).json;
    const bob = await server.registry.store.accounts.get(account);
    if (!bob) throw new Error('no bob');
    const token = await server.token(bob, 'sessions:read');
    expect((await whoami(server, token)).status).toBe(200);
    await post(server, '/token/revoke', { token });
    const other = await testServer({ beside: server });
    for (let at = 0; at < 1000; at += 50) {
      const all = await Promise.all(Array.from({ length: 50 }, (_, one) => whoami(one % 2 ? server : other, token)));
      expect(all.filter(({ status }) => status !== 401)).toEqual([]);
    }
  });
});

describe("the sign-in of SpecStory's command line", () => {
  const login = (server: TestServer, device_code: string, more = {}) =>
    server.send('POST', '/api/v1/device-login', { body: { device_code, ...more } });
  const code = async (browser: Browser) =>
    /class="code">([A-Za-z0-9]{6})</.exec((await browser.post('/cli-login')).text)?.[1] ?? '';
  const machine = {
    hostname: 'laptop',
    os: 'linux',
    os_version: '12',
    os_display_name: 'Debian',
    architecture: 'x64',
    username: 'bob',
    client: 'specstory-cli',
    client_version: '1.0.0',
  };

  it('takes a code once and gives tokens without an envelope', async () => {
    const server = await withBob();
    const bob = await server.browser('bob');
    const given = await code(bob);
    const answer = await login(server, given, machine);
    expect(answer.status).toBe(200);
    expect(answer.json).toEqual({
      refreshToken: expect.stringMatching(/^ss_rt_/),
      createdAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      expiresAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
      user: { email: 'bob' },
    });
    const again = await login(server, given, machine);
    expect(again.status).toBe(401);
    expect(again.json).toEqual({ error: expect.stringMatching(/invalid|expired/) });
    const access = await server.send('POST', '/api/v1/device-refresh', { token: answer.json.refreshToken });
    expect(access.json).toEqual({
      accessToken: expect.stringMatching(/^ss_at_/),
      createdAt: expect.any(String),
      expiresAt: expect.any(String),
    });
    expect(Date.parse(access.json.expiresAt) - Date.parse(access.json.createdAt)).toBe(60 * minute);
    expect((await whoami(server, access.json.accessToken)).json).toMatchObject({
      name: 'bob',
      token: { name: 'specstory-cli on laptop' },
    });
    expect((await bob.get('/tokens')).text).toContain('specstory-cli on laptop');
  });

  it('keeps its refresh token, until it signs out by GET or POST', async () => {
    const server = await withBob();
    const bob = await server.browser('bob');
    for (const method of ['GET', 'POST']) {
      const { refreshToken: token } = (await login(server, await code(bob))).json;
      for (let at = 0; at < 3; at++)
        expect((await server.send('POST', '/api/v1/device-refresh', { token })).status).toBe(200);
      expect((await refresh(server, token)).status, 'it is not rotated').toBe(401);
      expect((await server.send(method, '/api/v1/device-logout', { token })).status).toBe(200);
      expect((await server.send('POST', '/api/v1/device-refresh', { token })).status).toBe(401);
    }
  });

  it('heeds capitals and takes a dash; the next code of an account is its only one, for 15 minutes', async () => {
    const server = await withBob();
    const bob = await server.browser('bob');
    const first = await code(bob);
    const second = await code(bob);
    expect((await login(server, first)).status).toBe(401);
    const swapped = second.replace(/[A-Za-z]/g, (letter) =>
      letter < 'a' ? letter.toLowerCase() : letter.toUpperCase(),
    );
    if (swapped !== second) expect((await login(server, swapped)).status).toBe(401);
    expect((await login(server, `${second.slice(0, 3)}-${second.slice(3)}`)).status).toBe(200);
    const third = await code(bob);
    server.wait(15 * minute);
    expect((await login(server, third)).status).toBe(401);
  });

  it('bounds guesses from one address and from all (B71)', async () => {
    const server = await withBob({
      trusted: ['127.0.0.1'],
      allowances: { loginCode: { burst: 5, perMinute: 1 }, everyLoginCode: { burst: 12, perMinute: 1 } },
    });
    const from = (address: string) =>
      server.send('POST', '/api/v1/device-login', {
        body: { device_code: 'aaaaaa' },
        headers: { 'X-Forwarded-For': address },
      });
    const statuses: number[] = [];
    for (const address of ['198.51.100.1', '198.51.100.2', '198.51.100.3'])
      for (let at = 0; at < 6; at++) statuses.push((await from(address)).status);
    expect(statuses.filter((status) => status === 401)).toHaveLength(12);
    expect(statuses.slice(0, 6)).toEqual([401, 401, 401, 401, 401, 429]);
    const refused = await from('198.51.100.9');
    expect(refused).toMatchObject({ status: 429, json: { error: expect.any(String) } });
  });

  it('answers what it cannot read with an error of one field', async () => {
    const server = await withBob();
    const answers = [
      await server.send('POST', '/api/v1/device-login', { body: { code: 'x' } }),
      await server.send('POST', '/api/v1/device-login', { body: '{', headers: { 'Content-Type': 'application/json' } }),
      await server.send('POST', '/api/v1/device-refresh'),
    ];
    expect(answers.map(({ status }) => status)).toEqual([400, 400, 401]);
    for (const { json } of answers) expect(json).toEqual({ error: expect.any(String) });
  });
});
