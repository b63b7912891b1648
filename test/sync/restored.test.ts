import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../git/repositories.ts';
import { restore } from '../hosts/restore.ts';
import { expectOneCopy, expectStored, type RealWorld, realWorld } from './real-world.ts';
import { repositoriesOf } from './stored.ts';
import { must } from './world.ts';

/** Backs the server up, lets the clone send more, and sets the server back to the backup. */
async function setBack(world: RealWorld): Promise<void> {
  const backup = join(temporaryFolder(), 'backup');
  world.server.cloud(['backup', backup]);
  world.plantSessions(2);
  await must(world.run('sync'));
  await restore(world.server, backup);
}

describe('a server that was set back', () => {
  it('gets again what it lacks, with the next sync, though nothing is unsent as far as is known here', async () => {
    const world = await realWorld();
    world.plantSessions();
    await must(world.run('sync'));
    await setBack(world);
    expect(world.tips().there).not.toBe(world.tips().here);
    const report = await world.json('sync');
    expect(report).toMatchObject({
      exit_code: 0,
      remotes: [
        { push: { outcome: 'ok' }, counts: { selected: 2, stored: 2 }, rolled_back: 0, resent: true, open: [] },
      ],
    });
    await expectStored(world.server, [world]);
    await expectOneCopy(world);
    expect(await world.json('sync', 'status', '--check')).toMatchObject({ healthy: true });
  });

  it('gets all of it when it had nothing of this clone, or not even the project', async () => {
    const first = await realWorld();
    await setBack(first);
    expect(repositoriesOf(first.server.data)).toEqual([]);
    expect(await first.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 2 } }] });
    await expectOneCopy(first);
    const second = await realWorld({ server: first.server });
    await setBack(second);
    expect(await second.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ counts: { stored: 2 } }] });
    await expectOneCopy(second, [first]);
  });

  it('gets what it lacks together with what is new, and from every clone', async () => {
    const one = await realWorld();
    const two = await realWorld({ server: one.server });
    for (const world of [one, two]) {
      world.plantSessions();
      await must(world.run('sync'));
    }
    const backup = join(temporaryFolder(), 'backup');
    one.server.cloud(['backup', backup]);
    for (const world of [one, two, one]) {
      world.plantSessions();
      await must(world.run('sync'));
    }
    await restore(one.server, backup);
    one.plantSessions();
    expect(await one.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ open: [] }] });
    // What the other clone had sent is kept here until that clone sends it again.
    expect((await one.json('list')).length).toBe(one.planted() + two.planted());
    expect(await two.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ open: [] }] });
    await expectStored(one.server, [one, two]);
    await expectOneCopy(one, [two]);
  });

  it('is told by a dry run, which sends nothing', async () => {
    const world = await realWorld();
    await setBack(world);
    const report = await world.json('sync', '--dry-run');
    expect(report).toMatchObject({ remotes: [{ commits: expect.any(Number), counts: { selected: 2 } }] });
    expect(repositoriesOf(world.server.data)).toEqual([]);
  });

  it('that is a plain host gets it as well', async () => {
    const world = await realWorld();
    await must(world.run('remote', 'remove', 'specstory'));
    const host = join(temporaryFolder(), 'host.git');
    execFileSync('git', ['init', '-q', '--bare', host]);
    world.git('commit', '-q', '--allow-empty', '-m', 'code');
    world.git('push', '-q', host, 'main');
    await must(world.run('remote', 'add', host, '--name', 'plain'));
    world.plantSessions();
    await must(world.run('sync', '--yes'));
    const refs = () => execFileSync('git', ['-C', host, 'for-each-ref', 'refs/specstory'], { encoding: 'utf8' });
    const before = refs();
    for (const line of before.split('\n').filter(Boolean))
      execFileSync('git', ['-C', host, 'update-ref', '-d', line.split('\t')[1] ?? '']);
    expect(refs()).toBe('');
    await must(world.run('sync'));
    expect(refs()).toBe(before);
  });
});
