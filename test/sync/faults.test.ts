import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openCredentialStore } from '../../src/remote/credential-store.ts';
import { problem } from './history-server.ts';
import { must, type SyncWorld, syncWorld } from './world.ts';

/** Nothing may be marked as sent, and the next sync must bring all of it. */
async function expectRecovery(world: SyncWorld, sessions: number): Promise<void> {
  expect(await world.json('sync', 'status')).toMatchObject({ healthy: false });
  expect(world.tip('refs/specstory/remotes')).toBe('');
  world.server.instead = undefined;
  const report = await world.json('sync');
  expect(report).toMatchObject({ exit_code: 0, remotes: [{ counts: { selected: sessions, stored: sessions } }] });
  expect(await world.json('sync', 'status', '-c')).toMatchObject({ healthy: true });
}

const connection = async (world: SyncWorld) => (await world.json('sync', 'status', '-c')).remotes[0].connection;

describe('a server that cannot be reached (B01)', () => {
  it('keeps everything when it is down', async () => {
    const world = await syncWorld();
    world.plantSessions('s1', 's2');
    await world.server.stop();
    const ran = await world.run('sync');
    expect(ran).toMatchObject({
      code: 75,
      out: expect.stringContaining('Unreachable'),
      err: expect.stringMatching(/refused/i),
    });
    const { remotes, healthy } = await world.json('sync', 'status', '-c');
    expect(healthy).toBe(false);
    expect(remotes[0]).toMatchObject({
      unpushed: { history: Number(world.git('rev-list', '--count', 'refs/specstory/history')) },
      unfetched: null,
      last_push: { outcome: 'unreachable' },
      connection: { state: 'Unreachable', reason: 'refused' },
    });
  });

  it.each([
    ['a name that is none', 'https://nowhere.invalid', 'dns'],
    ['a port that speaks no TLS', '', 'tls'],
  ])('names the cause for %s', async (_, url, reason) => {
    const world = await syncWorld({ remote: false });
    const address = url || `https://127.0.0.1:${world.server.port}`;
    await must(world.run('remote', 'add', address, '--project', 'app'));
    world.plantSessions('s1');
    expect(await world.run('sync')).toMatchObject({ code: 75, out: expect.stringContaining('Unreachable') });
    expect(await connection(world)).toMatchObject({ state: 'Unreachable', reason });
  });
});

describe('a server that answers otherwise', () => {
  it('takes a page for nobody of ours, and marks nothing as sent (B02)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    world.server.instead = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>Sign in to the network</html>');
      return true;
    };
    expect(await world.run('sync')).toMatchObject({ code: 2, out: expect.stringContaining('Error') });
    expect(await connection(world)).toMatchObject({ state: 'Error', reason: 'captive_portal' });
    await expectRecovery(world, 1);
  });

  it('renews once when a token has expired, and goes on (B05)', async () => {
    const world = await syncWorld({ signedIn: false });
    const granted = world.server.grant('ada');
    await openCredentialStore({ env: world.env, home: world.home }).change(async (all) => {
      all.set(world.server.url, { ...granted, server: world.server.url });
      return { result: undefined, write: true };
    });
    world.plantSessions('s1');
    world.server.tokens.delete(granted.access_token);
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 1 } }] });
    expect(world.server.requests.filter(({ path }) => path.endsWith('/token/refresh'))).toHaveLength(1);
    world.server.tokens.clear();
    world.server.refreshTokens.clear();
    expect(await world.run('sync')).toMatchObject({ code: 4 });
    expect(await world.json('auth', 'status')).toMatchObject({ sign_ins: [] });
  });

  it('asks to sign in when there is no way to renew (B05)', async () => {
    const world = await syncWorld({ signedIn: false });
    world.plantSessions('s1');
    expect(await world.run('sync')).toMatchObject({ code: 4, err: expect.stringContaining('specstory login') });
    expect(await connection(world)).toMatchObject({ state: 'Reachable', reason: 'auth_required' });
    expect(world.server.requests.filter(({ path }) => path.includes('refresh'))).toEqual([]);
    await must(world.signIn());
    await expectRecovery(world, 1);
    world.server.tokens.clear();
    expect(await world.run('sync')).toMatchObject({ code: 4 });
  });

  it('is no loop of sign-ins for somebody without permission (B06)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    world.server.instead = ({ path }, response) => {
      if (path.includes('/whoami')) return false;
      problem(response, 403, 'forbidden');
      return true;
    };
    const ran = await world.run('sync');
    expect(ran).toMatchObject({
      code: 1,
      out: expect.stringContaining('not permitted'),
      err: expect.stringContaining('app'),
    });
    expect(await connection(world)).toMatchObject({
      state: 'Reachable',
      reason: 'forbidden',
      text: expect.stringContaining('app'),
    });
    await expectRecovery(world, 1);
  });

  it('sends with a token that may not read, and says that nothing was fetched', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    world.server.instead = ({ path }, response) => {
      if (!path.includes('upload-pack') && !path.includes('/projects/')) return false;
      problem(response, 403, 'insufficient_scope');
      return true;
    };
    expect(await world.run('sync', '--send-only')).toMatchObject({ code: 0 });
    expect(await world.json('sync', 'status')).toMatchObject({ healthy: false, remotes: [{ unfetched: null }] });
    expect(await world.run('sync')).toMatchObject({ code: 3, out: expect.stringContaining('not fetched') });
  });

  it('stops at another protocol with the words of the server (B09)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    world.server.instead = (_, response) => {
      problem(response, 412, 'protocol_9_please_update');
      return true;
    };
    expect(await world.run('sync')).toMatchObject({
      code: 2,
      err: expect.stringContaining('protocol_9_please_update'),
    });
    expect(await connection(world)).toMatchObject({ state: 'Error', reason: 'protocol' });
    await expectRecovery(world, 1);
  });

  it('waits as long as it is asked to when that is short, and else goes (B10)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    const busy = (seconds: number, times: number) => {
      let left = times;
      world.server.instead = ({ path }, response) => {
        if (!path.startsWith('/git/') || left-- <= 0) return false;
        response.writeHead(429, { 'retry-after': String(seconds) }).end();
        return true;
      };
    };
    busy(120, 99);
    const ran = await world.run('sync');
    expect(ran).toMatchObject({ code: 75, err: expect.stringContaining('120') });
    expect(world.server.requests.filter(({ path }) => path.includes('receive-pack'))).toHaveLength(1);
    busy(1, 1);
    expect(await world.run('sync')).toMatchObject({ code: 0 });
  });

  it('tries a busy server again a few times, and then keeps everything (B11)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    world.server.instead = ({ path }, response) => {
      if (!path.startsWith('/git/')) return false;
      response.writeHead(503).end();
      return true;
    };
    expect(await world.run('sync')).toMatchObject({ code: 75 });
    expect(world.server.requests.filter(({ path }) => path.includes('receive-pack'))).toHaveLength(3);
    await expectRecovery(world, 1);
  });

  it('does not follow to another origin, and sends no token there (B12)', async () => {
    const world = await syncWorld();
    const seen: unknown[] = [];
    const elsewhere = createServer((request, response) => {
      seen.push(request.headers);
      response.end();
    });
    await new Promise<void>((done) => elsewhere.listen(0, '127.0.0.1', done));
    onTestFinished(() => void elsewhere.close());
    const address = elsewhere.address() as AddressInfo;
    world.plantSessions('s1');
    world.server.instead = ({ path }, response) => {
      response.writeHead(307, { location: `http://127.0.0.1:${address.port}${path}` }).end();
      return true;
    };
    expect(await world.run('sync')).toMatchObject({ code: 2 });
    expect(await connection(world)).toMatchObject({ state: 'Error', reason: 'redirect' });
    expect(seen).toEqual([]);
    await expectRecovery(world, 1);
  });
});

