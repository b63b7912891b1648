import path from 'node:path';
import { SpecstoryError } from '../../core/errors.ts';
import { isScattered, mergePacks } from '../../git/consolidate.ts';
import { dropUnreachable } from '../../git/drop-unreachable.ts';
import { hostedRepository } from '../../git/hosted.ts';
import { setRefs } from '../../git/packed-refs.ts';
import { packFolder } from '../../git/packs.ts';
import type { Repository } from '../../git/repository.ts';
import type { Scratch } from '../../git/scratch.ts';
import { type WriterTip, writerTips } from '../../git/writer-ref.ts';
import type { PostgresDatabase, Session } from '../store/postgres/database.ts';
import {
  beginRewriting,
  endRewriting,
  lockState,
  readState,
  removePacks,
  rewritesOf,
  rewritingProjects,
  type SharedState,
  sharedProjects,
  versionOf,
  writeState,
} from '../store/postgres/git-tables.ts';
import { LocalRepositories } from './local-repositories.ts';
import { uploadPack } from './pack-transfer.ts';
import type { Reading, Repositories } from './repositories.ts';
import { shardedPath } from './sharded-path.ts';
import { fetchPacks, otherPacks, show, wholePacks } from './working-copy.ts';

/** Connections for what is quick, and for work that may wait for another server and hold its connection. */
export interface SharedDatabase {
  readonly reading: PostgresDatabase;
  readonly working: PostgresDatabase;
}

/** A repository to work in. */
interface Copy {
  readonly key: string;
  readonly repository: Repository;
}

type Work<T> = (repository: Repository, session: Session) => Promise<T>;

/** How often a repository that others change meanwhile is looked at again. */
const attempts = 5;

/**
 * Repositories that several servers share through a PostgreSQL database: it has the packs and says where the refs stand. On the disk of each server are
 * copies, which may be lost at any time: in `repositories` one to work in, and in `shown` its face, with the refs as the database has them. A
 * transaction is open while work goes on in the first; the second changes after it, so that nobody is served what is not kept.
 */
export class SharedRepositories implements Repositories {
  private readonly database: SharedDatabase;
  private readonly local: LocalRepositories;
  private readonly faces: string;
  /** The version that each face has, and the copy behind it unless work goes on there. */
  private readonly versions = new Map<string, number>();

  constructor(data: string, database: SharedDatabase) {
    this.database = database;
    this.local = new LocalRepositories(data);
    this.faces = path.join(data, 'shown');
  }

  async open(key: string): Promise<Repository> {
    const version = await versionOf(this.database.reading, key);
    if (!version) return this.local.empty();
    if (this.versions.get(key) !== version) await this.catchUp(key);
    return hostedRepository(this.face(key));
  }

