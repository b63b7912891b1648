import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { expect, it } from 'vitest';
import { openCredentialStore } from '../../src/remote/credential-store.ts';
import { must, type SyncWorld, syncWorld } from './world.ts';

type Check = { name: string; state: string; text: string; hint?: string };

const checks = async (world: SyncWorld): Promise<Check[]> => JSON.parse((await world.run('doctor', '--json')).out);

const about = async (world: SyncWorld, name: string) => (await checks(world)).filter((check) => check.name === name);

it('finds nothing wrong where nothing is', async () => {
  const world = await syncWorld();
  const bin = join(world.home, 'bin');
  mkdirSync(bin);
  symlinkSync(resolve('hooks/bin/git-remote-specstory'), join(bin, 'git-remote-specstory'));
  Object.assign(world.env, { PATH: `${bin}:${world.env.PATH}` });
  world.plantSessions('s1');
  await must(world.run('sync'));
  expect((await checks(world)).filter(({ state }) => state !== 'ok')).toEqual([]);
});

it('says that git finds no helper, while sync has its own', async () => {
  const world = await syncWorld();
  expect(await about(world, 'remote helper')).toMatchObject([
    { state: 'warning', hint: 'npm install -g git-specstory' },
  ]);
  expect(await world.run('sync')).toMatchObject({ code: 0 });
});

it('names settings that break git fetch or destroy what is unsent, with the way out', async () => {
  const world = await syncWorld({ remote: false });
  world.git('remote', 'add', 'origin', world.repository);
  const bad = [
    '+refs/specstory/history:refs/specstory/history',
    '+refs/specstory/*:refs/specstory/*',
    'refs/specstory/history:refs/x',
  ];
  for (const refspec of bad) world.git('config', '--add', 'remote.origin.fetch', refspec);
  const found = await about(world, 'remote origin');
  expect(found.map(({ state, text }) => [state, text])).toEqual([
    ['failure', expect.stringContaining('overwrites')],
    ['failure', expect.stringContaining('overwrites')],
    ['failure', expect.stringContaining('fails')],
  ]);
  // Every way out does what it says.
  for (const { hint = '' } of found) {
    const [, name = '', pattern = ''] = /^git config --unset (\S+) '(.*)'$/.exec(hint) ?? [];
    world.git('config', '--unset', name, pattern);
  }
  expect(await about(world, 'remote origin')).toEqual([]);
});

it('names a remote whose consent does not hold, and one whose fetch setting is not ours', async () => {
  const world = await syncWorld();
  world.git('config', '--unset-all', 'remote.specstory.fetch');
  const [found] = await about(world, 'remote specstory');
  expect(found).toMatchObject({
    state: 'failure',
    hint: expect.stringContaining('git config --add remote.specstory.fetch'),
  });
  world.git('config', 'remote.specstory.url', 'specstory://other.example/app');
  expect(await about(world, 'remote specstory')).toMatchObject([
    { state: 'failure', hint: 'run: specstory remote remove specstory' },
  ]);
  await must(world.run('remote', 'remove', 'specstory'));
  expect(await about(world, 'remote specstory')).toEqual([]);
});

it('tells a sign-in that is missing, over or soon to be', async () => {
  const world = await syncWorld({ signedIn: false });
  const store = openCredentialStore({ env: world.env, home: world.home });
  const expires = (days: number) =>
    store.change(async (all) => {
      const expires_at = new Date(Date.now() + days * 86_400_000).toISOString();
      all.set(world.server.url, { server: world.server.url, access_token: 'ss_pat_x', expires_at });
      return { result: undefined, write: true };
    });
  const signIn = async () => (await about(world, 'sign-in specstory'))[0];
  expect(await signIn()).toMatchObject({ state: 'failure', hint: expect.stringContaining('specstory login') });
  await expires(-1);
  expect(await signIn()).toMatchObject({ state: 'failure', text: expect.stringContaining('expired') });
  await expires(3);
  expect(await signIn()).toMatchObject({ state: 'warning' });
  await expires(30);
  expect(await signIn()).toMatchObject({ state: 'ok' });
  writeFileSync(store.file, 'x');
  expect(await signIn()).toMatchObject({ state: 'failure', text: expect.stringContaining('damaged') });
});

it('notices clocks that jumped: a history from the future, a server of another time', async () => {
  const world = await syncWorld();
  world.plantSessions('s1');
  await must(world.run('sync'));
  expect(await about(world, 'clock')).toEqual([]);
  world.server.instead = ({ path }, response) => {
    if (path !== '/api/v2/server') return false;
    response.writeHead(200, { date: new Date(Date.now() - 3_600_000).toUTCString() }).end('{}');
    return true;
  };
  expect(await about(world, 'clock')).toMatchObject([
    { state: 'warning', text: expect.stringContaining('60 minutes ahead') },
  ]);
  world.server.instead = undefined;
  const tip = world.tip('refs/specstory/history');
  world.git('config', 'user.useConfigOnly', 'false');
  const env = { ...world.env, GIT_COMMITTER_DATE: '2099-01-01T00:00:00Z' };
  Object.assign(world.env, env);
  world.git(
    'update-ref',
    'refs/specstory/history',
    world.git('commit-tree', '-p', tip, '-m', 'x', `${tip}^{tree}`).trim(),
  );
  expect(await about(world, 'clock')).toMatchObject([{ state: 'warning', text: expect.stringContaining('2099') }]);
});