describe('outcomes that are not known', () => {
  it('finds out by the fetch behind it what became of a push whose answer was lost (B14)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1', 's2');
    world.server.losesAnswer = true;
    const ran = await world.json('sync');
    expect(ran).toMatchObject({
      exit_code: 0,
      remotes: [{ push: { outcome: 'ok', was_there: true }, counts: { stored: 2 } }],
    });
    expect(await world.json('sync', 'status', '-c')).toMatchObject({ healthy: true, remotes: [{ open: [] }] });
    expect(world.server.pushes).toHaveLength(1);
  });

  it('says that it does not know, and the next sync finds out (B13)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1', 's2');
    world.server.losesAnswer = true;
    world.server.instead = (_, response) => {
      if (world.server.pushes.length === 0 || world.server.losesAnswer) return false;
      response.destroy();
      return true;
    };
    const lost = await world.json('sync');
    expect(lost).toMatchObject({ exit_code: 75, remotes: [{ push: { outcome: 'unknown' }, counts: { unknown: 2 } }] });
    expect(await world.json('sync', 'status')).toMatchObject({ healthy: false, remotes: [{ open: [{}, {}] }] });
    world.server.instead = undefined;
    const ran = await world.run('sync');
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('had arrived') });
    expect(await world.json('sync', 'status', '-c')).toMatchObject({ healthy: true, remotes: [{ open: [] }] });
    expect(world.server.pushes).toHaveLength(1);
  });

  it('settles only what a verdict names exactly (B03)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1', 's2', 's3', 's4');
    world.server.verdict = (session) => {
      if (session === 's1') return [];
      if (session === 's2')
        return [
          { session, status: 'stored' },
          { session, status: 'rejected' },
        ];
      if (session === 's3')
        return [
          { session, status: 'stored' },
          { session: 'stranger', status: 'stored' },
        ];
      return [{ session, status: 'deferred' }];
    };
    const { remotes } = await world.json('sync');
    expect(remotes[0].counts).toMatchObject({ selected: 4, stored: 1, unknown: 2, deferred: 1 });
    expect(remotes[0].open.map(({ session }: { session: string }) => session).sort()).toEqual(['s1', 's2', 's4']);
    expect(await world.json('sync', 'status')).toMatchObject({ healthy: false });
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ open: [] }] });
  });

  it('lists a rejected session until the server takes it', async () => {
    const world = await syncWorld();
    world.plantSessions('good', 'bad');
    world.server.verdict = (session) =>
      session === 'bad'
        ? [{ session, status: 'rejected', code: 'secret_found', reason: 'there is a key in it' }]
        : [{ session, status: 'stored' }];
    const ran = await world.run('sync', '-v');
    expect(ran).toMatchObject({ code: 3, out: expect.stringMatching(/rejected {2}bad \(there is a key in it\)/) });
    const writer = /writers\/([0-9a-f]{16})/.exec(world.server.git('app', 'for-each-ref'))?.[1] ?? '';
    world.server.rejected = [
      { session: 'bad', writer, code: 'secret_found', reason: 'a key', at: '2026-01-01T00:00:00Z' },
    ];
    expect(await world.run('sync')).toMatchObject({ code: 3 });
    expect(await world.json('sync', 'status', '-c')).toMatchObject({
      healthy: false,
      remotes: [{ open: [{ session: 'bad', status: 'rejected' }] }],
    });
    world.server.rejected = [];
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ open: [] }] });
  });
});
