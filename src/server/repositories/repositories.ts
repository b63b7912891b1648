import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import { consolidate } from '../../git/consolidate.ts';
import { dropUnreachable } from '../../git/drop-unreachable.ts';
import { hostedRepository, makeHostedRepository, unfinished } from '../../git/hosted.ts';
import { ownFolder } from '../../git/own-folder.ts';
import { releasePacks } from '../../git/packs.ts';
import type { Repository } from '../../git/repository.ts';
import { openScratch, removeScratches, type Scratch } from '../../git/scratch.ts';
import { readIfThere, replaceFile } from '../../platform/atomic-file.ts';
import { parseOwner, presence, thisOwner } from '../../platform/lock-owner.ts';
import { Turns } from './turns.ts';

const ownerFile = 'owner';
/** In the folder of ours in a repository: refs are being rewritten, and what they no longer reach is to be dropped. */
const rewritingFile = 'rewriting';

/**
 * The bare repositories of a server, one for each project that was pushed to, in `<data>/repositories/<aa>/<key>.git`, and the quarantines
 * in `<data>/quarantine`, where a push waits until it is known to be sound. One process at a time works on a data folder.
 */
export class Repositories {
  private readonly folder: string;
  private readonly quarantines: string;
  private readonly turns = new Turns();
  private readonly counts = new Map<string, number>();

  constructor(data: string) {
    this.folder = path.join(data, 'repositories');
    this.quarantines = path.join(data, 'quarantine');
    mkdirSync(this.quarantines, { recursive: true, mode: 0o700 });
  }

  /** The repository of a project; an empty one, for reading only, when nothing was pushed yet. */
  open(key: string): Repository {
    const gitDir = this.pathOf(key);
    return existsSync(gitDir) ? hostedRepository(gitDir) : makeHostedRepository(path.join(this.folder, 'empty.git'));
  }

  /** The repository of a project, made when there is none. */
  make(key: string): Repository {
    return makeHostedRepository(this.pathOf(key));
  }

  /** The keys of the projects that have a repository. */
  keys(): string[] {
    return shards(this.folder).flatMap((shard) =>
      readdirSync(path.join(this.folder, shard)).flatMap((name) => /^([0-9a-f]{32})\.git$/.exec(name)?.[1] ?? []),
    );
  }

  /**
   * Does what adds packs to a repository or moves its refs, one at a time. Whoever imports into a repository of a server
   * does it in here: between the arrival of a pack and the move of the refs nobody else lets go of packs.
   */
  exclusively<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.turns.take(key, () => work(this.make(key)));
  }

  /**
   * Does what takes commits away from refs, as `exclusively`; then what no ref reaches any more is dropped for good. A crash in between is made good
   * by `recover`.
   */
  rewriting<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.exclusively(key, async (repository) => {
      const mark = path.join(ownFolder(repository), rewritingFile);
      await replaceFile(mark, '');
      this.counts.set(key, this.rewrites(key) + 1);
      const result = await work(repository);
      await finishRewriting(repository);
      return result;
    });
  }

  /** How often refs of a project were rewritten so far: what was found to be there before may be gone since. */
  rewrites(key: string): number {
    return this.counts.get(key) ?? 0;
  }

  /** Keeps the number of packs small, behind the push that asks for it. */
  tidy(key: string): Promise<void> {
    return this.exclusively(key, consolidate);
  }

  /** A place for the objects of a push, which sees those of the repository and is seen by nobody. The caller removes it. */
  quarantine(repository: Repository): Scratch {
    const scratch = openScratch(repository, this.quarantines);
    writeFileSync(path.join(scratch.place.gitDir, ownerFile), JSON.stringify(thisOwner('receive')));
    return scratch;
  }

  /** Removes what processes left that are gone: quarantines, half-made repositories, unfinished imports, packs nobody let go of. */
  async recover(): Promise<void> {
    for (const name of readdirSync(this.quarantines)) await removeIfDead(path.join(this.quarantines, name));
    for (const shard of shards(this.folder)) {
      for (const name of readdirSync(path.join(this.folder, shard))) {
        if (name.startsWith(unfinished)) rmSync(path.join(this.folder, shard, name), { recursive: true, force: true });
      }
    }
    for (const key of this.keys()) {
      await this.exclusively(key, async (repository) => {
        removeScratches(repository);
        releasePacks(repository);
        await finishRewriting(repository);
      });
    }
  }

  private pathOf(key: string): string {
    if (!/^[0-9a-f]{32}$/.test(key)) throw new SpecstoryError('bug', 'a project key is 32 hex');
    return path.join(this.folder, key.slice(0, 2), `${key}.git`);
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
