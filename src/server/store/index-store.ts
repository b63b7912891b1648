import type { Statement } from '../../core/annotation.ts';
import type { ExchangeId, ObjectId, SessionId, WriterId } from '../../core/ids.ts';
import type { SearchDocument, SessionFacts } from '../../search/documents.ts';
import type { SearchReader } from '../../search/search-index.ts';

/** How far the history of a writer was taken in. */
export interface Cursor {
  /** All of this commit was. */
  readonly ingested: ObjectId | undefined;
  /** This one is being taken in: of what it changes, everything up to the path `after`. Absent when nothing is under way. */
  readonly toward?: { readonly tip: ObjectId; readonly after: string } | undefined;
}

/** A session in one writer's tree, without its exchanges. Absent fields are not known. */
export interface SessionRow {
  readonly session: SessionId;
  /** Its folder in the tree. */
  readonly path: string;
  /** Object id of `session.md`. */
  readonly head: string;
  readonly agent: string;
  readonly name: string;
  readonly created?: string | undefined;
  readonly updated?: string | undefined;
  readonly cwd?: string | undefined;
  readonly branch?: string | undefined;
  readonly parent?: SessionId | undefined;
  readonly forkedFrom?: SessionId | undefined;
  /** Exchanges in the tree. */
  readonly count: number;
}

/** An exchange in one writer's tree. */
export interface ExchangeRow {
  readonly exchange: ExchangeId;
  readonly ordinal: number;
  /** Object id of the file, and the SHA-256 of its bytes. */
  readonly oid: string;
  readonly fingerprint: string;
  readonly started?: string | undefined;
}

/** What a search index takes of a session. */
export interface Findable {
  readonly about: SessionFacts;
  readonly documents: readonly SearchDocument[];
}

/** What became of one session's folder. */
export type SessionChange =
  | {
      readonly kind: 'stored';
      readonly row: SessionRow;
      /** Exchanges that are new or have another content, and those that are gone. */
      readonly put: readonly ExchangeRow[];
      readonly drop: readonly ExchangeId[];
      /** What of it can be found, and of each exchange in `put`; where it was read for that. */
      readonly found?: Findable | undefined;
    }
  /** Nothing of it stays but the reason. */
  | {
      readonly kind: 'rejected';
      readonly path: string;
      readonly session: string;
      readonly code: string;
      readonly reason: string;
    }
  | { readonly kind: 'gone'; readonly path: string };

/** A statement as it was read. */
export interface AnnotationRow {
  readonly path: string;
  readonly lamport: number;
  readonly n: number;
  /** Absent for a file that says what we do not understand: its logical time counts all the same. */
  readonly said?:
    | {
        readonly session: SessionId;
        readonly exchange?: ExchangeId | undefined;
        /** The statement as JSON, and when it was said, by its own word. */
        readonly statement: string;
        readonly at: string;
        /** What it deletes: sessions and exchanges by id, content by fingerprint. */
        readonly deletes: readonly { readonly kind: 'session' | 'exchange' | 'content'; readonly value: string }[];
      }
    | undefined;
}

/** A statement that counts. */
export interface StoredAnnotation {
  readonly writer: WriterId;
  readonly lamport: number;
  readonly n: number;
  readonly session: SessionId;
  readonly exchange?: ExchangeId | undefined;
  readonly statement: Statement;
}

export type AnnotationChange =
  | {
      readonly kind: 'annotation';
      readonly row: AnnotationRow;
      readonly rejected?: { readonly session: string; readonly code: string; readonly reason: string } | undefined;
    }
  | {
      readonly kind: 'unreadable';
      readonly path: string;
      readonly session: string;
      readonly code: string;
      readonly reason: string;
    }
  | { readonly kind: 'withdrawn'; readonly path: string };

/** One step of an ingest: what it found, and the cursor behind it. */
export interface IndexStep {
  readonly project: string;
  readonly writer: WriterId;
  /** Where the cursor must be; absent when there must be none. */
  readonly from: Cursor | undefined;
  readonly to: Cursor;
  readonly sessions: readonly SessionChange[];
  readonly annotations: readonly AnnotationChange[];
  /** Since when what was rejected, or not understood, lies there as it does, by path. */
  readonly since: ReadonlyMap<string, string>;
  /** Now: the time of those of which git cannot tell it (a name with a line feed). */
  readonly at: string;
}

export interface Rejection {
  readonly writer: WriterId;
  readonly session: string;
  readonly path: string;
  readonly code: string;
  readonly reason: string;
  readonly at: string;
}

/**
 * The rows about what was pushed: an index over the repositories, which can be made anew from them at any time. But for sequence
 * numbers, they are a function of the histories that the cursors name, however they got there. What was deleted is
 * kept as a row, because others may still push it, and never given.
 */
export interface IndexStore {
  /** Searches the exchanges whose rows it has: what is written is found at once. */
  readonly search: SearchReader;
  cursor(project: string, writer: WriterId): Promise<Cursor | undefined>;
  /** The cursors of all writers of a project. */
  cursors(project: string): Promise<(Cursor & { readonly writer: WriterId })[]>;

  /**
   * Writes one step and its cursor, all or nothing. Whatever changes gets a number, the next ones of its project, in the same transaction. Throws
   * `conflict` when the cursor is not where it must be: somebody else took this in.
   */
  apply(step: IndexStep): Promise<void>;
  /** Takes all rows of a project, or of one writer in it, away, so that they can be made anew. Its numbers go on. */
  clear(project: string, writer?: WriterId): Promise<void>;

  /** The exchanges of the folder at `path`, deleted ones as well; nothing when it has no session. */
  known(
    project: string,
    writer: WriterId,
    path: string,
  ): Promise<{ readonly session: SessionId; readonly exchanges: readonly ExchangeRow[] } | undefined>;
  /** What other writers have of a session: exchanges, their files and fingerprints. */
  elsewhere(
    project: string,
    writer: WriterId,
    session: SessionId,
  ): Promise<readonly Pick<ExchangeRow, 'exchange' | 'oid' | 'fingerprint'>[]>;
  /** Whether somebody deleted a session, or one that it hangs under. */
  isDeleted(project: string, session: SessionId): Promise<boolean>;

  /** Sessions that are not deleted, one row for each writer that has it, by session and writer. */
  sessions(project: string): Promise<readonly (SessionRow & { readonly writer: WriterId })[]>;
  /** Exchanges of a session that are not deleted, by writer and ordinal. */
  exchanges(project: string, session: SessionId): Promise<readonly (ExchangeRow & { readonly writer: WriterId })[]>;
  /** What was not taken, and why, until a later push mends it or it is gone. */
  rejections(project: string): Promise<readonly Rejection[]>;
  /** What was said and counts, in its order: by logical time, writer and number. */
  annotations(project: string): Promise<readonly StoredAnnotation[]>;
  /** The greatest logical time that counts (core/lamport.ts); 0 before the first. */
  clock(project: string): Promise<number>;
  /** Sessions that are not deleted, and when the last of them changed. */
  summary(project: string): Promise<{ readonly sessions: number; readonly updatedAt: string | undefined }>;
  /** The last number that was given out in a project; 0 before the first. */
  lastNumber(project: string): Promise<number>;
  close(): Promise<void>;
}
