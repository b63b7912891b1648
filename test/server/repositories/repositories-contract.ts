import { readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { openBlobs } from '../../../src/git/read.ts';
import type { Repository } from '../../../src/git/repository.ts';
import { openImport } from '../../../src/git/write.ts';
import { writerTips } from '../../../src/git/writer-ref.ts';
import type { Repositories } from '../../../src/server/repositories/repositories.ts';
import { author, checkRepository, commitFile, git } from '../../git/repositories.ts';
import { keyOf } from '../memory-access.ts';
import { writerId } from '../sessions.ts';

export const key = keyOf('ann', 'project');
const serverWriter = writerId('c'.repeat(16));

/** Adds a commit with one file to a writer's history, as the server does it for what arrives elsewhere than by git. */
export async function addFile(repository: Repository, name: string, text: string, writer = serverWriter) {
  const tip = (await writerTips(repository)).find((found) => found.writer === writer);
  const into = openImport(repository, tip ? { history: tip.oid } : {}, author, writer);
  await commitFile(into, name, text);
  await into.finish();
}

/** What all repositories of a server do. `open` gives some without any; `reopen` the same as another process has them, where there can be one. */
export function repositoriesContract(
  open: () => Promise<{ repositories: Repositories; reopen(): Promise<Repositories> }>,
): void {
  const world = async () => {
    const made = await open();
    onTestFinished(() => made.repositories.close());
    const reopen = async () => {
      const again = await made.reopen();
      onTestFinished(() => again.close());
      return again;
    };
    return { repositories: made.repositories, reopen };
  };
  const read = async (repositories: Repositories, name: string) => {
    const repository = await repositories.open(key);
    const blobs = openBlobs(repository);
    const [tip] = await writerTips(repository);
    const text = String(await blobs.read(`${tip?.oid}:${name}`));
    await blobs.close();
    return text;
  };

  describe('repositories', () => {
    it('read as empty before anything was pushed, and are made whole, also by many at once', async () => {
      const { repositories } = await world();
      expect(await writerTips(await repositories.open(key))).toEqual([]);
      expect([await repositories.tips(key), await repositories.keys()]).toEqual([[], []]);
      const made = await Promise.all(Array.from({ length: 8 }, () => repositories.make(key)));
      expect(new Set(made.map(({ gitDir }) => gitDir)).size).toBe(1);
      checkRepository(made[0]?.gitDir ?? '');
      await expect(repositories.make('../../etc')).rejects.toThrow(/project key/);
    });

    it('keep what was done in them, and another process has it', async () => {
      const { repositories, reopen } = await world();
      await repositories.exclusively(key, (repository) => addFile(repository, 'annotations/aa/x.json', '{}'));
      for (const each of [repositories, await reopen()]) {
        const [tip, ...more] = await each.tips(key);
        expect([tip, more]).toMatchObject([{ writer: serverWriter, kind: 'history' }, []]);
        expect(await writerTips(await each.open(key))).toEqual([tip]);
        const { gitDir } = await each.open(key);
        checkRepository(gitDir);
        expect(git(gitDir, 'ls-tree', '-r', '--name-only', tip?.oid ?? '')).toBe('annotations/aa/x.json');
        expect(await read(each, 'annotations/aa/x.json')).toBe('{}');
        expect(await each.keys()).toEqual([key]);
      }
    });

    it('are worked in by one at a time, whoever it is', async () => {
      const { repositories, reopen } = await world();
      const all = [repositories, await reopen()];
      let inside = 0;
      const work = all.flatMap((each, who) =>
        Array.from({ length: 6 }, (_, at) =>
          each.exclusively(key, async (repository) => {
            inside += 1;
            expect(inside).toBe(1);
            await addFile(repository, `annotations/aa/${who}-${at}.json`, '{}');
            inside -= 1;
          }),
        ),
      );
      await Promise.all(work);
      for (const each of all) {
        const { gitDir } = await each.open(key);
        checkRepository(gitDir);
        const tip = (await each.tips(key))[0]?.oid ?? '';
        expect(git(gitDir, 'ls-tree', '-r', '--name-only', tip).split('\n')).toHaveLength(12);
        expect(git(gitDir, 'rev-list', '--count', tip)).toBe('12');
      }
    });

    it('go on as they were when work fails before it moved a ref', async () => {
      const { repositories } = await world();
      await repositories.exclusively(key, (repository) => addFile(repository, 'a', '1'));
      const before = await repositories.tips(key);
      const failed = repositories.exclusively(key, async () => {
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      expect(await repositories.tips(key)).toEqual(before);
      await repositories.exclusively(key, (repository) => addFile(repository, 'a', '2'));
      expect(await read(repositories, 'a')).toBe('2');
    });

    it('have nothing left of what a rewriting took out of the refs, and count it, also for others', async () => {
      const { repositories, reopen } = await world();
      const all = [repositories, await reopen()];
      await repositories.exclusively(key, (repository) => addFile(repository, 'a', 'stays'));
      const [kept] = await repositories.tips(key);
      await repositories.exclusively(key, (repository) => addFile(repository, 'b', 'goes'));
      const gone = git((await repositories.open(key)).gitDir, 'rev-parse', `${kept?.ref}:b`);
      expect(await repositories.rewrites(key)).toBe(0);
      await repositories.rewriting(key, async ({ gitDir }) =>
        git(gitDir, 'update-ref', kept?.ref ?? '', kept?.oid ?? ''),
      );
      for (const each of all) {
        expect(await each.tips(key)).toEqual([kept]);
        expect(await each.rewrites(key)).toBe(1);
        const { gitDir } = await each.open(key);
        checkRepository(gitDir);
        expect(await read(each, 'a')).toBe('stays');
        await each.refresh();
        expect(() => git(gitDir, 'cat-file', '-e', gone)).toThrow();
      }
    });

    it('are whole after a rewriting that failed, and drop what it left once they recover', async () => {
      const { repositories, reopen } = await world();
      await repositories.exclusively(key, (repository) => addFile(repository, 'a', '1'));
      const before = await repositories.tips(key);
      const failed = repositories.rewriting(key, async () => {
        throw new Error('no');
      });
      await expect(failed).rejects.toThrow('no');
      const again = await reopen();
      await again.recover();
      for (const each of [repositories, again]) {
        expect(await each.tips(key)).toEqual(before);
        expect(await read(each, 'a')).toBe('1');
        checkRepository((await each.open(key)).gitDir);
      }
    });

    it('keep the packs that somebody may be reading until nobody is', async () => {
      const { repositories, reopen } = await world();
      const all = [repositories, await reopen()];
      const add = (at: number) =>
        (all[at % 2] ?? repositories).exclusively(key, (repository) => addFile(repository, 'a', String(at)));
      for (let at = 0; at < 15; at++) await add(at);
      const packs = async () => {
        const { gitDir } = await repositories.exclusively(key, async (repository) => repository);
        return readdirSync(path.join(gitDir, 'objects', 'pack')).filter((name) => name.endsWith('.pack'));
      };
      const before = await packs();
      let end = (): void => {};
      const over = new Promise<void>((resolve) => {
        end = resolve;
      });
      await repositories.read(key, async () => ({ over }));
      const tidied: Promise<void>[] = [];
      for (let at = 15; at < 60; at++) {
        await add(at);
        for (const each of all) tidied.push(each.tidy(key));
      }
      for (const each of all) await each.exclusively(key, async () => {});
      expect(await packs()).toEqual(expect.arrayContaining(before));
      end();
      await Promise.all(tidied);
      // What another server merged goes behind the work in which it was noticed.
      await expect
        .poll(async () => (await packs()).filter((name) => before.includes(name)), { timeout: 20_000 })
        .toEqual([]);
      expect((await packs()).length).toBeLessThan(25);
      for (const each of all) {
        checkRepository((await each.open(key)).gitDir);
        expect(await read(each, 'a')).toBe('59');
      }
    });

    it('stay few packs', async () => {
      const { repositories, reopen } = await world();
      const all = [repositories, await reopen()];
      for (let at = 0; at < 50; at++) {
        const each = all[at % 2] ?? repositories;
        await each.exclusively(key, (repository) => addFile(repository, 'a', String(at)));
        await each.tidy(key);
      }
      for (const each of all) {
        const { gitDir } = await each.open(key);
        checkRepository(gitDir);
        const counts = new Map(
          git(gitDir, 'count-objects', '-v')
            .split('\n')
            .map((line) => [line.split(': ')[0], Number(line.split(': ')[1])]),
        );
        expect(counts.get('packs')).toBeLessThan(25);
        expect(await read(each, 'a')).toBe('49');
      }
    });
  });
}
