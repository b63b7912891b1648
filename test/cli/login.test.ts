import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { problem, send } from '../sync/history-server.ts';
import { must, type SyncWorld, specstory, syncWorld } from '../sync/world.ts';

/** A server whose page answers a device as the list says, one after the other. */
function deviceFlow(world: SyncWorld, answers: readonly (string | number)[], interval = 0): number[] {
  const polls: number[] = [];
  world.server.instead = ({ path }, response) => {
    if (path.endsWith('/device/code')) {
      const verification_uri = `${world.server.url}/device`;
      send(response, 200, {
        device_code: 'd'.repeat(43),
        user_code: 'BCDF-GHJK',
        verification_uri,
        expires_in: 60,
        interval,
      });
      return true;
    }
    if (!path.endsWith('/device/token')) return false;
    const answer = answers[polls.length] ?? 'access_denied';
    polls.push(performance.now());
    if (answer === 'ok') send(response, 200, world.server.grant('ada'));
    else if (typeof answer === 'number') problem(response, answer, 'x');
    else problem(response, 400, answer);
    return true;
  };
  return polls;
}

describe('login by the device flow', () => {
  it('shows code and page, waits, and keeps the token for its origin', async () => {
    const world = await syncWorld({ signedIn: false });
    const polls = deviceFlow(world, ['authorization_pending', 503, 'ok']);
    const ran = await must(world.run('login'));
    expect(ran.out).toContain('BCDF-GHJK');
    expect(ran.out).toContain(`${world.server.url}/device`);
    expect(ran.out).toContain('as ada');
    expect(polls).toHaveLength(3);
    expect(await world.run('auth', 'whoami')).toMatchObject({ code: 0, out: expect.stringContaining('ada') });
    expect(await world.json('auth', 'status')).toMatchObject({
      sign_ins: [{ server: world.server.url, name: 'ada', renews: true }],
    });
    expect(ran.out + ran.err).not.toContain('ss_');
  });

  it('slows down for good when it is asked to (RFC 8628 3.5)', async () => {
    const world = await syncWorld({ signedIn: false });
    const polls = deviceFlow(world, ['slow_down', 'authorization_pending', 'ok']);
    await must(world.run('login'));
    const [first = 0, second = 0, third = 0] = polls;
    expect([second - first, third - second].every((wait) => wait > 5900)).toBe(true);
  });

  it.each([
    ['access_denied', 'refused'],
    ['expired_token', 'expired'],
  ])('ends when the page says %s', async (code, word) => {
    const world = await syncWorld({ signedIn: false });
    deviceFlow(world, [code]);
    expect(await world.run('login')).toMatchObject({ code: 1, err: expect.stringContaining(word) });
    expect(await world.run('auth', 'whoami')).toMatchObject({ code: 1 });
    expect(await world.json('auth', 'status')).toMatchObject({ sign_ins: [] });
  });

  it('is given up with Ctrl-C and exit code 130', async () => {
    const world = await syncWorld({ signedIn: false });
    deviceFlow(
      world,
      Array.from({ length: 50 }, () => 'authorization_pending'),
    );
    const child = spawn(process.execPath, [resolve('dist/specstory.cjs'), 'login'], {
      cwd: world.repository,
      env: world.env,
    });
    child.stdout.on('data', (text) => String(text).includes('waiting') && child.kill('SIGINT'));
    expect(await new Promise((done) => child.once('close', done))).toBe(130);
  });

  it('asks nothing of what is no server of ours', async () => {
    const world = await syncWorld({ signedIn: false });
    world.server.instead = (_, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<html>');
      return true;
    };
    expect(await world.run('login')).toMatchObject({ code: 1, err: expect.stringContaining('check the address') });
    expect(world.server.requests.map(({ path }) => path)).toEqual(['/api/v2/server']);
  });
});

describe('login with a token', () => {
  it('is read from standard input only, and told on no command line', async () => {
    const world = await syncWorld({ signedIn: false });
    const token = world.server.grant('bob').access_token;
    const given = await world.run('login', '--token', token);
    expect(given).toMatchObject({ code: 2, err: expect.stringContaining('--token -') });
    expect(given.out + given.err).not.toContain(token);
    expect(world.server.requests).toEqual([]);
    expect(await specstory(world, ['login', '--token', '-'], { input: `${token}\n` })).toMatchObject({ code: 0 });
    expect(await world.run('auth', 'whoami')).toMatchObject({ code: 0, out: `bob on ${world.server.url}\n` });
    const { out } = await world.run('auth', 'status');
    expect(out).not.toContain(token);
  });

  it('is kept only when the server knows it', async () => {
    const world = await syncWorld({ signedIn: false });
    expect(await specstory(world, ['login', '--token', '-'], { input: 'ss_pat_unknown_token' })).toMatchObject({
      code: 1,
    });
    expect(await specstory(world, ['login', '--token', '-'], { input: 'two words\n' })).toMatchObject({ code: 2 });
    expect(await world.json('auth', 'status')).toMatchObject({ sign_ins: [], problem: null });
  });

  it('may come from the environment for one server, and never goes elsewhere', async () => {
    const world = await syncWorld({ signedIn: false });
    const token = world.server.grant('ci').access_token;
    world.plantSessions('s1');
    const env = { SPECSTORY_TOKEN: token, SPECSTORY_SERVER: world.server.url };
    expect(await specstory(world, ['sync'], { env })).toMatchObject({ code: 0 });
    const other = await syncWorld({ signedIn: false });
    other.plantSessions('s1');
    expect(await specstory(other, ['sync'], { env })).toMatchObject({ code: 4 });
    expect(other.server.requests.map(({ authorization }) => authorization)).not.toContain(`Bearer ${token}`);
    expect(await specstory(world, ['auth', 'status'], { env: { SPECSTORY_TOKEN: ' ' } })).toMatchObject({
      code: 0,
      err: expect.stringContaining('SPECSTORY_TOKEN'),
    });
    expect(await specstory(world, ['sync'], { env: { SPECSTORY_TOKEN: '' } })).toMatchObject({
      code: expect.not.toBeOneOf([0]),
    });
  });
});

describe('logout', () => {
  it('says whether the server revoked the token, and takes it away in any case', async () => {
    const world = await syncWorld({ signedIn: false });
    const signIn = async () => {
      deviceFlow(world, ['ok']);
      await must(world.run('login'));
      world.server.instead = undefined;
    };
    await signIn();
    expect(await world.json('logout')).toEqual({
      server: world.server.url,
      was_signed_in: true,
      revoked: true,
      reason: null,
    });
    expect(await world.json('logout')).toMatchObject({ was_signed_in: false, revoked: false });
    await signIn();
    world.server.instead = (_, response) => {
      response.destroy();
      return true;
    };
    expect(await world.run('logout')).toMatchObject({ code: 0, err: expect.stringContaining('did not revoke') });
    expect(await world.json('auth', 'status')).toMatchObject({ sign_ins: [] });
  });

  it('leaves no token behind on the disk', async () => {
    const world = await syncWorld();
    const [token = ''] = world.server.tokens.keys();
    world.plantSessions('s1');
    await must(world.run('sync'));
    await must(world.run('logout'));
    for (const entry of readdirSync(join(world.home, '..'), { recursive: true, withFileTypes: true })) {
      if (entry.isFile())
        expect(readFileSync(join(entry.parentPath, entry.name)).includes(token), entry.name).toBe(false);
    }
  });
});
