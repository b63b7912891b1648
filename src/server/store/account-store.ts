import type { TokenKind } from '../../core/token.ts';
import type { Role, Scope } from '../access.ts';

/** Milliseconds since 1970. */
export type Time = number;

export interface Account {
  /** Random, 32 hex. */
  readonly id: string;
  readonly name: string;
  /** May manage accounts and every project's members. */
  readonly admin: boolean;
  readonly disabled: boolean;
  readonly created: Time;
}

export interface NewAccount {
  readonly id: string;
  readonly name: string;
  /** As `accounts/password.ts` writes it; an account without one signs in by tokens only. */
  readonly password?: string;
  readonly admin: boolean;
  readonly created: Time;
}

/** Accounts. Names are unique without regard to case. */
export interface AccountTable {
  /** Throws `conflict` when the name is taken. */
  add(account: NewAccount): Promise<void>;
  /** Adds the very first account; `false` when there is one already. */
  addFirst(account: NewAccount): Promise<boolean>;
  get(id: string): Promise<Account | undefined>;
  find(name: string): Promise<(Account & { readonly password: string | undefined }) | undefined>;
  /** All of them, by name. */
  list(): Promise<Account[]>;
  /** `false` when there is none. A new password or `disabled` ends every session of the web pages. */
  change(id: string, change: { password?: string; disabled?: boolean; admin?: boolean }): Promise<boolean>;
}

/** One program that somebody signed in: its tokens live and die together. */
export interface Device {
  readonly id: string;
  readonly account: string;
  /** What it said of itself when it asked. */
  readonly client: string;
  readonly hostname: string;
  /** `rotating`: each refresh token is used once. `fixed`: it stays the same, as SpecStory's own command line needs it. */
  readonly refresh: 'rotating' | 'fixed';
  readonly created: Time;
  /** No token of it lives longer. */
  readonly expires: Time;
}

export interface Token {
  readonly id: string;
  /** Hex SHA-256 of its text. */
  readonly hash: string;
  readonly kind: TokenKind;
  readonly account: string;
  readonly device?: string | undefined;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly created: Time;
  readonly expires: Time;
}

export interface StoredToken extends Token {
  readonly revoked: boolean;
  /** The last day it was used: `2026-01-02`. */
  readonly lastUsed: string | undefined;
}

/** What follows a refresh token, and the same in a form that only who holds that token can read. */
export interface Succession {
  readonly access: Token;
  readonly refresh: Token;
  readonly sealed: string;
}

/**
 * What became of a refresh token that was presented: `rotated`, the succession is stored; `repeated`, it was rotated a moment ago and
 * `sealed` is what followed; `reused`, it was rotated long ago, and every token of its device is revoked now; `dead`, there is no such token.
 */
export type Rotation = { outcome: 'rotated' | 'reused' | 'dead' } | { outcome: 'repeated'; sealed: string };

export interface TokenTable {
  add(token: Token): Promise<void>;
  /** A token and its account and device, whatever their state. */
  find(hash: string): Promise<{ token: StoredToken; account: Account; device: Device | undefined } | undefined>;
  /** Notes that a token was used on a day. */
  use(hash: string, day: string): Promise<void>;
  /** Personal tokens that were not revoked, newest first. */
  personal(account: string): Promise<StoredToken[]>;
  /** Revokes a personal token, of this account unless it is left out; `false` when there is no such. */
  revoke(id: string, account?: string): Promise<boolean>;
  /** Exchanges a refresh token for its succession in one step: of many who present it at once, one rotates it. */
  rotate(hash: string, next: Succession, at: { now: Time; grace: number }): Promise<Rotation>;
  /** Devices that are signed in, newest first, with the last day one of their tokens was used. */
  devices(account: string, now: Time): Promise<(Device & { readonly lastUsed: string | undefined })[]>;
  /** Revokes a device and all its tokens; `false` when the account has no such. */
  revokeDevice(account: string, device: string): Promise<boolean>;
  /** Takes away what expired before `before`, and what rotations before it sealed; gives how many tokens went. */
  sweep(before: Time): Promise<number>;
}

/** A device that waits to be let in (RFC 8628). */
export interface DeviceRequest {
  /** SHA-256 of the device code and of the user code. */
  readonly hash: string;
  readonly user: string;
  readonly client: string;
  readonly hostname: string;
  readonly address: string;
  readonly created: Time;
  readonly expires: Time;
}

/** A device with the tokens it begins with. */
export interface Grant {
  readonly device: Device;
  readonly tokens: readonly Token[];
}

export type Poll =
  | 'pending'
  | 'slow-down'
  | 'denied'
  | 'expired'
  | { readonly account: string; readonly client: string; readonly hostname: string };

