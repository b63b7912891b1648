import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { LocalRepositories } from '../../../src/server/repositories/local-repositories.ts';
import { git, temporaryFolder } from '../../git/repositories.ts';
import { Clone } from '../clone.ts';
import { fullServer } from '../full-server.ts';
import { refsOf } from '../server-state.ts';
import { exchange, sessionFiles } from '../sessions.ts';
import { key, repositoriesContract } from './repositories-contract.ts';

describe('the repositories on this machine', () => {
  repositoriesContract(async () => {
    const repositories = new LocalRepositories(temporaryFolder());
    // One process at a time has a data folder.
    return { repositories, reopen: async () => repositories };
  });

  it('are rid of what dead processes left, and of nothing else', async () => {
    const data = temporaryFolder();
    const repositories = new LocalRepositories(data);
    const repository = await repositories.make(key);
    const alive = repositories.quarantine(repository);
    const dead = repositories.quarantine(repository);
    const owner = path.join(dead.place.gitDir, 'owner');
    writeFileSync(owner, JSON.stringify({ ...JSON.parse(readFileSync(owner, 'utf8')), start: '1' }));
    mkdirSync(path.join(data, 'quarantine', 'import-unowned'));
    mkdirSync(path.join(data, 'repositories', key.slice(0, 2), 'new-xxxxxx'));
    const keep = path.join(repository.gitDir, 'objects', 'pack', `pack-${'1'.repeat(40)}.keep`);
    writeFileSync(keep, 'specstory\n');
    await repositories.recover();
    expect(readdirSync(path.join(data, 'quarantine'))).toEqual([path.basename(alive.place.gitDir)]);
    expect(readdirSync(path.join(data, 'repositories', key.slice(0, 2)))).toEqual([`${key}.git`]);
    expect(existsSync(keep)).toBe(false);
  });

  it('B54: run nothing that somebody put into them', async () => {
    const server = await fullServer();
    const clone = new Clone();
    const first = clone.commit(sessionFiles('one', [exchange('x')]));
    await clone.push(server.url, 'ann', [`${first}:${clone.ref()}`]);
    const { gitDir } = await server.repositories.open(server.key);
    const canary = path.join(server.data, 'canary');
    for (const setting of [
      'core.fsmonitor',
      'core.pager',
      'diff.external',
      'core.alternateRefsCommand',
      'uploadpack.packObjectsHook',
      'core.sshCommand',
      'core.askPass',
    ]) {
      git(gitDir, 'config', setting, `touch ${canary}`);
    }
    mkdirSync(path.join(gitDir, 'hooks'), { recursive: true });
    for (const hook of [
      'reference-transaction',
      'pre-receive',
      'update',
      'post-receive',
      'post-update',
      'pre-auto-gc',
    ]) {
      writeFileSync(path.join(gitDir, 'hooks', hook), `#!/bin/sh\ntouch ${canary}\n`, { mode: 0o755 });
    }
    const second = clone.commit(sessionFiles('one', [exchange('x'), exchange('y')]), first);
    expect((await clone.push(server.url, 'ann', [`${second}:${clone.ref()}`])).code).toBe(0);
    expect((await clone.run(['fetch', server.url, clone.ref()], 'ann')).code).toBe(0);
    expect(existsSync(canary)).toBe(false);
    expect(server.problems).toEqual([]);
  });

  it('stay few packs, whole, while pushes and a gc go on beside each other (B24)', async () => {
    const server = await fullServer();
    const clones = [new Clone(), new Clone('b'.repeat(16))];
    const { gitDir } = await server.repositories.make(server.key);
    let isOver = false;
    const gc = (async () => {
      for (let turn = 0; !isOver; turn++) {
        const other = new Clone('d'.repeat(16));
        await other.run(['-C', gitDir, 'gc', '--prune=now', '--quiet'], 'ann');
        if (turn > 500) throw new Error('the pushes do not end');
      }
    })();
    const tips = await Promise.all(
      clones.map(async (clone) => {
        let tip: string | undefined;
        for (let turn = 1; turn <= 25; turn++) {
          tip = clone.commit(
            sessionFiles(
              `of-${clone.writer}`,
              Array.from({ length: turn }, (_, at) => exchange(`${clone.writer}${at}`)),
            ),
            tip,
          );
          expect(await clone.push(server.url, 'ann', [`${tip}:${clone.ref()}`])).toMatchObject({ code: 0 });
        }
        return `${tip} ${clone.ref()}`;
      }),
    );
    isOver = true;
    await gc;
    expect(refsOf(server)).toEqual(tips);
    expect(server.problems).toEqual([]);
    expect((await server.store.sessions(server.key)).map(({ count }) => count)).toEqual([25, 25]);
    const packs = readdirSync(path.join(gitDir, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
    expect(packs.length).toBeLessThan(25);
  });
});
