/**
 * What the outside world must offer to the adapters: files, environment, clock, read-only SQLite, and nothing else.
 * Everything is synchronous, because a capture is one pass over local files and a generator per line
 * must not cost a promise per line.
 */
export interface Host {
  readonly platform: 'linux' | 'darwin' | 'win32';
  /** The person's home folder, when there is one. */
  readonly home: string | undefined;
  readonly path: PathFlavour;
  readonly files: Files;
  /** The value of an environment variable; empty counts as absent. */
  env(name: string): string | undefined;
  /** Opens a SQLite database read-only, in place, with its WAL. Throws `unavailable` when it is not a database or cannot be opened. */
  database(path: string): Database;
}

/** The few path functions adapters need, in the flavour of the platform (tests use both). */
export interface PathFlavour {
  readonly sep: string;
  join(...parts: string[]): string;
  basename(path: string, suffix?: string): string;
  dirname(path: string): string;
  isAbsolute(path: string): boolean;
}

export interface Entry {
  readonly name: string;
  readonly kind: 'file' | 'folder' | 'other';
  /** The file is what it was when its source was captured: `find` leaves that source out. */
  readonly unchanged?: true;
}

export interface FileStat {
  /** Bytes. */
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly modified: number;
  /** Milliseconds since 1970; equal to `modified` where the file system does not know. */
  readonly created: number;
  readonly inode: number;
  readonly kind: Entry['kind'];
}

export interface Files {
  /** The entries of a folder, sorted by name; none when it is missing. What cannot be read is reported, not thrown. */
  list(folder: string): readonly Entry[];
  /** Size and times, following links; `undefined` when it is missing or cannot be seen. */
  stat(path: string): FileStat | undefined;
  /**
   * The bytes of a file from `from` on, in pieces of at most `size` (1 MiB unless told; small when only the start is
   * wanted). Throws `not-found`, `denied` or `unavailable`.
   */
  chunks(path: string, from?: number, size?: number): Iterable<Uint8Array>;
  /** A whole small file as UTF-8 (at most `limit` bytes, 16 MiB unless told); `undefined` when missing, larger or unreadable. */
  text(path: string, limit?: number): string | undefined;
  /** The path with links resolved, or the path itself when that fails. */
  real(path: string): string;
}

export type Column = string | number | bigint | null | Uint8Array;
export type Row = { readonly [column: string]: Column };

export interface Database {
  /** Rows of one query, one at a time. Throws `unavailable` when the database is damaged or locked for good. */
  rows(sql: string, parameters?: readonly Column[]): Iterable<Row>;
  close(): void;
}
