import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listTree, openBlobs } from '../../../src/git/read.ts';
import { openImport } from '../../../src/git/write.ts';
import { writerTips } from '../../../src/git/writer-ref.ts';
import { Repositories } from '../../../src/server/repositories/repositories.ts';
import { author, checkRepository, commitFile, git, temporaryFolder } from '../../git/repositories.ts';
import { Clone } from '../clone.ts';
import { fullServer } from '../full-server.ts';
import { keyOf } from '../memory-access.ts';
import { refsOf } from '../server-state.ts';
import { exchange, sessionFiles, writerId } from '../sessions.ts';

const key = keyOf('ann', 'project');

describe('the repositories of a server', () => {
  it('are made with the first push, whole, also by many at once; before that they read as empty', async () => {
    const data = temporaryFolder();
    const repositories = new Repositories(data);
    expect(await writerTips(repositories.open(key))).toEqual([]);
    expect(repositories.keys()).toEqual([]);
    const made = await Promise.all(
      Array.from({ length: 8 }, () => repositories.exclusively(key, async (one) => one.gitDir)),
    );
    expect(new Set(made).size).toBe(1);
    expect(repositories.keys()).toEqual([key]);
    checkRepository(made[0] ?? '');
    expect(() => repositories.open('../../etc')).toThrow(/project key/);
  });

  it('can be written as a writer of the server’s own, and read', async () => {
    const repositories = new Repositories(temporaryFolder());
    const writer = writerId('c'.repeat(16));
    await repositories.exclusively(key, async (repository) => {
      const into = openImport(repository, {}, author, writer);
      await commitFile(into, 'annotations/aa/x.json', '{}');
      await into.finish();
    });
    const repository = repositories.open(key);
    const [tip] = await writerTips(repository);
    expect(tip).toMatchObject({ writer, kind: 'history' });
    if (!tip) return;
    expect((await listTree(repository, tip.oid, [])).map((entry) => entry.path)).toEqual(['annotations/aa/x.json']);
    const blobs = openBlobs(repository);
    expect(String(await blobs.read(`${tip.oid}:annotations/aa/x.json`))).toBe('{}');
    await blobs.close();
  });

  it('are rid of what dead processes left, and of nothing else', async () => {
    const data = temporaryFolder();
    const repositories = new Repositories(data);
    const repository = repositories.make(key);
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
    const { gitDir } = server.repositories.open(server.key);
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
    const { gitDir } = server.repositories.make(server.key);
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
