import type { IncomingMessage } from 'node:http';
import { isSessionId, type SessionId } from '../../core/ids.ts';
import type { Statements } from '../../core/statements.ts';
import { TreeReaders } from '../../git/tree-readers.ts';
import type { Redactor } from '../../redact/redactor.ts';
import { serverWriter } from '../annotate/server-writer.ts';
import type { Ingest } from '../ingest/ingest.ts';
import type { TextCheck } from '../ingest/text-check.ts';
import { Refusal } from '../refusal.ts';
import type { Repositories } from '../repositories/repositories.ts';
import { serverIdentity } from '../repositories/server-identity.ts';
import type { IndexStore } from '../store/index-store.ts';
import type { ReceivedStore, SessionSizes } from '../store/received-store.ts';
import { GroupCommit } from './group-commit.ts';
import { type ListedSession, ListedSessions, listedReceived } from './listed-sessions.ts';
import { prepareSession } from './prepared-session.ts';
import { readDocument } from './received-documents.ts';
import { PushedSessions } from './render-pushed.ts';
import { readSent, type SentSession } from './sent-session.ts';
import { type Job, type JobOutcome, writeSessions } from './session-writer.ts';
import { Spool } from './spool.ts';
import { noteReceived, takeReceived } from './take-received.ts';

export interface SpecstoryServices {
  readonly repositories: Repositories;
  readonly store: IndexStore;
  readonly received: ReceivedStore;
  readonly ingest: Ingest;
  readonly check: TextCheck;
  readonly redactor: Redactor;
  /** The data folder, and the most bytes that a session may be when it is sent, unpacked. */
  readonly data: string;
  readonly sessionBytes: number;
}

/** Who sends something. */
export interface Sender {
  readonly account: string;
  readonly name: string;
}

/** What became of a session that was sent. */
export interface Put {
  readonly session: ListedSession;
  /** Nobody had it in this project before. */
  readonly isNew: boolean;
  /** What the client calls the project. */
  readonly projectName: string | undefined;
}

/** Sessions of projects as SpecStory's clients send and read them: git has them, and the rows about it are made from git. */
export class SpecstorySessions {
  private readonly services: SpecstoryServices;
  private readonly spool: Spool;
  private readonly commits: GroupCommit<Job, Done>;

  constructor(services: SpecstoryServices) {
    this.services = services;
    this.spool = new Spool(services.data, services.sessionBytes);
    this.commits = new GroupCommit(mostTogether, (key, jobs) => this.write(key, jobs));
  }

  /**
   * Takes a session in. It is in git and in the index when this returns. `bring` gives the project once the body is found to be sound. Throws
   * `Refusal`.
   */
  async put(
    incoming: IncomingMessage,
    id: string,
    who: Sender,
    bring: () => Promise<{ readonly key: string }>,
  ): Promise<Put> {
    return this.spool.with(incoming, async (bytes) => {
      const sent = readSent(bytes, id);
      const { key } = await bring();
      const known = await this.services.received.named(key, id);
      const group = keyOf(key, who.name);
      const prepare = () => prepareSession(this.services, sent, known ?? idOf(id), who.account);
      // Nobody waits for a large one.
      const prepared = await (isSmall(sent) ? this.commits.expect(group, prepare) : prepare());
      const { outcome, statements } = await this.commits.add(group, { kind: 'put', prepared });
      if (outcome instanceof Refusal) throw outcome;
      const session = typeof outcome === 'object' ? listedReceived(outcome.kept, statements) : await this.find(key, id);
      if (!session) throw new Refusal('conflict', 'what was sent was deleted: it is not taken in again');
      return { session, isNew: known === undefined, projectName: sent.projectName };
    });
  }

  list(project: string): Promise<ListedSession[]> {
    return new ListedSessions(this.services, project).all();
  }

  sizes(project: string): Promise<readonly SessionSizes[]> {
    return new ListedSessions(this.services, project).sizes();
  }

  /** The session of an id, of which only the case of letters may differ. */
  async find(project: string, id: string): Promise<ListedSession | undefined> {
    const session = await this.services.received.named(project, id);
    return session && new ListedSessions(this.services, project).find(session);
  }

  /** A document of a listed session: as it was received, else rendered. Nothing when there is no SessionData. */
  async read(
    project: string,
    { session, by }: ListedSession,
    kind: 'markdown' | 'sessionData',
  ): Promise<Buffer | undefined> {
    if (by !== undefined) return readDocument(this.services.repositories, project, session, kind);
    const pushed = new PushedSessions(this.services, project);
    try {
      const rendered = await pushed.render(session);
      return rendered && Buffer.from(rendered[kind]);
    } finally {
      await pushed.close();
    }
  }

  /**
   * Takes out of the tree what was deleted: a session, or the documents of one of which a part was. The commits before keep it until a
   * purge.
   */
  async remove(project: string, session: SessionId, what: 'session' | 'documents', name: string): Promise<void> {
    await this.commits.add(keyOf(project, name), { kind: 'remove', session, what });
  }

  /** Takes out of the tree what was deleted since it was received, by a push as well; what a crash left of that, the next call takes. */
  async removeDeleted(project: string): Promise<void> {
    const { received } = this.services;
    const gone = new Set(await received.gone(project));
    const cut = (await received.cut(project)).filter((session) => !gone.has(session));
    const { name } = serverIdentity;
    const removals = [
      ...[...gone].map((session) => this.remove(project, session, 'session', name)),
      ...cut.map((session) => this.remove(project, session, 'documents', name)),
    ];
    await Promise.all(removals);
  }

  /** Brings what is known of what was received up to what git has: after a purge, and after another server went away. */
  refresh(project: string): Promise<void> {
    return takeReceived(this.services, project);
  }

  private async write(key: string, jobs: readonly Job[]): Promise<readonly Done[]> {
    const [project = '', name = ''] = key.split('\0');
    const { ingest } = this.services;
    const readers = new TreeReaders();
    try {
      const written = await writeSessions(this.services, project, jobs, { name, readers });
      await Promise.all([
        noteReceived(this.services, project, written, jobs),
        ingest.take(project, serverWriter(project), undefined, readers),
      ]);
      return written.outcomes.map((outcome) => ({ outcome, statements: written.statements }));
    } finally {
      await readers.close();
    }
  }
}

interface Done {
  readonly outcome: JobOutcome;
  /** What was said in the project when it was written. */
  readonly statements: Statements;
}

/** Sessions of one commit. */
const mostTogether = 200;

/** Bytes of a session that is prepared in a moment. */
const small = 1 << 20;
const isSmall = ({ sizes }: SentSession): boolean => sizes.markdown + sizes.rawData + sizes.sessionData <= small;

/** A commit bears one name. */
const keyOf = (project: string, name: string): string => `${project}\0${name}`;

function idOf(text: string): SessionId {
  if (isSessionId(text) && !/\p{Cc}/u.test(text)) return text;
  throw new Refusal('bad_request', 'this cannot be the id of a session');
}
