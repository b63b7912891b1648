import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { verdictLine } from '../../src/protocol/verdict.ts';
import { bearer, history, plantHook, pushWorld, refspec } from './world.ts';

const posts = (world: Awaited<ReturnType<typeof pushWorld>>) =>
  world.server.seen.filter(({ method }) => method === 'POST');

describe('a push', () => {
  it('stores the history, and has nothing to send the next time', async () => {
    const world = await pushWorld({ authorization: bearer });
    const tip = world.grow();
    const ran = await world.push();
    expect(ran.err).toMatch(/\[new reference\] +refs\/specstory\/history -> refs\/specstory\/writers/);
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(world.stored()).toEqual({ [history]: tip });
    expect(world.report()).toEqual({
      protocol: 1,
      outcome: 'ok',
      refs: [{ ref: history, outcome: 'ok' }],
      verdicts: [],
    });
    const again = await world.push();
    expect(again.err).toBe('Everything up-to-date\n');
    expect(posts(world)).toHaveLength(1);
    expect(world.server.seen.every(({ headers }) => headers['specstory-protocol'] === '1')).toBe(true);
  });

  it('takes the long form of an address, and one below a path', async () => {
    const world = await pushWorld();
    for (const url of [
      `specstory::${world.server.origin}/git/p`,
      `specstory://127.0.0.1:${world.server.port}/base/p`,
    ]) {
      world.grow();
      const ran = await world.git('push', url, refspec);
      expect(ran.code, ran.err).toBe(0);
    }
    expect(posts(world).map(({ path }) => path)).toEqual(['/git/p/git-receive-pack', '/base/git/p/git-receive-pack']);
  });

  it('counts what the server made of the sessions, and shows its words for people', async () => {
    const verdicts = [
      ...['a', 'b', 'c'].map((session) => ({ session, status: 'stored' as const })),
      { session: 'd', status: 'duplicate' as const },
      { session: 'e\x1b[2J', status: 'rejected' as const, code: 'secret_found', reason: 'a secret\x1b]0;x\x07 in it' },
    ];
    const lines = [
      ...verdicts.map(verdictLine),
      'welcome\n',
      'specstory-verdict: {"session":1}\n',
      'specstory-verdict\n',
    ];
    const world = await pushWorld({ lines });
    const ran = await world.push();
    expect(ran.code).toBe(0);
    expect(ran.err).toContain('specstory: 3 sessions stored, 1 duplicate; 1 rejected: e: a secret in it\n');
    expect(ran.err).toContain('specstory: 1 answer about sessions could not be read\n');
    expect(ran.err).toMatch(/^remote: welcome/m);
    expect(ran.err).toMatch(/^remote: specstory-verdict\s*$/m);
    expect(ran.err).not.toContain('{"session"');
    expect(world.report()?.verdicts).toEqual(verdicts);
  });

  it('sends nothing with --dry-run, and says what it would send', async () => {
    const world = await pushWorld();
    const ran = await world.push('--dry-run', '--porcelain');
    expect(ran.code).toBe(0);
    expect(ran.out).toMatch(new RegExp(`^\\*\trefs/specstory/history:${history}\t\\[new reference\\]$`, 'm'));
    expect(posts(world)).toEqual([]);
    expect(world.stored()).toEqual({});
  });

  it('refuses other refs before anything is sent (--mirror, branches)', async () => {
    const world = await pushWorld();
    await world.git('commit', '-q', '--allow-empty', '-m', 'code');
    const ran = await world.git('push', '--porcelain', 'team', 'main', refspec);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(
      /^!\trefs\/heads\/main:refs\/heads\/main\t\[remote rejected\] \(only the history is kept here\)$/m,
    );
    expect(Object.keys(world.stored())).toEqual([history]);
    expect(world.report()?.outcome).toBe('partial');
    const before = posts(world).length;
    world.grow();
    const atomic = await world.git('push', '--atomic', '--porcelain', 'team', 'main', refspec);
    expect(atomic.out).toMatch(/\(atomic push failed\)/);
    const branches = await world.git('push', 'team', 'main');
    expect(branches.code).toBe(1);
    expect(posts(world)).toHaveLength(before);
  });

  it('does all or nothing with --atomic', async () => {
    const world = await pushWorld();
    await world.push();
    await world.git('update-ref', 'refs/specstory/raw', 'HEAD~0').catch(() => {});
    const orphan = (await world.git('commit-tree', '4b825dc642cb6eb9a060e54bf8d69288fbee4904', '-m', 'x')).out.trim();
    const raw = history.replace('history', 'raw');
    const ran = await world.git('push', '--atomic', '--porcelain', 'team', `${orphan}:${history}`, `${orphan}:${raw}`);
    expect(ran.code).toBe(1);
    expect(ran.out).toMatch(/\[rejected\] \((?:non-fast-forward|fetch first)\)/);
    expect(Object.keys(world.stored())).toEqual([history]);
  });

  it('says natively why a ref was rejected', async () => {
    const world = await pushWorld();
    await world.push();
    const orphan = (await world.git('commit-tree', '4b825dc642cb6eb9a060e54bf8d69288fbee4904', '-m', 'x')).out.trim();
    const plain = await world.git('push', '--porcelain', 'team', `${orphan}:${history}`);
    expect(plain.out).toMatch(/\[rejected\] \(non-fast-forward\)/);
    execFileSync('git', ['--git-dir', world.bare, 'config', 'receive.hideRefs', 'refs/specstory/hidden']);
    const hidden = await world.git('push', '--porcelain', 'team', `${orphan}:refs/specstory/hidden/x`);
    expect(hidden.out).toMatch(/\[remote rejected\] \(deny updating a hidden ref\)/);
    expect(world.report()).toMatchObject({ outcome: 'rejected', refs: [{ outcome: 'rejected' }] });
    const leased = await world.git(
      'push',
      '--porcelain',
      `--force-with-lease=${history}:${orphan}`,
      'team',
      `${orphan}:${history}`,
    );
    expect(leased.out).toMatch(/\[rejected\] \(stale info\)/);
  });

  it('hands push options on, unusual ones as well', async () => {
    const world = await pushWorld();
    const ran = await world.push('-o', 'a=b', '-o', 'tab\tand "quotes" ü');
    expect(ran.code, ran.err).toBe(0);
  });

  it('refuses a signed push in words', async () => {
    const world = await pushWorld();
    const ran = await world.push('--signed');
    expect(ran.code).toBe(128);
    expect(ran.err).toContain('specstory: a signed push is not possible here');
    expect((await world.push('--signed=if-asked')).code).toBe(0);
  });

  it('keeps the list of refs over a pre-push hook that pushes', async () => {
    const world = await pushWorld();
    const other = history.replace('history', 'raw');
    plantHook(
      world.repository,
      'pre-push',
      `[ "$NESTED" ] || NESTED=1 git push -q team refs/specstory/history:${other} refs/specstory/history:${history}`,
    );
    const tip = world.grow();
    const ran = await world.push('--porcelain');
    // The hook was first: the same update again is refused by git on the server, and said so.
    expect(ran.err).not.toContain('unexpected status');
    expect(world.stored()).toEqual({ [history]: tip, [other]: tip });
    expect((await world.push()).err).toBe('Everything up-to-date\n');
  });

  it('streams a large push behind a probe', async () => {
    const world = await pushWorld({ authorization: bearer });
    world.grow(randomBytes(3 << 20));
    const ran = await world.push();
    expect(ran.code, ran.err).toBe(0);
    expect(posts(world).map(({ bytes }) => bytes > 4)).toEqual([false, true]);
    expect(posts(world)[1]?.headers['transfer-encoding']).toBe('chunked');
  });

  it('pushes the history of a shallow clone', async () => {
    const world = await pushWorld();
    world.grow();
    await world.push();
    await world.git('fetch', '--depth=1', 'team', `${history}:refs/specstory/remotes/team/x`);
    const tip = world.grow();
    const ran = await world.push();
    expect(ran.code, ran.err).toBe(0);
    expect(world.stored()[history]).toBe(tip);
  });
});
