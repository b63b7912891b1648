import type { WriterId } from '../core/ids.ts';

export const scopes = ['capture:write', 'sessions:read', 'search:read', 'share:write', 'admin'] as const;
/** What a token may be used for. */
export type Scope = (typeof scopes)[number];
/** What a member may do in a project: readers fetch, writers push as well, owners also manage it. */
export type Role = 'owner' | 'writer' | 'reader';

/** Who makes a request. */
export interface Actor {
  /** Random id of the account: 32 hex. */
  readonly account: string;
  readonly name: string;
  readonly scopes: ReadonlySet<Scope>;
}

/** A project as the server keeps it. An id that a client says (a git_id) may name another project for another account. */
export interface Project {
  /** Random, 32 hex: names the repository on disk and starts every primary key. */
  readonly key: string;
  /** What clients call it. */
  readonly id: string;
  readonly name: string;
  readonly role: Role;
}

/** The questions that git, ingest and the APIs ask of the accounts. */
export interface Access {
  /** Who an `Authorization` header names: `Bearer <token>`, or `Basic` with the token as password, as git sends it. Nothing when it names nobody. */
  authenticate(header: string | undefined): Promise<Actor | undefined>;
  /**
   * The project that an id names for an account: its own, or else one it is a member of, or else a new one of its own when `create` is
   * said (docs/decisions/0011). Nothing otherwise: that another account has such a project cannot be told.
   */
  project(actor: Actor, id: string, options?: { create?: boolean }): Promise<Project | undefined>;
  /** Claims a writer for an account with its first push; `false` when it is another account's. */
  claimWriter(project: Project, writer: WriterId, account: string): Promise<boolean>;
}
