import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { mergePacks, removePacks } from '../../git/consolidate.ts';
import { dropUnreachable } from '../../git/drop-unreachable.ts';
import { hostedRepository, makeHostedRepository, unfinished } from '../../git/hosted.ts';
import { ownFolder } from '../../git/own-folder.ts';
import { releasePacks } from '../../git/packs.ts';
import type { Repository } from '../../git/repository.ts';
import { openScratch, removeScratches, type Scratch } from '../../git/scratch.ts';
import { writerTips } from '../../git/writer-ref.ts';
import { readIfThere, replaceFile } from '../../platform/atomic-file.ts';
import { parseOwner, presence, thisOwner } from '../../platform/lock-owner.ts';
import { Readers } from './readers.ts';
import type { Reading, Repositories } from './repositories.ts';
import { shardedPath } from './sharded-path.ts';
import { Turns } from './turns.ts';

const ownerFile = 'owner';
/** In the folder of ours in a repository: refs are being rewritten, and what they no longer reach is to be dropped. */
const rewritingFile = 'rewriting';

/**
 * Repositories on the disk of this machine, in `<data>/repositories/<aa>/<key>.git`, and the quarantines in `<data>/quarantine`, where a
 * push waits until it is known to be sound. One process at a time works on a data folder.
 */
export class LocalRepositories implements Repositories {
  private readonly folder: string;
  private readonly quarantines: string;
  private readonly turns = new Turns();
  readonly readers = new Readers();
  private readonly counts = new Map<string, number>();

  constructor(data: string) {
    this.folder = path.join(data, 'repositories');
    this.quarantines = path.join(data, 'quarantine');
    mkdirSync(this.quarantines, { recursive: true, mode: 0o700 });
  }

  async open(key: string): Promise<Repository> {
    const gitDir = this.pathOf(key);
    return existsSync(gitDir) ? hostedRepository(gitDir) : this.empty();
  }

  read<T extends Reading>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.readers.count(key, async () => work(await this.open(key)));
  }

  /** One that has nothing and gets nothing. */
  empty(): Repository {
    return makeHostedRepository(path.join(this.folder, 'empty.git'));
  }

  async make(key: string): Promise<Repository> {
    return makeHostedRepository(this.pathOf(key));
  }

  async tips(key: string) {
    return writerTips(await this.open(key));
  }

  async keys() {
    return shards(this.folder).flatMap((shard) =>
      readdirSync(path.join(this.folder, shard)).flatMap((name) => /^([0-9a-f]{32})\.git$/.exec(name)?.[1] ?? []),
    );
  }

  /** One after the other in this process, and there is no other. */
  exclusively<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.turns.take(key, async () => work(await this.make(key)));
  }

  rewriting<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.exclusively(key, async (repository) => {
      await replaceFile(path.join(ownFolder(repository), rewritingFile), '');
      this.counts.set(key, (await this.rewrites(key)) + 1);
      const result = await work(repository);
      await finishRewriting(repository);
      this.readers.stay(key);
      return result;
    });
  }

  /** Since this process began: no push lives longer. */
  async rewrites(key: string) {
    return this.counts.get(key) ?? 0;
  }

  async tidy(key: string): Promise<void> {
    const parting = await this.exclusively(key, async (repository) =>
      this.part(key, repository, await mergePacks(repository, this.readers.leaving(key))),
    );
    await parting.over;
  }

  /** Removes packs that are not needed from now on, at once or when they have ended who read them. The caller has the repository to itself. */
  async part(key: string, repository: Repository, names: readonly string[]): Promise<Reading> {
    if (names.length > 0 && this.readers.isRead(key)) {
      this.readers.leave(key, names);
      return { over: this.readers.gone(key).then(() => this.removeLeft(key, names)) };
    }
    await removePacks(repository, names);
    return { over: Promise.resolve() };
  }

  private removeLeft(key: string, names: readonly string[]): Promise<void> {
    return this.exclusively(key, async (repository) => {
      const leaving = this.readers.leaving(key);
      const left = names.filter((name) => leaving.has(name));
      await removePacks(repository, left);
      this.readers.stay(key, left);
    });
  }

  quarantine(repository: Repository): Scratch {
    const scratch = openScratch(repository, this.quarantines);
    writeFileSync(path.join(scratch.place.gitDir, ownerFile), JSON.stringify(thisOwner('receive')));
    return scratch;
  }

  async recover(): Promise<void> {
    for (const name of readdirSync(this.quarantines)) await removeIfDead(path.join(this.quarantines, name));
    for (const shard of shards(this.folder)) {
      for (const name of readdirSync(path.join(this.folder, shard))) {
        if (name.startsWith(unfinished)) rmSync(path.join(this.folder, shard, name), { recursive: true, force: true });
      }
    }
    for (const key of await this.keys()) {
      await this.exclusively(key, async (repository) => {
        removeScratches(repository);
        releasePacks(repository);
        await finishRewriting(repository);
      });
    }
  }

  async refresh(): Promise<void> {}

  async close(): Promise<void> {}

  private pathOf(key: string): string {
    return path.join(this.folder, shardedPath(key));
  }
}

async function finishRewriting(repository: Repository): Promise<void> {
  const mark = path.join(ownFolder(repository), rewritingFile);
  if (!existsSync(mark)) return;
  await dropUnreachable(repository);
  rmSync(mark, { force: true });
}

function shards(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).filter((name) => /^[0-9a-f]{2}$/.test(name)) : [];
}

/** One without a readable owner was left before its owner was written. */
async function removeIfDead(quarantine: string): Promise<void> {
  const owner = parseOwner((await readIfThere(path.join(quarantine, ownerFile))) ?? '');
  if (!owner || presence(owner) !== 'there') rmSync(quarantine, { recursive: true, force: true });
}
