import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { claudeTranscript } from '../hosts/scratch.ts';
import { must, specstory, syncWorld } from './world.ts';

/** Every file below a folder with size and time. */
function snapshot(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const path = join(entry.parentPath, entry.name);
      const { size, mtimeMs } = statSync(path);
      return `${path} ${size} ${mtimeMs}`;
    })
    .sort();
}

const total = ({ selected, ...by }: Record<string, number>) => [selected, Object.values(by).reduce((a, b) => a + b, 0)];

describe('sync', () => {
  it('sends what is new, says what became of it, and sends nothing twice', async () => {
    const world = await syncWorld();
    world.plantSessions('s1', 's2');
    const first = await world.json('sync');
    expect(first).toMatchObject({
      exit_code: 0,
      capture: { captured: [{}, {}] },
      remotes: [{ push: { outcome: 'ok' } }],
    });
    expect(first.remotes[0].counts).toMatchObject({ selected: 2, stored: 2 });
    const [writer] = world.server.git('app', 'for-each-ref', '--format=%(refname)').split('\n');
    expect(world.server.git('app', 'rev-parse', writer ?? '').trim()).toBe(world.tip('refs/specstory/history'));
    expect(world.tip('refs/specstory/remotes/specstory/*/raw')).toBe(world.tip('refs/specstory/raw'));

    world.server.requests.length = 0;
    const second = await world.json('sync');
    expect(second).toMatchObject({
      exit_code: 0,
      remotes: [{ push: { outcome: 'nothing' }, counts: { selected: 0 } }],
    });
    expect(world.server.requests.map(({ method }) => method)).toEqual(['GET']);
    expect(await world.json('sync', 'status', '--check')).toMatchObject({
      healthy: true,
      remotes: [
        { unpushed: { history: 0, raw: 0 }, unfetched: 0, connection: { state: 'Connected', reason: 'connected' } },
      ],
    });
  });

  it('changes nothing anywhere on a dry run', async () => {
    const world = await syncWorld();
    const meta = {
      timestamp: '2026-11-20T10:00:00Z',
      type: 'session_meta',
      payload: { id: '0199a213-81c0-7800-8aa1-bbab2a035a53', cwd: '/elsewhere' },
    };
    world.plant(
      '.codex/sessions/2026/11/20/rollout-2026-11-20T10-00-00-0199a213-81c0-7800-8aa1-bbab2a035a53.jsonl',
      `${JSON.stringify(meta)}\n`,
    );
    world.plantSessions('s1');
    const untouched = [snapshot(join(world.repository, '.git')), snapshot(world.home)];
    expect(await world.json('sync', '-n')).toMatchObject({
      capture: { planned: 1 },
      remotes: [{ push: { outcome: 'nothing' } }],
    });
    expect([snapshot(join(world.repository, '.git')), snapshot(world.home)]).toEqual(untouched);
    await must(world.run('capture'));
    world.plantSessions('s2');
    const before = [snapshot(join(world.repository, '.git')), snapshot(world.home)];
    const report = await world.json('sync', '--dry-run');
    expect(report).toMatchObject({
      dry_run: true,
      capture: { planned: 1 },
      remotes: [{ commits: 1, counts: { selected: 1 } }],
    });
    expect([snapshot(join(world.repository, '.git')), snapshot(world.home)]).toEqual(before);
    expect(world.server.pushes).toEqual([]);
    expect(world.server.git('app', 'for-each-ref')).toBe('');
  });

  it('refuses without a remote, and without consent, before any request', async () => {
    const world = await syncWorld({ remote: false });
    expect(await world.run('sync')).toMatchObject({ code: 2, err: expect.stringContaining('specstory remote add') });
    await must(world.run('remote', 'add', world.server.url, '--project', 'app'));
    world.git('config', 'remote.specstory.url', `specstory://127.0.0.1:${world.server.port}/other`);
    expect(await world.run('sync')).toMatchObject({ code: 2, err: expect.stringContaining('you agreed to') });
    expect(await world.json('sync', 'status')).toMatchObject({ healthy: false });
    expect(world.server.requests).toEqual([]);
  });

  it('reports on one session, and says that others went along', async () => {
    const world = await syncWorld();
    world.plantSessions('s1', 's2');
    await must(world.run('capture'));
    world.plantSessions('s3', 's4');
    const report = await world.json('sync', '-u', 's3');
    expect(report.capture.captured).toMatchObject([{ session_id: 's3' }]);
    expect(report.remotes[0]).toMatchObject({ other_sessions: 2, sessions: [{ session: 's3', status: 'stored' }] });
    expect(total(report.remotes[0].counts)).toEqual([1, 1]);
    expect(await world.run('sync', '-u', 'nothing')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no session'),
    });
  });

  it('writes the report to a file, and one line per session', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    const { out } = await must(world.run('sync', '--verbose', '--report', 'report.json'));
    expect(out).toMatch(/stored {4}s1/);
    const report = JSON.parse(readFileSync(join(world.repository, 'report.json'), 'utf8'));
    expect(report).toMatchObject({ version: 1, remotes: [{ sessions: [{ session: 's1' }] }] });
  });

  it('fetches what others sent, and keeps it when a history was taken back (B37)', async () => {
    const world = await syncWorld();
    const other = await syncWorld({ remote: false });
    await must(other.run('remote', 'add', world.server.url, '--project', 'app'));
    const token = world.server.grant('bob').access_token;
    await must(specstory(other, ['login', '--server', world.server.url, '--token', '-'], { input: token }));
    other.plantSessions('o1', 'o2');
    await must(other.run('sync'));
    world.plantSessions('s1');
    expect(await world.json('sync')).toMatchObject({ remotes: [{ fetch: { outcome: 'ok', sessions: 2 } }] });
    const theirs = other.tip('refs/specstory/history');
    expect(world.git('for-each-ref', '--format=%(objectname)', 'refs/specstory/remotes')).toContain(theirs);

    const [ref = ''] =
      other.git('config', '--get-all', 'remote.specstory.push').match(/refs\/specstory\/writers\/\S+\/history/) ?? [];
    const identity = ['-c', 'user.name=x', '-c', 'user.email=x@example.org'];
    const rewrite = (tree: string) => {
      const rewritten = world.server.git('app', ...identity, 'commit-tree', '-m', tree, tree).trim();
      world.server.git('app', 'update-ref', ref, rewritten);
    };
    rewrite(`${theirs}^{tree}`);
    const same = await world.run('sync');
    expect(same).toMatchObject({ code: 0, err: expect.stringContaining('all is there but what was purged') });
    rewrite(`${theirs}~1^{tree}`);
    const after = await world.json('sync', 'status', '-c');
    expect(after).toMatchObject({ healthy: false, remotes: [{ unfetched: 1 }] });
    const ran = await world.run('sync');
    expect(ran).toMatchObject({ code: 0, err: expect.stringContaining('a history was rewritten') });
    expect(world.git('cat-file', '-t', theirs).trim()).toBe('commit');

    const own = world.server.git('app', 'for-each-ref', '--format=%(objectname) %(refname)').split('\n');
    const mine = own.find((line) => line.startsWith(world.tip('refs/specstory/history')))?.split(' ')[1] ?? '';
    world.server.git('app', 'update-ref', '-d', mine);
    expect(await world.json('sync', 'status', '-c')).toMatchObject({
      healthy: false,
      remotes: [{ connection: { rolled_back: true } }],
    });
    expect(world.tip('refs/specstory/history')).not.toBe('');
  });

  it('does without what it remembered when that is damaged, and keeps the damaged file (B31)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    await must(world.run('sync'));
    const file = join(world.repository, '.git/specstory/remotes/specstory.json');
    for (const content of ['', '{"version":1', '\0\u0001', '{"version":9,"open":[]}']) {
      writeFileSync(file, content);
      expect(await world.json('sync', 'status')).toMatchObject({ healthy: false });
      expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'nothing' } }] });
      expect(readFileSync(`${file}.damaged`, 'utf8')).toBe(content);
      expect(await world.json('sync', 'status')).toMatchObject({ healthy: true });
    }
  });

  it('tells who is at work instead of working beside them', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    let second: Promise<{ code: number | null; err: string }> | undefined;
    world.server.instead = async () => {
      second ??= world.run('sync');
      await second;
      return false;
    };
    expect(await world.run('sync')).toMatchObject({ code: 0 });
    expect(await second).toMatchObject({ code: 1, err: expect.stringMatching(/process \d+ \(sync, since/) });
  });
});

