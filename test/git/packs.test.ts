import { existsSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { listTree, tips } from '../../src/git/read.ts';
import { recover } from '../../src/git/recover.ts';
import { openRepository, type Repository } from '../../src/git/repository.ts';
import { openImport } from '../../src/git/write.ts';
import { author, checkRepository, commitFile, git, makeRepository } from './repositories.ts';

async function open(...initOptions: string[]): Promise<Repository> {
  return openRepository(makeRepository(...initOptions));
}

async function importMany(repository: Repository, from: number, count: number): Promise<void> {
  for (let at = from; at < from + count; at++) {
    const into = openImport(repository, await tips(repository), author);
    await commitFile(into, `s/${at % 7}/${at}`, `${at}\n`);
    await into.finish();
  }
}

const packFolder = (repository: Repository): string => path.join(repository.commonDir, 'objects/pack');

function packs(repository: Repository): string[] {
  return readdirSync(packFolder(repository)).filter((name) => name.endsWith('.pack'));
}

const files = async (repository: Repository) => (await listTree(repository, 'refs/specstory/history', [])).length;

describe('consolidate', () => {
  it('keeps the number of packs bounded, and every object', async () => {
    const repository = await open();
    for (let round = 0; round < 3; round++) {
      await importMany(repository, round * 25, 25);
      expect(packs(repository).length).toBeLessThan(22);
      checkRepository(repository.root);
    }
    expect(await files(repository)).toBe(75);
    expect(readdirSync(packFolder(repository)).filter((name) => name.endsWith('.keep'))).toEqual([]);
    expect(readdirSync(path.join(repository.commonDir, 'specstory'))).toEqual(['packs']);
  });

  it('touches no pack of others', async () => {
    const repository = await open('--object-format=sha256');
    git(repository.root, 'commit', '--quiet', '--allow-empty', '--message=second');
    git(repository.root, 'repack', '-q', '-a', '-d');
    const [theirs = ''] = packs(repository);
    const before = statSync(path.join(packFolder(repository), theirs));
    await importMany(repository, 0, 2);
    const kept = packs(repository).find((name) => name !== theirs) ?? '';
    writeFileSync(path.join(packFolder(repository), kept.replace('.pack', '.keep')), 'by somebody else\n');
    await importMany(repository, 2, 30);
    expect(packs(repository)).toContain(theirs);
    expect(packs(repository)).toContain(kept);
    expect(statSync(path.join(packFolder(repository), theirs))).toMatchObject({
      ino: before.ino,
      mtimeMs: before.mtimeMs,
    });
    expect(packs(repository).length).toBeLessThan(24);
    checkRepository(repository.root);
  });

  it.each(['gc.pid', 'objects/pack/multi-pack-index'])('leaves the packs to git while there is %s', async (name) => {
    const repository = await open();
    await importMany(repository, 0, 15);
    if (name === 'gc.pid') writeFileSync(path.join(repository.commonDir, name), '1 host');
    else git(repository.root, 'multi-pack-index', 'write');
    await importMany(repository, 15, 10);
    expect(packs(repository)).toHaveLength(25);
    rmSync(path.join(repository.commonDir, name));
    await importMany(repository, 25, 1);
    expect(packs(repository).length).toBeLessThan(20);
    expect(await files(repository)).toBe(26);
    checkRepository(repository.root);
  });

  it('goes on when git has repacked everything in between', async () => {
    const repository = await open();
    for (let round = 0; round < 3; round++) {
      await importMany(repository, round * 12, 12);
      git(repository.root, 'gc', '--quiet', '--prune=now');
      expect(packs(repository)).toHaveLength(1);
    }
    const list = path.join(repository.commonDir, 'specstory/packs');
    writeFileSync(list, `pack-${'1'.repeat(40)}\n`.repeat(1000), { flag: 'a' });
    await importMany(repository, 36, 1);
    expect(statSync(list).size).toBeLessThan(1000);
    await importMany(repository, 37, 20);
    expect(await files(repository)).toBe(57);
    checkRepository(repository.root);
  });
});

describe('recover', () => {
  it('removes what crashed imports left, and nothing else', async () => {
    const repository = await open();
    await importMany(repository, 0, 1);
    const crashed = openImport(repository, await tips(repository), author);
    await commitFile(crashed, 'x', 'x');
    const own = path.join(repository.commonDir, 'specstory');
    writeFileSync(path.join(own, 'writer'), '0123456789abcdef\n');
    writeFileSync(path.join(own, 'packs.0123456789ab.tmp'), 'half');
    const partial = path.join(packFolder(repository), `pack-${'1'.repeat(40)}`);
    writeFileSync(`${partial}.keep`, 'specstory\n');
    writeFileSync(`${partial}.pack`, 'half');
    const theirs = path.join(packFolder(repository), `pack-${'2'.repeat(40)}`);
    writeFileSync(`${theirs}.keep`, 'theirs\n');
    const lock = path.join(repository.commonDir, 'refs/specstory/history.lock');
    writeFileSync(lock, '');
    utimesSync(lock, new Date(0), new Date(0));
    const branchLock = path.join(repository.commonDir, 'refs/heads/main.lock');
    writeFileSync(branchLock, '');
    await recover(repository);
    expect(readdirSync(own).toSorted()).toEqual(['packs', 'writer']);
    expect(existsSync(lock)).toBe(false);
    expect([`${theirs}.keep`, branchLock].filter((file) => existsSync(file))).toHaveLength(2);
    await crashed.abort();
    rmSync(branchLock);
    await importMany(repository, 1, 1);
    expect([`${partial}.keep`, `${partial}.pack`].filter((file) => existsSync(file))).toEqual([]);
    expect(await files(repository)).toBe(2);
  });

  it('respects a lock file on our ref that its owner renews', async () => {
    const repository = await open();
    await importMany(repository, 0, 1);
    const lock = path.join(repository.commonDir, 'refs/specstory/history.lock');
    writeFileSync(lock, '');
    const renewal = setTimeout(() => utimesSync(lock, new Date(), new Date()), 300);
    await recover(repository);
    clearTimeout(renewal);
    expect(existsSync(lock)).toBe(true);
  });

  it('waits no longer for a lock file from the future than for one of now', async () => {
    const repository = await open();
    await importMany(repository, 0, 1);
    const lock = path.join(repository.commonDir, 'refs/specstory/history.lock');
    writeFileSync(lock, '');
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(lock, tomorrow, tomorrow);
    await recover(repository);
    expect(existsSync(lock)).toBe(false);
  });

  it('keeps a whole pack that no ref reaches until the next import is done', async () => {
    const repository = await open();
    const rival = openImport(repository, {}, author);
    await commitFile(rival, 'a', 'the same');
    const winner = openImport(repository, {}, author);
    await commitFile(winner, 'b', 'b');
    await winner.finish();
    await expect(rival.finish()).rejects.toMatchObject({ kind: 'conflict' });
    await recover(repository);
    git(repository.root, 'gc', '--quiet', '--prune=now');
    const keeps = () => readdirSync(packFolder(repository)).filter((name) => name.endsWith('.keep'));
    expect(keeps()).toHaveLength(1);
    const again = openImport(repository, await tips(repository), author);
    await commitFile(again, 'a', 'the same');
    await again.finish();
    expect(keeps()).toEqual([]);
    git(repository.root, 'gc', '--quiet', '--prune=now');
    expect(await files(repository)).toBe(2);
    checkRepository(repository.root);
  });
});
