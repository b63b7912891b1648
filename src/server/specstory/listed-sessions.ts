import { createHash } from 'node:crypto';
import { isAgentId, type SessionId } from '../../core/ids.ts';
import { type JsonObject, jsonObjectSchema, parseJson } from '../../core/json.ts';
import { agentLabel } from '../../core/provider.ts';
import type { Statements } from '../../core/statements.ts';
import type { SessionRow } from '../store/index-store.ts';
import type { ReceivedRow, Rendered, SessionSizes, Sizes } from '../store/received-store.ts';
import { measured, PushedSessions, type RenderServices } from './render-pushed.ts';
import { statementsIn } from './statements-in.ts';

/** A session as SpecStory's clients see it in a list. */
export interface ListedSession {
  readonly session: SessionId;
  readonly name: string;
  /** Title that somebody gave it here. */
  readonly title: string | undefined;
  readonly hidden: boolean;
  /** Names of client and agent, and the rest of what the client said. */
  readonly metadata: JsonObject;
  readonly sizes: Sizes & { readonly rawData: number };
  /** Hex, of all that can be read. */
  readonly etag: string;
  readonly created: string;
  readonly updated: string;
  readonly started: string | undefined;
  readonly ended: string | undefined;
  /** The account that sent it; absent for one that is read from what was pushed. */
  readonly by: string | undefined;
}

/** Milliseconds for which a list waits for sessions that were never rendered. */
const patience = 10_000;
/** Sessions whose sizes are kept at once. */
const together = 50;

/** The sessions of a project: those that were received as they were sent, all others from what was pushed. */
export class ListedSessions {
  private readonly services: RenderServices;
  private readonly project: string;

  constructor(services: RenderServices, project: string) {
    this.services = services;
    this.project = project;
  }

  /** All of them but sub-agents', newest first. One that could not be rendered in time is missing, and there the next time. */
  async all(): Promise<ListedSession[]> {
    const { received } = this.services;
    const cut = await received.cut(this.project);
    const rows = await received.received(this.project);
    const others = await this.others(cut);
    const said = await this.statements();
    const without = new Set<string>(cut);
    return [...rows.filter(({ session }) => !without.has(session)).map(ofReceived), ...others]
      .map((session) => labelled(session, said))
      .sort((a, b) => (a.updated < b.updated ? 1 : a.updated > b.updated ? -1 : a.session < b.session ? -1 : 1));
  }

  /** One session, sub-agents' as well. */
  async find(session: SessionId): Promise<ListedSession | undefined> {
    const { received } = this.services;
    const cut = await received.cut(this.project);
    const [row] = cut.includes(session) ? [] : await received.received(this.project, session);
    const found = row ? ofReceived(row) : (await this.others(cut, session))[0];
    return found && labelled(found, await this.statements());
  }

  /** Bytes of each session, once: what clients compare with what they have. */
  async sizes(): Promise<readonly SessionSizes[]> {
    const { received } = this.services;
    const others = await this.measuredOthers([]);
    const sizes = await received.sizes(this.project);
    if (others.length === 0) return sizes;
    // One that was sent between the two questions is in both answers.
    const known = new Set(sizes.map(({ session }) => session));
    const more = others.filter(({ session }) => !known.has(session));
    return [...sizes, ...more.map(({ session, rendered }) => ({ session, ...rendered.sizes }))];
  }

  private async others(cut: readonly SessionId[], only?: SessionId): Promise<ListedSession[]> {
    const found = await this.measuredOthers(cut, only);
    if (found.length === 0) return [];
    const rows = new Map<string, SessionRow>();
    for (const row of await this.services.store.sessions(this.project)) {
      const known = rows.get(row.session);
      if (!known || row.count > known.count) rows.set(row.session, row);
    }
    return found.flatMap(({ session, rendered }) => {
      const row = rows.get(session);
      return row && (only !== undefined || row.parent === undefined) ? [ofPushed(row, rendered)] : [];
    });
  }

  /** Rendered once for each state of the index, and kept. */
  private async measuredOthers(cut: readonly SessionId[], only?: SessionId) {
    const { received } = this.services;
    const states = await received.others(this.project, cut, only);
    if (states.length === 0) return [];
    const known = new Map((await received.rendered(this.project)).map((row) => [row.session, row]));
    const missing = states.filter(({ session, state }) => known.get(session)?.state !== state);
    if (missing.length > 0) for (const row of await this.measure(missing)) known.set(row.session, row);
    return states.flatMap(({ session, state }) => {
      const rendered = known.get(session);
      return rendered?.state === state ? [{ session, rendered }] : [];
    });
  }

  private async measure(missing: readonly { session: SessionId; state: string }[]): Promise<Rendered[]> {
    const until = Date.now() + patience;
    const pushed = new PushedSessions(this.services, this.project);
    const rows: Rendered[] = [];
    let fresh: Rendered[] = [];
    const keep = async (): Promise<void> => {
      if (fresh.length > 0) await this.services.received.keep(this.project, fresh);
      rows.push(...fresh);
      fresh = [];
    };
    try {
      for (const { session, state } of missing) {
        if (Date.now() > until) break;
        const rendered = await pushed.render(session);
        if (rendered) fresh.push(measured(session, state, rendered));
        if (fresh.length === together) await keep();
      }
      await keep();
    } finally {
      await pushed.close();
    }
    return rows;
  }

  private async statements(): Promise<Statements> {
    return statementsIn(await this.services.store.annotations(this.project));
  }
}

/** A session as it was received, with what was said of it since. */
export function listedReceived(row: ReceivedRow, said: Statements): ListedSession {
  return labelled(ofReceived(row), said);
}

function ofReceived(row: ReceivedRow): ListedSession {
  const { session, name, sizes, etag, created, updated, started, ended, by } = row;
  const metadata = jsonObjectSchema.catch({}).parse(parseJson(row.metadata));
  return {
    session,
    name,
    sizes,
    etag,
    created,
    updated,
    started,
    ended,
    by,
    metadata,
    title: undefined,
    hidden: false,
  };
}

function ofPushed(row: SessionRow, { sizes, etag, started, ended }: Rendered): ListedSession {
  const agentName = isAgentId(row.agent) ? agentLabel(row.agent) : row.agent;
  const created = row.created ?? started ?? new Date(0).toISOString();
  return {
    session: row.session,
    name: row.name,
    title: undefined,
    hidden: false,
    metadata: {
      ...{ clientName: 'git-specstory', agentName, title: row.name },
      ...(row.branch === undefined ? {} : { gitBranches: [row.branch] }),
    },
    sizes: { ...sizes, rawData: 0 },
    ...{ etag, created, updated: row.updated ?? created, started, ended },
    by: undefined,
  };
}

function labelled(listed: ListedSession, said: Statements): ListedSession {
  const { title, hidden } = said.of({ session: listed.session });
  if (title === undefined) return hidden ? { ...listed, hidden } : listed;
  const etag = createHash('sha256').update(`${listed.etag}\0${title}`).digest('hex');
  return { ...listed, hidden, title, etag };
}
