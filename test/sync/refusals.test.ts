import { describe, expect, it, onTestFinished } from 'vitest';
import { realServer } from '../hosts/real-server.ts';
import { claudeTranscript } from '../hosts/scratch.ts';
import { patience } from '../hosts/soak.ts';
import { expectOneCopy, expectTruth, type RealWorld, realWorld } from './real-world.ts';
import { must, specstory } from './world.ts';

const signIn = (world: RealWorld, token: string) =>
  must(specstory(world, ['login', '--server', world.server.url, '--token', '-'], { input: `${token}\n` }));

const newToken = (world: RealWorld): string => world.server.token('ada', 'capture:write', 'sessions:read');

/** The id of the token made last. */
function lastToken({ server }: RealWorld): string {
  const tokens: { id: string; created_at: string }[] = JSON.parse(server.cloud(['token', 'list', '--json']));
  return tokens.sort((a, b) => (a.created_at < b.created_at ? -1 : 1)).at(-1)?.id ?? '';
}

describe('the server itself refuses, and the next sync ends it', () => {
  it('B08: a push that is larger than it takes', { timeout: patience }, async () => {
    const world = await realWorld({ server: await realServer({ SPECSTORY_PUSH_BYTES: '20000' }) });
    world.plantSessions(60);
    const ran = await world.run('sync');
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringMatching(/(?:larger than this server takes|no push of this size)[\s\S]*raises push_bytes/),
    });
    world.plantSessions();
    const report = await world.json('sync');
    expect(await expectTruth(world, report)).toBe('rejected');
    expect(report.remotes[0].counts).toMatchObject({ selected: 61, rejected: 61 });
    await world.server.kill();
    await world.server.start({});
    await expectOneCopy(world);
  });

  it('B08: a file that is larger than it takes', { timeout: patience }, async () => {
    const world = await realWorld({ server: await realServer({ SPECSTORY_BLOB_BYTES: '6000' }) });
    world.plantSessions(3);
    await expectOneCopy(world);
    world.plantClaude(
      'large',
      claudeTranscript(world.repository, 'large', 2, (turn) => `${turn} `.repeat(5000)).join(''),
    );
    const ran = await world.run('sync');
    expect(ran).toMatchObject({
      code: 1,
      err: expect.stringMatching(/a file of \d+ bytes, at most 6000[\s\S]*raises push_bytes or blob_bytes/),
    });
    world.plantSessions();
    const report = await world.json('sync');
    expect(await expectTruth(world, report)).toBe('rejected');
    expect(report.remotes[0].counts).toMatchObject({ selected: 2, rejected: 2 });
    await world.server.kill();
    await world.server.start({});
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 2 }, open: [] }] });
    expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  });

  it('B05, R21: a token that was revoked, before a push or in the middle of it', { timeout: patience }, async () => {
    const world = await realWorld();
    for (const request of ['GET /git/app/info/refs?service=git-receive-pack', 'POST /git/app/git-receive-pack']) {
      await signIn(world, newToken(world));
      world.plantSessions();
      let isRevoked = false;
      world.server.proxy.faults.before = (piece) => {
        if (isRevoked || !piece.request.startsWith(request)) return undefined;
        isRevoked = true;
        world.server.cloud(['token', 'revoke', lastToken(world)]);
        return undefined;
      };
      const report = await world.json('sync');
      delete world.server.proxy.faults.before;
      expect(isRevoked).toBe(true);
      expect(report.exit_code).toBe(4);
      expect(await expectTruth(world, report)).toBe('auth');
      expect(world.server.proxy.requests.filter((line) => line.includes('/token/refresh'))).toEqual([]);
      await signIn(world, newToken(world));
      await expectOneCopy(world);
    }
  });

  it('B06: somebody who may only read, until he may write', { timeout: patience }, async () => {
    const world = await realWorld();
    const { server } = world;
    world.plantSessions();
    await expectOneCopy(world);
    server.cloud(['user', 'add', 'bob', '--password', '-'], 'another long password\n');
    server.cloud(['member', 'add', 'ada/app', 'bob', '--role', 'reader']);
    const reader = await realWorld({ server, token: server.token('bob', 'capture:write', 'sessions:read') });
    reader.plantSessions(2);
    const report = await reader.json('sync');
    expect(report).toMatchObject({ exit_code: 1, remotes: [{ push: { outcome: 'denied', code: 'forbidden' } }] });
    await expectTruth(reader, report);
    expect((await reader.run('sync')).err).toMatch(/app/);
    server.cloud(['member', 'add', 'ada/app', 'bob', '--role', 'writer']);
    await expectOneCopy(reader, [world]);
  });

  it('B10: a server with its hands full is waited for', { timeout: patience }, async () => {
    const world = await realWorld();
    world.plantSessions();
    const token = newToken(world);
    const held = Array.from({ length: 8 }, () => heldPush(world.server.now().url, token));
    await until(async () => (await fetch(`${world.server.now().url}/metrics`)).ok && held.length === 8);
    let refused = 0;
    world.server.proxy.faults.before = ({ direction, bytes }) => {
      if (direction === 'toClient' && bytes.toString('latin1').startsWith('HTTP/1.1 429') && ++refused === 1)
        for (const push of held) push.abort();
      return undefined;
    };
    expect(await expectTruth(world, await world.json('sync'))).toBe('ok');
    delete world.server.proxy.faults.before;
    expect(refused).toBe(1);
    await expectOneCopy(world);
  });
});