  read<T extends Reading>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.local.readers.count(key, async () => work(await this.open(key)));
  }

  async make(key: string): Promise<Repository> {
    const version = await versionOf(this.database.reading, key);
    if (version === undefined || this.versions.get(key) !== version) await this.catchUp(key);
    return hostedRepository(this.face(key));
  }

  async tips(key: string): Promise<readonly WriterTip[]> {
    return (await this.database.reading.inProject(key, (session) => readState(session, key))).tips;
  }

  keys(): Promise<readonly string[]> {
    return sharedProjects(this.database.reading);
  }

  exclusively<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    return this.locked(key, work);
  }

  /** What is no longer reached is dropped after the other refs are shown: whoever reads until then still finds it. */
  async rewriting<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T> {
    const result = await this.locked(key, async (repository, session) => {
      await beginRewriting(session, key);
      return work(repository);
    });
    await this.finishRewriting(key);
    return result;
  }

  rewrites(key: string): Promise<number> {
    return rewritesOf(this.database.reading, key);
  }

  private locked<T>(key: string, work: Work<T>): Promise<T> {
    return this.local.exclusively(key, async (repository) => {
      const copy = { key, repository };
      try {
        const { result, state } = await this.inTransaction(copy, work);
        if (this.versions.get(key) !== state.version) await this.show(copy, state);
        return result;
      } catch (thrown) {
        // What was done in the copy is not kept, or nobody knows. If it cannot be mended now, whoever is next does it.
        this.versions.delete(key);
        await this.bringUp(copy).catch(() => {});
        throw thrown;
      }
    });
  }

  async tidy(key: string): Promise<void> {
    const { readers } = this.local;
    if (!isScattered(await this.local.make(key), readers.leaving(key))) return;
    const parting = await this.exclusively(key, async (repository) =>
      this.local.part(key, repository, await mergePacks(repository, readers.leaving(key))),
    );
    await parting.over;
  }

  quarantine(repository: Repository): Scratch {
    return this.local.quarantine(repository);
  }

  async recover(): Promise<void> {
    await this.local.recover();
    for (const key of await rewritingProjects(this.database.reading)) await this.finishRewriting(key);
  }

  async refresh(): Promise<void> {
    for (const key of await this.local.keys()) await this.make(key);
  }

  async close(): Promise<void> {
    await this.database.reading.close();
    await this.database.working.close();
  }

  private inTransaction<T>(copy: Copy, work: Work<T>): Promise<{ result: T; state: SharedState }> {
    const within = async (session: Session) => {
      const before = await lockState(session, copy.key);
      await this.settle(session, copy, before);
      const result = await work(copy.repository, session);
      return { result, state: await keep(session, copy, before, this.local.readers.leaving(copy.key)) };
    };
    return this.database.working.inProject(copy.key, within, { once: true });
  }

  private finishRewriting(key: string): Promise<void> {
    return this.locked(key, async (repository, session) => {
      await dropUnreachable(repository);
      await endRewriting(session, key);
      this.local.readers.stay(key);
    });
  }

  private catchUp(key: string): Promise<void> {
    return this.local.exclusively(key, (repository) => this.bringUp({ key, repository }));
  }

  /** Brings a copy up to date. While it is read, packs of it may become one elsewhere: then it is read again. */
  private bringUp(copy: Copy): Promise<void> {
    return this.database.reading.inProject(copy.key, async (session) => {
      for (let attempt = 1; ; attempt++) {
        try {
          return await this.settle(session, copy, await readState(session, copy.key));
        } catch (thrown) {
          const isGone = thrown instanceof SpecstoryError && thrown.kind === 'not-found';
          if (!isGone || attempt === attempts) throw thrown;
        }
      }
    });
  }

  /** Makes a copy what the database has, unless it is. Packs go after the face does not need them any more. */
  private async settle(session: Session, copy: Copy, state: SharedState): Promise<void> {
    const { key, repository } = copy;
    const { readers } = this.local;
    readers.stay(key, state.packs);
    const here = wholePacks(repository);
    const isWhole = [...state.packs].every((pack) => here.has(pack));
    if (isWhole && this.versions.get(key) === state.version) return;
    await fetchPacks(session, key, repository, state);
    await this.show(copy, state);
    await setRefs(repository, state.tips);
    const others = otherPacks(repository, state).filter((pack) => !readers.leaving(key).has(pack));
    const { over } = await this.local.part(key, repository, others);
    over.catch(() => {});
  }

  private async show({ key, repository }: Copy, { version, tips }: SharedState): Promise<void> {
    await show(repository, this.face(key), tips);
    this.versions.set(key, version);
  }

  private face(key: string): string {
    return path.join(this.faces, shardedPath(key));
  }
}

/** Writes what work changed in a copy: packs that it added and took away, refs that it moved. */
async function keep(
  session: Session,
  { key, repository }: Copy,
  before: SharedState,
  leaving: ReadonlySet<string>,
): Promise<SharedState> {
  const packs = new Set([...wholePacks(repository)].filter((pack) => !leaving.has(pack)));
  const added = [...packs].filter((pack) => !before.packs.has(pack));
  const gone = [...before.packs].filter((pack) => !packs.has(pack));
  const tips = await writerTips(repository);
  if (gone.length > 0 && packs.size === 0 && tips.length > 0)
    throw new SpecstoryError('bug', `packs of ${key} are gone, and nothing has their objects`);
  if (added.length + gone.length === 0 && isSame(tips, before.tips)) return before;
  for (const pack of added) await uploadPack(session, { project: key, pack, folder: packFolder(repository) });
  await removePacks(session, key, gone);
  return { version: await writeState(session, key, before, tips), tips, packs };
}

function isSame(a: readonly WriterTip[], b: readonly WriterTip[]): boolean {
  return a.length === b.length && a.every(({ ref, oid }, at) => ref === b[at]?.ref && oid === b[at]?.oid);
}