/** A signed-in browser. */
export interface Session {
  /** SHA-256 of the cookie. */
  readonly hash: string;
  readonly account: string;
  readonly created: Time;
  readonly expires: Time;
}

export interface LoginTable {
  ask(request: DeviceRequest): Promise<void>;
  /** The request behind a user code that nobody decided yet and that has not expired. */
  asked(user: string, now: Time): Promise<DeviceRequest | undefined>;
  /** Lets a device in as an account, or not; `false` when there is no such request any more. */
  decide(user: string, account: string | 'denied', now: Time): Promise<boolean>;
  /** Where a request stands. Each poll that comes too soon makes the interval 5 seconds longer. */
  poll(hash: string, now: Time): Promise<Poll>;
  /** Exchanges an approved request for its grant; of many at once one gets `true`. */
  redeem(hash: string, grant: Grant, now: Time): Promise<boolean>;

  /** A code that is typed into SpecStory's command line. An account has one at a time: a new one takes the place of the last. */
  offer(code: { hash: string; account: string; expires: Time }): Promise<void>;
  /** Whose code it is. */
  offered(hash: string, now: Time): Promise<string | undefined>;
  /** Exchanges the code for its grant; of many at once one gets `true`. */
  accept(hash: string, grant: Grant, now: Time): Promise<boolean>;

  open(session: Session): Promise<void>;
  session(hash: string, now: Time): Promise<{ session: Session; account: Account } | undefined>;
  close(hash: string): Promise<void>;
  /** Takes away requests, codes and sessions that expired before `before`. */
  sweep(before: Time): Promise<void>;
}

export interface NewProject {
  readonly key: string;
  readonly id: string;
  readonly name: string;
  readonly owner: string;
  readonly created: Time;
}

/** How a project is shown. What is absent was never chosen. */
export interface ProjectLook {
  readonly icon?: string | undefined;
  readonly color?: string | undefined;
}

export interface ProjectRow extends NewProject, ProjectLook {
  /** When its name or its look was changed last. */
  readonly updated?: Time | undefined;
}

export interface Member {
  readonly account: string;
  readonly name: string;
  readonly role: Role;
  /** Added by somebody who may not decide for the account; it becomes a member when it accepts. */
  readonly invited: boolean;
}

export type Membership = ProjectRow & { readonly role: Role };

/** Projects. Every primary key starts with the project's key. */
export interface ProjectTable {
  /** The project an id names for an account: its own first, else the one it became a member of first. */
  find(account: string, id: string): Promise<Membership | undefined>;
  /** The account's own project, made unless it is there. */
  make(project: NewProject): Promise<ProjectRow>;
  get(project: string): Promise<ProjectRow | undefined>;
  /** Changes what is given; nothing when there is no such project. */
  change(
    project: string,
    change: { name?: string | undefined } & ProjectLook,
    now: Time,
  ): Promise<ProjectRow | undefined>;
  /** Takes a project away, with its members and who has which writer; its id is free again. */
  remove(project: string): Promise<void>;
  /** The projects an account is a member of, by id. */
  list(account: string): Promise<Membership[]>;
  /** Every project, with the name of its owner. */
  all(): Promise<(ProjectRow & { readonly ownerName: string })[]>;
  members(project: string): Promise<Member[]>;
  /** Adds a member or changes the role of one. Throws `conflict` for the owner, whose role cannot change. */
  setMember(project: string, member: { account: string; role: Role; invited: boolean; added: Time }): Promise<void>;
  /** `false` when there is no such member. Throws `conflict` for the owner. */
  removeMember(project: string, account: string): Promise<boolean>;
  /** Projects an account was invited to, with who owns them. */
  invitations(account: string): Promise<(Membership & { readonly ownerName: string })[]>;
  /** Accepts an invitation; `false` when there is none. */
  join(project: string, account: string, now: Time): Promise<boolean>;
  /** Whose writer it is, once this account has claimed it unless somebody has. */
  claim(project: string, writer: string, account: string, now: Time): Promise<string>;
  /** Writers and the names of their accounts. */
  writers(project: string): Promise<{ readonly writer: string; readonly account: string }[]>;
}

/** The account tables. What they hold exists nowhere else: they are what a backup must have. */
export interface AccountStore {
  readonly accounts: AccountTable;
  readonly tokens: TokenTable;
  readonly logins: LoginTable;
  readonly projects: ProjectTable;
  /** A fact about the server, by name. */
  fact(name: string): Promise<string | undefined>;
  setFact(name: string, value: string | undefined): Promise<void>;
  close(): Promise<void>;
}
