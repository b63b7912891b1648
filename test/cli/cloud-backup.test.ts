import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../git/repositories.ts';
import { realServer } from '../hosts/real-server.ts';
import { restore } from '../hosts/restore.ts';
import { Clone } from '../server/clone.ts';
import { exchange, sessionFiles } from '../server/sessions.ts';
import { expectStored, realWorld } from '../sync/real-world.ts';
import { repositoriesOf, storedBy } from '../sync/stored.ts';
import { must } from '../sync/world.ts';

const program = resolve('dist/specstory.cjs');

function cloud(args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const ran = spawnSync(process.execPath, [program, 'cloud', ...args], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, HOME: '/nowhere', ...env },
  });
  return { code: ran.status, out: ran.stdout, err: ran.stderr };
}

/** Files and folders below a folder, with their modes. */
function modesBelow(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true });
  return entries.flatMap((entry) => {
    const place = join(folder, entry.name);
    const mode = (statSync(place).mode & 0o777).toString(8);
    return [mode, ...(entry.isDirectory() ? modesBelow(place) : [])];
  });
}

describe('specstory cloud backup', () => {
  it('makes a folder that a server can be started on: clients go on with their tokens, and everything is there', async () => {
    const world = await realWorld();
    world.plantSessions(3);
    await must(world.run('sync'));
    const folder = join(temporaryFolder(), 'deep', 'monday');
    const made = cloud(['backup', folder, '--data', world.server.data, '--json']);
    expect(made).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(made.out)).toEqual({ folder, repositories: 1, refs: 2 });
    expect(readdirSync(join(folder, '..'))).toEqual(['monday']);
    expect(new Set([(statSync(folder).mode & 0o777).toString(8), ...modesBelow(folder)])).toEqual(
      new Set(['700', '600', '400']),
    );
    expect(storedBy(folder)).toEqual(storedBy(world.server.data));
    await restore(world.server, folder);
    await expectStored(world.server, [world]);
    world.plantSessions();
    expect(await world.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ push: { outcome: 'ok' } }] });
    await expectStored(world.server, [world]);
    const other = await realWorld({ server: world.server });
    expect(await other.json('sync')).toMatchObject({ exit_code: 0, remotes: [{ fetch: { sessions: 4 } }] });
  });

  it('is whole when it is taken in the middle of pushes', async () => {
    const server = await realServer();
    const token = server.token('ada', 'capture:write');
    let isOver = false;
    const pushing = Array.from({ length: 3 }, async (_, who) => {
      const clone = new Clone(String(who).repeat(16));
      let tip: string | undefined;
      for (let turn = 0; !isOver; turn++) {
        tip = clone.commit(sessionFiles(`${who}-${turn}`, [exchange(`${who}-${turn}`)]), tip);
        expect(await clone.push(`${server.url}/git/app`, token, [`${tip}:${clone.ref()}`])).toMatchObject({ code: 0 });
      }
    });
    const sent = () => repositoriesOf(server.data).flatMap((folder) => readdirSync(join(folder, 'objects', 'pack')));
    await expect.poll(() => sent().length, { timeout: 20_000 }).toBeGreaterThan(0);
    const backups: string[] = [];
    for (let turn = 0; turn < 6; turn++) {
      const folder = join(temporaryFolder(), 'backup');
      server.cloud(['backup', folder]);
      backups.push(folder);
      await new Promise((later) => setTimeout(later, 50));
    }
    isOver = true;
    await Promise.all(pushing);
    for (const folder of backups) {
      const { sessions, exchanges, indexed } = storedBy(folder);
      expect(new Set(sessions)).toEqual(new Set([...sessions, ...indexed.sessions]));
      expect(exchanges.length).toBe(sessions.length);
      expect(
        readdirSync(join(repositoriesOf(folder)[0] ?? '', 'objects', 'pack')).filter((name) => name.endsWith('.pack')),
      ).toHaveLength(1);
    }
    const counts = backups.map((folder) => storedBy(folder).sessions.length);
    expect(counts.at(-1)).toBeGreaterThan(counts[0] ?? 0);
  });

  it('goes nowhere where something is, and into no data directory', async () => {
    const { data } = await realServer();
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'mine'), '');
    expect(cloud(['backup', folder, '--data', data])).toMatchObject({
      code: 2,
      err: expect.stringContaining('holds something'),
    });
    expect(cloud(['backup', join(data, 'backup'), '--data', data])).toMatchObject({ code: 2 });
    expect(cloud(['backup', join(folder, 'x'), '--data', folder])).toMatchObject({
      code: 1,
      err: expect.stringContaining('no data directory'),
    });
    const empty = join(folder, 'empty');
    mkdirSync(empty);
    expect(cloud(['backup', empty, '--data', data])).toMatchObject({ code: 0 });
    expect(existsSync(join(empty, 'accounts.sqlite'))).toBe(true);
    const elsewhere = { SPECSTORY_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    expect(cloud(['backup', join(folder, 'x'), '--data', data], elsewhere)).toMatchObject({
      code: 1,
      err: expect.stringContaining('pg_dump'),
    });
    expect(readdirSync(folder).sort()).toEqual(['empty', 'mine']);
  });

  it('leaves nothing when the disk does not take it', async () => {
    const { data } = await realServer();
    const folder = temporaryFolder();
    const ran = spawnSync(
      '/bin/sh',
      [
        '-c',
        `ulimit -f 8; exec "$0" "$@"`,
        process.execPath,
        program,
        'cloud',
        'backup',
        join(folder, 'x'),
        '--data',
        data,
      ],
      {
        encoding: 'utf8',
        env: { PATH: process.env.PATH, HOME: '/nowhere' },
      },
    );
    expect(ran.status).not.toBe(0);
    expect(ran.stderr).toMatch(/specstory: /);
    expect(readdirSync(folder)).toEqual([]);
  });
});