describe('consent', () => {
  it('lets out the history of no other repository (R25)', async () => {
    const world = await syncWorld();
    const [one, two] = [await syncWorld({ remote: false }), await syncWorld({ remote: false })];
    for (const [index, at] of [world, one, two].entries()) {
      Object.assign(at.env, { HOME: world.home });
      const project = at.repository.replace(/[^A-Za-z0-9]/g, '-');
      for (let n = 0; n < 5; n++) {
        const id = `r${index}-${n}`;
        world.plant(`.claude/projects/${project}/${id}.jsonl`, claudeTranscript(at.repository, id, 2).join(''));
      }
    }
    await Promise.all([world.run('sync'), one.run('sync'), two.run('sync')]);
    await Promise.all([one.run('capture'), two.run('capture')]);
    await must(world.run('sync'));
    const sent = world.server.git('app', 'log', '--all', '--format=', '--name-only');
    const sessions = new Set([...sent.matchAll(/sessions\/..\/([^/]+)\//g)].map(([, session]) => session));
    expect([...sessions].sort()).toEqual(['r0-0', 'r0-1', 'r0-2', 'r0-3', 'r0-4']);
    expect(one.server.requests.concat(two.server.requests)).toEqual([]);
  });

  it('begins no request after it was taken back, and records how the last one ended (B69)', async () => {
    const world = await syncWorld();
    world.plantSessions('s1');
    let removal: Promise<{ code: number | null }> | undefined;
    let atRemoval = 0;
    world.server.instead = async ({ method }) => {
      if (method !== 'POST' || removal) return false;
      removal = world.run('remote', 'remove', 'specstory');
      while (world.git('config', '--local', '--list').includes('remote.specstory.specstory=')) {
        await new Promise((done) => setTimeout(done, 20));
      }
      atRemoval = world.server.requests.length;
      return false;
    };
    const report = await world.json('sync');
    expect(report.remotes[0]).toMatchObject({
      push: { outcome: 'ok' },
      counts: { stored: 1 },
      fetch: { outcome: 'refused' },
    });
    expect(await removal).toMatchObject({ code: 0 });
    expect(world.server.requests).toHaveLength(atRemoval);
    expect(world.git('config', '--local', '--list')).not.toContain('remote.specstory');
    expect(world.git('for-each-ref', 'refs/specstory/remotes')).toBe('');
    expect(existsSync(join(world.repository, '.git/specstory/remotes/specstory.json'))).toBe(false);
    expect(await world.run('sync')).toMatchObject({ code: 2 });
  });
});
