import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type FaultProxy, type Faults, faultProxy } from '../hosts/fault-proxy.ts';
import { bearer, history, pushWorld, refspec, type World } from './world.ts';

const upToDate = 'Everything up-to-date';

/** The remote `slow` of a world, behind a proxy with faults. */
async function behind(world: World, faults: Faults): Promise<FaultProxy & { env: NodeJS.ProcessEnv }> {
  const proxy = await faultProxy(world.server.port, faults);
  const url = `specstory://127.0.0.1:${proxy.port}/project`;
  if ((await world.git('remote', 'set-url', 'slow', url)).code !== 0) await world.git('remote', 'add', 'slow', url);
  return Object.assign(proxy, { env: { SPECSTORY_SERVER: `http://127.0.0.1:${proxy.port}` } });
}

/** A ref per push, so that one world serves many. */
function target(index: number): string {
  return history.replace('0123456789abcdef', index.toString(16).padStart(16, '0'));
}

describe('B01: no server', () => {
  it('is told from the outside: refused, no such host, no TLS', async () => {
    const world = await pushWorld();
    const closed = await new Promise<number>((resolve) => {
      const server = createServer().listen(0, '127.0.0.1', () => {
        const address = server.address();
        server.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
      });
    });
    const cases: [url: string, says: RegExp][] = [
      [`specstory://127.0.0.1:${closed}/p`, /connection refused \(ECONNREFUSED\)/],
      ['specstory://no-such-host.invalid/p', /no such host|cannot be looked up/],
      [`specstory::https://127.0.0.1:${world.server.port}/git/p`, /does not speak TLS/],
    ];
    for (const [url, says] of cases) {
      for (const args of [
        ['push', url, refspec],
        ['ls-remote', url],
      ]) {
        const ran = await world.git(...args);
        expect(ran.code).toBe(128);
        expect(ran.err).toMatch(/^specstory: cannot reach http/);
        expect(ran.err).toMatch(says);
        expect(ran.err + ran.out).not.toContain(upToDate);
      }
      expect(world.report()).toMatchObject({ outcome: 'unreachable', refs: [] });
    }
  });

  it('that says nothing is given up by http.lowSpeedTime', async () => {
    const world = await pushWorld();
    const proxy = await behind(world, { stallAfter: { toClient: 0 } });
    const slow = ['-c', 'http.lowSpeedLimit=1', '-c', 'http.lowSpeedTime=1'];
    const ran = await world.git(...slow, 'push', 'slow', refspec);
    expect(ran.code).toBe(128);
    expect(ran.err).toContain('slower than 1 bytes a second for 1 s');
    expect(world.report()?.outcome).toBe('unreachable');
    await proxy.close();
  });
});

