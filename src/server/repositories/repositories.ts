import type { Repository } from '../../git/repository.ts';
import type { Scratch } from '../../git/scratch.ts';
import type { WriterTip } from '../../git/writer-ref.ts';

/** What goes on when it was begun, such as an answer. */
export interface Reading {
  /** Settles when it has ended. */
  readonly over: Promise<unknown>;
}

/** The bare repositories of a server, one for each project that was pushed to. */
export interface Repositories {
  /** The repository of a project as it is now, for reading; an empty one when nothing was pushed yet. */
  open(key: string): Promise<Repository>;
  /** Reads from the repository of a project as it is now; what git may have found in it stays until that is over. */
  read<T extends Reading>(key: string, work: (repository: Repository) => Promise<T>): Promise<T>;
  /** The same for a push that is to come: made when there is none. */
  make(key: string): Promise<Repository>;
  /** Where the refs of all writers of a project stand now, in the order of their names. Cheaper than to open it. */
  tips(key: string): Promise<readonly WriterTip[]>;
  /** The keys of the projects that have a repository. */
  keys(): Promise<readonly string[]>;
  /**
   * Does what adds packs to a repository, takes some away, or moves its refs, one at a time: nobody else does such work on this repository, on
   * any server, before this settles. What was done is kept, and seen by `open`, once it returns; nothing of it when it throws. A repository
   * that the work was given is not for use outside of it.
   */
  exclusively<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T>;
  /**
   * Does what takes commits away from refs, as `exclusively`; then what no ref reaches any more is dropped for good. A crash in between is made good
   * by `recover`.
   */
  rewriting<T>(key: string, work: (repository: Repository) => Promise<T>): Promise<T>;
  /** How often refs of a project were rewritten so far: what was found to be there before may be gone since. */
  rewrites(key: string): Promise<number>;
  /** Keeps the number of packs small, behind the push that asks for it; settles when nobody reads any more what was made one. */
  tidy(key: string): Promise<void>;
  /** A place for the objects of a push, which sees those of the repository and is seen by nobody. The caller removes it. */
  quarantine(repository: Repository): Scratch;
  /** Removes what processes left that are gone: quarantines, half-made repositories, unfinished imports, packs nobody let go of. */
  recover(): Promise<void>;
  /** Lets go of what others took away: copies on this machine may hold it until they are used again. */
  refresh(): Promise<void>;
  close(): Promise<void>;
}
