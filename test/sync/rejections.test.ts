import { execFileSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { realWorld } from './real-world.ts';
import { storedBy } from './stored.ts';

it('B04, R23: of twenty sessions the server takes nineteen, names the one it does not, and why, until it is mended', async () => {
  const world = await realWorld();
  world.plantSessions(20);
  await world.run('capture');
  const bad = `${world.writer}-7`;
  // What our own program would never write, from a clone that something else has its hands in.
  const tip = world.tips().here;
  const heads = world.git('ls-tree', '-r', '--name-only', tip).split('\n');
  const head = heads.find((name) => name.endsWith(`/${bad}/session.md`)) ?? '';
  const whole = world.git('cat-file', 'blob', `${tip}:${head}`);
  const write = (text: string): void => {
    const parent = world.tips().here;
    const stream = [
      'commit refs/specstory/history',
      'committer A Developer <developer@example.org> 1767323045 +0000',
      `data 1\nx\nfrom ${parent}`,
      `M 100644 inline ${head}\ndata ${Buffer.byteLength(text)}\n${text}`,
      'done\n',
    ].join('\n');
    execFileSync('git', ['fast-import', '--quiet', '--done'], { cwd: world.repository, env: world.env, input: stream });
  };
  write('---js\nmodule.exports = process.exit()\n---\n');

  const first = await world.json('sync');
  expect(first, JSON.stringify(first)).toMatchObject({
    exit_code: 3,
    remotes: [
      {
        push: { outcome: 'ok' },
        counts: { selected: 20, stored: 19, rejected: 1 },
        open: [{ session: bad, status: 'rejected', reason: expect.stringMatching(/\w+ \w+/) }],
      },
    ],
  });
  const stored = storedBy(world.server.data);
  expect(stored.indexed.sessions).toHaveLength(19);
  expect([stored.indexed.exchanges.length, stored.rejections]).toEqual([38, 1]);
  expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: false });

  // It holds up nobody else, and is asked about, not sent again.
  world.plantSessions();
  const second = await world.json('sync');
  expect(second).toMatchObject({
    exit_code: 3,
    remotes: [{ counts: { selected: 1, stored: 1 }, open: [{ session: bad }] }],
  });
  world.server.proxy.requests.length = 0;
  expect(await world.json('sync')).toMatchObject({ exit_code: 3, remotes: [{ open: [{ session: bad }] }] });
  expect(world.server.proxy.requests.filter((line) => line.startsWith('POST'))).toEqual([]);

  write(whole);
  expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 1 }, open: [] }] });
  expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  expect(storedBy(world.server.data)).toMatchObject({ rejections: 0 });
});

it('R23, B78: what another clone sent is unfetched until it is here, and the numbers are git’s', async () => {
  const world = await realWorld();
  const other = await realWorld({ server: world.server });
  world.plantSessions();
  expect(await world.json('sync')).toMatchObject({ exit_code: 0 });
  for (let more = 1; more <= 3; more++) {
    other.plantSessions(more);
    expect(await other.json('sync')).toMatchObject({ exit_code: 0 });
    const before = await world.json('sync', 'status', '--check');
    const refs = Object.entries(storedBy(world.server.data).refs);
    const here = world.git('for-each-ref', '--format=%(objectname)', 'refs/specstory');
    const missing = refs.filter(([, oid]) => !here.includes(oid));
    expect(before).toMatchObject({ healthy: false, remotes: [{ unfetched: missing.length }] });
    expect(missing.length).toBeGreaterThan(0);
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ fetch: { sessions: more } }] });
    expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  }
});
