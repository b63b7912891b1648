import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { must, type SyncWorld, syncWorld } from '../sync/world.ts';

const settings = (world: SyncWorld) =>
  world
    .git('config', '--local', '--list')
    .split('\n')
    .filter((line) => /^(?:remote|url)\./.test(line));

/** A bare repository beside the world's, with a branch unless told otherwise. */
function bare(world: SyncWorld, name: string, withBranch = true): string {
  const path = join(world.home, '..', name);
  execFileSync('git', ['init', '-q', '--bare', path]);
  if (withBranch) {
    world.git('commit', '-q', '--allow-empty', '-m', 'code');
    world.git('push', '-q', path, 'HEAD:refs/heads/main');
  }
  return path;
}

describe('remote add', () => {
  it('writes what a plain git push and git fetch need, shows it, and touches nothing else', async () => {
    const world = await syncWorld({ remote: false });
    world.git('remote', 'add', 'origin', 'git@example.org:team/app.git');
    const before = settings(world);
    const added = await must(world.run('remote', 'add', world.server.url, '--project', 'app'));
    const writer = /writers\/([0-9a-f]{16})/.exec(added.out)?.[1];
    const url = `specstory://127.0.0.1:${world.server.port}/app`;
    const own = [
      `remote.specstory.url=${url}`,
      'remote.specstory.fetch=+refs/specstory/writers/*:refs/specstory/remotes/specstory/*',
      `remote.specstory.push=refs/specstory/history:refs/specstory/writers/${writer}/history`,
      `remote.specstory.push=refs/specstory/raw*:refs/specstory/writers/${writer}/raw*`,
      'remote.specstory.tagopt=--no-tags',
      `remote.specstory.specstory=${url}`,
    ];
    expect(settings(world)).toEqual([...before, ...own]);
    for (const line of own.slice(0, 4)) expect(added.out).toContain(line.replace('=', ' = '));
    expect(await must(world.run('remote', 'add', world.server.url, '--project', 'app'))).toMatchObject({
      out: expect.stringContaining('already'),
    });
    expect(settings(world)).toEqual([...before, ...own]);
    expect(await world.json('remote', 'list')).toMatchObject([
      { name: 'specstory', url, project: 'app', consent: true },
    ]);
    expect(world.server.requests).toEqual([]);
    await must(world.run('remote', 'remove', 'specstory'));
    expect(settings(world)).toEqual(before);
  });

  it("names the project by SpecStory's id of the repository", async () => {
    const world = await syncWorld({ remote: false });
    world.git('remote', 'add', 'origin', 'git@github.com:o/r.git');
    await must(world.run('remote', 'add', world.server.url));
    // sha256('github.com/o/r')
    expect(await world.json('remote', 'list')).toMatchObject([
      { project: expect.stringMatching(/^[0-9a-f]{4}(-[0-9a-f]{4}){3}$/) },
    ]);
  });

  it('does not take a name that is taken, nor one that is none', async () => {
    const world = await syncWorld({ remote: false });
    world.git('remote', 'add', 'origin', 'git@example.org:team/app.git');
    const before = settings(world);
    for (const name of ['origin', '-x', 'a/b', '..', 'x.lock', 'a b', '']) {
      expect(await world.run('remote', 'add', world.server.url, '--name', name), name).toMatchObject({ code: 2 });
    }
    expect(await world.run('remote', 'remove', 'origin')).toMatchObject({ code: 1 });
    expect(settings(world)).toEqual(before);
  });

  it.each([
    'ext::sh -c touch% owned',
    'ext::touch',
    'fd::7',
    'file:///tmp',
    '--upload-pack=touch owned',
    '-oProxyCommand=touch owned',
    'git@h:a\nb',
  ])('refuses %j before anything is started (B51)', async (url) => {
    const world = await syncWorld({ remote: false });
    expect(await world.run('remote', 'add', '--', url)).toMatchObject({
      code: 2,
      err: expect.stringContaining('cannot use the address'),
    });
    world.git('config', 'remote.specstory.url', url);
    world.git('config', 'remote.specstory.specstory', url);
    expect(await world.run('sync')).toMatchObject({ code: 2 });
    expect(existsSync(join(world.repository, 'owned'))).toBe(false);
  });

  it('works before anything was captured, and lets git push carry history without original records', async () => {
    const world = await syncWorld({ remote: false });
    const path = bare(world, 'backup.git');
    await must(world.run('remote', 'add', path, '--name', 'backup'));
    world.plantSessions('s1');
    await must(world.run('capture'));
    world.git('update-ref', '-d', 'refs/specstory/raw');
    world.git('push', '-q', 'backup');
    expect(execFileSync('git', ['-C', path, 'for-each-ref'], { encoding: 'utf8' })).toMatch(
      /writers\/[0-9a-f]{16}\/history/,
    );
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'nothing' } }] });
  });
});

describe('a plain host', () => {
  it('gets the same refs, after it has a branch', async () => {
    const world = await syncWorld({ remote: false });
    const path = bare(world, 'host.git', false);
    await must(world.run('remote', 'add', path));
    world.plantSessions('s1');
    expect(await world.run('sync')).toMatchObject({ code: 2, err: expect.stringContaining('no branch') });
    expect(execFileSync('git', ['-C', path, 'for-each-ref'], { encoding: 'utf8' })).toBe('');
    world.git('commit', '-q', '--allow-empty', '-m', 'code');
    world.git('push', '-q', path, 'HEAD:refs/heads/main');
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 1 } }] });
    expect(execFileSync('git', ['-C', path, 'for-each-ref'], { encoding: 'utf8' })).toMatch(
      /writers\/[0-9a-f]{16}\/raw/,
    );
    expect(await world.json('sync', 'status', '-c')).toMatchObject({ healthy: true });
    expect(await world.json('sync', 'routes')).toMatchObject([{ audience: { visibility: 'local' } }]);
  });

  it('that does not take the refs is named, with another way', async () => {
    const world = await syncWorld({ remote: false });
    const path = bare(world, 'host.git');
    execFileSync('git', ['-C', path, 'config', 'receive.hideRefs', 'refs/specstory']);
    await must(world.run('remote', 'add', path));
    world.plantSessions('s1');
    expect(await world.run('sync')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/hidden ref[\s\S]*docs\/sync\.md/),
    });
    expect(await world.json('sync', 'status')).toMatchObject({ healthy: false });
    expect((await world.run('doctor')).out).toContain('does not take refs/specstory');
  });

  it('that everybody can read is asked about before the first push (B68)', async () => {
    const world = await syncWorld({ remote: false });
    world.server.isOpen = true;
    world.git('commit', '-q', '--allow-empty', '-m', 'code');
    const git = world.server.repository('open');
    world.git('push', '-q', git, 'HEAD:refs/heads/main');
    await must(world.run('remote', 'add', `${world.server.url}/git/open`));
    world.plantSessions('s1');
    const refused = await world.run('sync');
    expect(refused).toMatchObject({ code: 2, err: expect.stringMatching(/everybody can read .*--yes/) });
    expect(world.server.pushes).toEqual([]);
    expect(await world.json('sync', 'routes')).toMatchObject([{ audience: { visibility: 'public' } }]);
    expect(await world.run('sync', '--yes')).toMatchObject({ code: 0 });
    world.plantSessions('s2');
    expect(await world.run('sync')).toMatchObject({ code: 0 });
    expect(world.server.requests.filter(({ authorization }) => authorization !== undefined)).toEqual([]);
  });
});