describe('B13, B14: an answer that is cut off', () => {
  it('at any byte is unknown or true, and the next push settles it', async () => {
    const world = await pushWorld();
    let length = 0;
    world.server.options.rewrite = (answer) => {
      length = answer.length;
      return answer;
    };
    await world.git('push', 'team', `refs/specstory/history:${target(0)}`);
    expect(length).toBeGreaterThan(40);
    const cuts = [
      ...new Set([
        0,
        1,
        4,
        5,
        9,
        length - 5,
        length - 4,
        length - 1,
        ...Array.from({ length: 12 }, (_, at) => 11 + at * 7),
      ]),
    ];
    for (const [index, cut] of cuts.filter((at) => at < length).entries()) {
      world.server.options.cutAnswer = cut;
      const ref = target(index + 1);
      const ran = await world.git('push', '--porcelain', 'team', `refs/specstory/history:${ref}`);
      const outcome = world.report()?.refs[0]?.outcome;
      // The report is complete four bytes before the end; what is behind it is for the sessions.
      expect([cut, outcome]).toEqual([cut, cut >= length - 4 ? 'ok' : 'unknown']);
      expect(ran.code).toBe(outcome === 'ok' ? 0 : 1);
      expect(ran.out).toMatch(outcome === 'ok' ? /\[new reference\]/ : /\[remote rejected\] \(unknown \(/);
      expect(ran.err + ran.out).not.toContain(upToDate);
      delete world.server.options.cutAnswer;
      expect((await world.git('push', 'team', `refs/specstory/history:${ref}`)).err).toBe(`${upToDate}\n`);
    }
  });

  const garbage: [what: string, rewrite: (answer: Buffer) => Buffer][] = [
    ['nothing', () => Buffer.alloc(0)],
    ['a flush alone', () => Buffer.from('0000')],
    ['no packets', () => Buffer.from('<html>welcome</html>')],
    ['an empty report', () => Buffer.from('0009\x0100000000')],
    [
      'a report on another ref',
      () => Buffer.from('0038\x01000eunpack ok\n0021ok refs/specstory/other/ref/xx\n00000000'),
    ],
    ['a length that is none', () => Buffer.from('0003zzzz')],
    ['an end without an answer', () => Buffer.from('0010\x03fatal: gone')],
  ];
  it.each(garbage)('R19: %s is no success', async (_what, rewrite) => {
    const world = await pushWorld({ rewrite });
    const tip = world.grow();
    const ran = await world.push('--porcelain');
    expect(ran.code).toBe(1);
    expect(world.report()?.refs).toMatchObject([{ ref: history, outcome: 'unknown' }]);
    expect(ran.err + ran.out).not.toContain(upToDate);
    delete world.server.options.rewrite;
    expect((await world.push()).code).toBe(0);
    expect(world.stored()[history]).toBe(tip);
  });
});

describe('R16: slow and broken lines', () => {
  it.each(['toServer', 'toClient'] as const)('41 cuts %s', { timeout: 120_000 }, async (direction) => {
    const world = await pushWorld({ authorization: bearer });
    const outcomes = new Set<string>();
    for (let cut = 0; cut <= 2000; cut += 50) outcomes.add(await cutAt(world, { [direction]: cut }));
    expect(outcomes).toEqual(new Set(['ok', 'unknown', 'unreachable']));
  });

  async function cutAt(world: World, resetAfter: NonNullable<Faults['resetAfter']>): Promise<string> {
    const ref = history;
    const proxy = await behind(world, { resetAfter });
    const ran = await world.start(['push', '--porcelain', 'slow', `refs/specstory/history:${ref}`], proxy.env).ran;
    const stored = ref in world.stored();
    const report = world.report();
    const outcome = report?.refs[0]?.outcome;
    const told = JSON.stringify([resetAfter, report, ran]);
    // What is said to be stored is stored; what is said not to be is not; nothing is called up to date.
    if (ran.code === 0) expect([stored, outcome], told).toEqual([true, 'ok']);
    else if (outcome === 'retryable' || outcome === undefined) expect(stored, told).toBe(false);
    else expect(outcome, told).toBe('unknown');
    expect(ran.err + ran.out).not.toContain(upToDate);
    await proxy.close();
    const again = await world.git('push', 'team', `refs/specstory/history:${ref}`);
    expect(again.code, told).toBe(0);
    expect(ref in world.stored()).toBe(true);
    execFileSync('git', ['--git-dir', world.bare, 'update-ref', '-d', ref]);
    return outcome ?? report?.outcome ?? 'nothing';
  }

  it('late pieces make no difference, and a byte a second ends by http.lowSpeedLimit', async () => {
    const world = await pushWorld({ authorization: bearer });
    const late = await behind(world, { delay: 100 });
    const ran = await world.start(['push', 'slow', `refs/specstory/history:${target(20_001)}`], late.env).ran;
    expect(ran.code, ran.err).toBe(0);
    await late.close();
    const crawling = await behind(world, { bytesPerSecond: 1 });
    const given = ['-c', 'http.lowSpeedLimit=100', '-c', 'http.lowSpeedTime=1', 'push', 'slow', refspec];
    const stopped = await world.start(given, crawling.env).ran;
    expect(stopped.err).toContain('slower than 100 bytes a second');
    await crawling.close();
  });

  it('a connection that breaks in the middle of a large push is retryable', async () => {
    const world = await pushWorld({ authorization: bearer });
    // More than the buffers of two sockets hold.
    world.grow(randomBytes(24 << 20));
    const proxy = await behind(world, { resetAfter: { toServer: 1 << 20 } });
    const ran = await world.start(
      ['push', '--porcelain', 'slow', `refs/specstory/history:${target(30_001)}`],
      proxy.env,
    ).ran;
    expect(ran.out).toMatch(/retryable \(cannot reach/);
    await proxy.close();
  });
});
