import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { recordingProxy } from '../hosts/recording-proxy.ts';
import type { Fault } from './server.ts';
import { bearer, history, pushWorld, refspec, type World } from './world.ts';

/** Answers a POST (or everything) with a status. */
function status(code: number, headers: Record<string, string> = {}, body = '', of: 'GET' | 'POST' = 'POST'): Fault {
  return (seen, response, request) => {
    if (seen.method !== of) return undefined;
    request.resume();
    response.writeHead(code, headers).end(body);
    return 'answered';
  };
}

/** The same push without the fault. */
async function recovers(world: World): Promise<void> {
  delete world.server.options.fault;
  const tip = (await world.git('rev-parse', 'refs/specstory/history')).out.trim();
  const ran = await world.push();
  expect(ran.code, ran.err).toBe(0);
  expect(world.stored()).toEqual({ [history]: tip });
}

const upToDate = 'Everything up-to-date';

describe('an answer that is a refusal', () => {
  const cases: [id: string, fault: Fault, outcome: string, says: RegExp][] = [
    [
      'B08 413',
      status(413, { 'content-type': 'text/plain' }, 'at most 1 MB'),
      'rejected',
      /no push of this size \(0\.0 MB\): at most 1 MB\)/,
    ],
    [
      'B06 403',
      status(403, { 'content-type': 'application/problem+json' }, '{"detail":"readers cannot push"}'),
      'denied',
      /\(no permission for project at http.*: readers cannot push\)/,
    ],
    [
      'B09 412 R20',
      status(412, { 'content-type': 'text/plain' }, 'install 2.0\nor later'),
      'protocol',
      /install 2\.0 or later/,
    ],
    ['B10 429', status(429, { 'retry-after': '120' }), 'retryable', /retryable \(.*HTTP 429; try again in 120 s\)/],
    ['B11 503', status(503), 'retryable', /retryable \(the server is unavailable, HTTP 503\)/],
    ['B11 502', status(502), 'unknown', /unknown \(the server is unavailable, HTTP 502\)/],
    [
      'B17 400',
      status(400, { 'content-type': 'application/problem+json' }, '{"title":"bad_encoding"}'),
      'rejected',
      /HTTP 400: bad_encoding/,
    ],
    [
      'B02 HTML',
      status(200, { 'content-type': 'text/html' }, '<p>sign in to the hotel</p>'),
      'protocol',
      /not a specstory server: it answers with text\/html/,
    ],
  ];
  it.each(cases)('%s to the push itself', async (_id, fault, outcome, says) => {
    const world = await pushWorld({ fault });
    const ran = await world.push('--porcelain');
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(says);
    expect(ran.out + ran.err).not.toContain(upToDate);
    expect(world.report()?.outcome).toBe(outcome);
    await recovers(world);
  });

  it.each(cases.map(([id]) => id))('%s to the question for refs', async (id) => {
    const code = Number(/\d{3}$/.exec(id.replace(' R20', ''))?.[0] ?? 200);
    const world = await pushWorld({ fault: status(code, { 'content-type': 'text/html' }, '<p>no</p>', 'GET') });
    const ran = await world.push();
    expect(ran.code).toBe(128);
    expect(ran.err).toMatch(/^specstory: /);
    expect(ran.out + ran.err).not.toContain(upToDate);
    expect(world.report()?.refs).toEqual([]);
    expect(world.report()?.outcome).not.toBe('ok');
    expect(world.server.seen.some(({ method }) => method === 'POST')).toBe(false);
    await recovers(world);
  });

  it('B10 waits once when the wait is short', async () => {
    let refusals = 0;
    const fault: Fault = (_seen, response) => {
      if (refusals++ > 0) return undefined;
      response.writeHead(429, { 'retry-after': '1' }).end();
      return 'answered';
    };
    const world = await pushWorld({ fault });
    expect((await world.push()).code).toBe(0);
    const tight = await pushWorld({ fault: status(503, { 'retry-after': '0' }) });
    expect((await tight.push()).code).toBe(1);
    expect(tight.server.seen).toHaveLength(3);
    expect(tight.report()).toMatchObject({ outcome: 'retryable', retry_after: 0 });
  });

  it('R20 stops at a server that speaks another version', async () => {
    const world = await pushWorld({
      fault: (_seen, response) => void response.setHeader('specstory-protocol', '2'),
    });
    world.server.options.fault = (_seen, response) => {
      const set = response.setHeader.bind(response);
      response.setHeader = (name, value) => set(name, name === 'specstory-protocol' ? '2' : value);
      return undefined;
    };
    const ran = await world.push();
    expect(ran.err).toContain('specstory: the server speaks version "2", we speak 1');
    expect(world.report()?.outcome).toBe('protocol');
    await recovers(world);
  });
});