/** A push whose body never ends. */
function heldPush(url: string, token: string): AbortController {
  const held = new AbortController();
  onTestFinished(() => held.abort());
  const headers = {
    Authorization: `Bearer ${token}`,
    'Content-Type': 'application/x-git-receive-pack-request',
  };
  const body = new ReadableStream({ start: (controller) => controller.enqueue(Buffer.from('00')) });
  const request: RequestInit = { method: 'POST', headers, body, signal: held.signal, duplex: 'half' };
  fetch(`${url}/git/app/git-receive-pack`, request).catch(() => {});
  return held;
}

async function until(isTrue: () => Promise<boolean>): Promise<void> {
  while (!(await isTrue()));
  await new Promise((done) => setTimeout(done, 200));
}

describe('something before the server refuses, and the next sync ends it', () => {
  const answers: [answer: string, outcome: string, exit: number][] = [
    ['413 Payload Too Large', 'rejected', 1],
    ['401 Unauthorized\r\nWWW-Authenticate: Basic realm="x"', 'auth', 4],
    ['403 Forbidden', 'denied', 1],
    ['429 Too Many Requests\r\nRetry-After: 120', 'retryable', 75],
    ['503 Service Unavailable\r\nRetry-After: 60', 'retryable', 75],
    ['502 Bad Gateway', 'unknown', 75],
  ];
  it('B05, B06, B08, B10, B11: the question for refs, or the push', { timeout: patience }, async () => {
    const world = await realWorld();
    const token = newToken(world);
    world.plantSessions();
    await expectOneCopy(world);
    for (const [status, outcome, exit] of answers) {
      for (const method of ['GET /git/app/info/refs', 'POST /git/app/git-receive-pack']) {
        world.plantSessions();
        world.server.proxy.faults.before = ({ request, direction }) =>
          direction === 'toServer' && request.startsWith(method)
            ? { answer: `HTTP/1.1 ${status}\r\nContent-Length: 4\r\nConnection: close\r\n\r\nwhy?` }
            : undefined;
        const report = await world.json('sync');
        delete world.server.proxy.faults.before;
        const told = JSON.stringify([status, method, report]);
        expect(report.exit_code, told).toBe(exit);
        const push = await expectTruth(world, report);
        if (method.startsWith('POST')) expect(push, told).toBe(outcome);
        if (outcome === 'auth') await signIn(world, token);
        await expectOneCopy(world);
      }
    }
  });
});
