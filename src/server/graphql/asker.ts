import { statementsOf } from '../../core/statements.ts';
import type { Project, Scope } from '../access.ts';
import type { Caller } from '../accounts/access.ts';
import { Refusal } from '../refusal.ts';
import { namedProjects } from '../routes/specstory-projects.ts';
import type { Services } from '../services.ts';
import type { ListedSession } from '../specstory/listed-sessions.ts';
import type { SpecstorySessions } from '../specstory/sessions.ts';
import type { Membership } from '../store/account-store.ts';
import { IndexSearch } from './index-search.ts';
import type { SessionSearch } from './session-search.ts';

/** The services of a server that has sessions. */
export type GraphqlServices = Services & { readonly specstory: SpecstorySessions };

/** A session with what was said of it. */
export interface Known {
  readonly session: ListedSession;
  readonly tags: readonly string[];
}

/** Milliseconds for which one query may read. */
const patience = 10_000;

/**
 * Whoever sent a query: the only way of resolvers to projects and sessions, so that nobody sees what is not his. What one query asks for
 * several times is read once.
 */
export class Asker {
  readonly services: GraphqlServices;
  private readonly caller: Caller;
  private readonly until = Date.now() + patience;
  private readonly lists = new Map<string, Promise<readonly Known[]>>();
  private own: Promise<readonly Membership[]> | undefined;

  constructor(services: GraphqlServices, caller: Caller) {
    this.services = services;
    this.caller = caller;
  }

  /** The projects of the account, by what their ids name for it. */
  projects(): Promise<readonly Membership[]> {
    this.own ??= namedProjects(this.services, this.caller.account);
    return this.own;
  }

  async project(id: string): Promise<Membership | undefined> {
    return (await this.projects()).find((row) => row.id === id);
  }

  /** Sessions of a project that are not hidden, the newest first. */
  sessions({ key }: Pick<Project, 'key'>): Promise<readonly Known[]> {
    const known = this.lists.get(key) ?? this.load(key);
    this.lists.set(key, known);
    return known;
  }

  /** The text of a session. */
  async markdown({ key }: Pick<Project, 'key'>, session: ListedSession): Promise<string | undefined> {
    this.checkTime();
    return (await this.services.specstory.read(key, session, 'markdown'))?.toString('utf8');
  }

  /** What finds sessions by what was said in them. Throws `insufficient_scope`, and `unavailable` where nothing does. */
  search(): SessionSearch {
    this.require('search:read');
    const { search } = this.services;
    if (!search) throw new Refusal('unavailable', 'this server has no search');
    this.checkTime();
    return new IndexSearch(search, Date.now());
  }

  private require(scope: Scope): void {
    if (!this.caller.scopes.has(scope))
      throw new Refusal('insufficient_scope', `this needs a token with the scope ${scope}`);
  }

  private async load(key: string): Promise<readonly Known[]> {
    this.checkTime();
    const all = await this.services.specstory.list(key);
    const said = (await this.services.history?.annotations(key)) ?? [];
    const statements = statementsOf(
      said.map((one) => ({ ...one, format: 1 as const, at: '' })),
      [],
    );
    return all
      .filter(({ hidden }) => !hidden)
      .map((session) => ({ session, tags: statements.of({ session: session.session }).tags }));
  }

  private checkTime(): void {
    if (Date.now() > this.until) throw new Refusal('unavailable', 'the query took too long: ask for less at once');
  }
}