describe('signing in', () => {
  it('B05 401 without a new token: auth, asked twice at most', async () => {
    const world = await pushWorld({ authorization: 'Bearer somebody-else' });
    const ran = await world.push();
    expect(ran.code).toBe(128);
    expect(ran.err).toContain(
      `specstory: not signed in at ${world.server.origin}\nspecstory:   hint: sign in with: specstory login`,
    );
    expect(world.report()?.outcome).toBe('auth');
    expect(world.server.seen).toHaveLength(1);
  });

  it('B05 a token that ends between discovery and push costs no upload', async () => {
    const fault: Fault = (seen, response) => {
      if (seen.method !== 'POST') return undefined;
      response.writeHead(401).end();
      return 'answered';
    };
    const world = await pushWorld({ authorization: bearer, fault });
    world.grow(randomBytes(3 << 20));
    const ran = await world.push('--porcelain');
    expect(ran.out).toMatch(/retryable \(not signed in/);
    const posts = world.server.seen.filter(({ method }) => method === 'POST');
    expect(posts).toHaveLength(1);
    expect(posts[0]?.headers['content-length']).toBe('4');
    expect(world.report()?.outcome).toBe('auth');
  });

  it('sends the token to its own origin only, and nowhere else by a redirect (B12, R19)', async () => {
    const elsewhere = await recordingProxy();
    for (const code of [301, 302, 307, 308]) {
      const away = `${elsewhere.origin}/git/project/info/refs?service=git-receive-pack`;
      const world = await pushWorld({ authorization: bearer, fault: status(code, { location: away }, '', 'GET') });
      const ran = await world.push();
      expect(ran.err).toContain(`the server sends us on to ${elsewhere.origin}, where we do not follow`);
      expect(world.report()?.outcome).toBe('protocol');
      world.server.options.fault = status(code, { location: `${elsewhere.origin}/git/project/git-receive-pack` });
      expect((await world.push('--porcelain')).out).toMatch(/retryable \(the server sends us on/);
      world.server.options.fault = status(code, { location: away.replace('receive', 'upload') }, '', 'GET');
      expect((await world.git('ls-remote', 'team')).err).toContain('the server sends us on');
    }
    expect(elsewhere.requests).toEqual([]);
    await elsewhere.close();
  });

  it('follows a redirect of the question within the origin, and no redirect of a push', async () => {
    const fault: Fault = (seen, response) => {
      if (!seen.path.startsWith('/old/')) return undefined;
      response.writeHead(307, { location: seen.path.replace('/old/', '/') }).end();
      return 'answered';
    };
    const world = await pushWorld({ authorization: bearer, fault });
    await world.git('remote', 'set-url', 'team', `specstory://127.0.0.1:${world.server.port}/old/project`);
    const ran = await world.push();
    expect(ran.code, ran.err).toBe(0);
    const listed = await world.git('ls-remote', 'team');
    expect(listed.out, listed.err).toContain(history);
    const strict = await world.git('-c', 'http.followRedirects=false', 'push', 'team', refspec);
    expect(strict.code).toBe(128);
  });

  it('writes the token into no argument and no trace', async () => {
    const world = await pushWorld({ authorization: bearer });
    const ran = await world.start(['push', 'team', refspec], {
      GIT_TRACE: '1',
      GIT_TRACE_PACKET: '1',
      GIT_TRACE_SETUP: '1',
    }).ran;
    expect(ran.code, ran.err).toBe(0);
    const fetched = await world.start(['ls-remote', 'team'], {
      GIT_TRACE: '1',
      GIT_TRACE_PACKET: '1',
      GIT_TRACE_CURL: '1',
    }).ran;
    expect(fetched.out).toContain(history);
    expect(ran.err + fetched.err).not.toContain('ss_at_test');
  });
});
