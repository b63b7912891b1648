import { createHash } from 'node:crypto';
import { type Copy, type FoldedSession, foldCopies } from '../../core/fold.ts';
import type { SessionId } from '../../core/ids.ts';
import { agentLabel, providerId } from '../../core/provider.ts';
import type { Redacted } from '../../core/redacted.ts';
import type { Exchange, Session } from '../../core/session.ts';
import { toSessionData } from '../../core/session-data.ts';
import { statementsOf } from '../../core/statements.ts';
import { compareText } from '../../core/text.ts';
import { TreeReader } from '../../git/tree-reader.ts';
import { parseExchange } from '../../markdown/parse.ts';
import { parseSessionHead } from '../../markdown/session-file.ts';
import { renderSpecstory } from '../../markdown/specstory.ts';
import type { Redactor } from '../../redact/redactor.ts';
import type { Repositories } from '../repositories/repositories.ts';
import type { IndexStore } from '../store/index-store.ts';
import type { ReceivedStore, Rendered } from '../store/received-store.ts';

export interface RenderServices {
  readonly repositories: Repositories;
  readonly store: IndexStore;
  readonly received: ReceivedStore;
  readonly redactor: Redactor;
}

/** A session in SpecStory's forms. */
export interface RenderedSession {
  readonly session: Session;
  readonly markdown: Redacted<string>;
  /** JSON text. */
  readonly sessionData: string;
}

/** Bytes of an exchange file, and of `session.md`. */
const largest = 64 << 20;

/** Renders sessions that were pushed; one reader of the repository serves many of them. */
export class PushedSessions {
  private readonly services: RenderServices;
  private readonly project: string;
  private reader: Promise<TreeReader> | undefined;

  constructor(services: RenderServices, project: string) {
    this.services = services;
    this.project = project;
  }

  /** What all writers have of a session, without what was deleted, in SpecStory's forms; nothing when nothing is left. */
  async render(session: SessionId): Promise<RenderedSession | undefined> {
    const whole = await this.read(session);
    if (!whole) return undefined;
    // Others may have written it: what leaves here is checked once more.
    const checked = this.services.redactor.value(whole);
    const { agent, agentVersion } = checked.meta;
    const provider = { id: providerId(agent), name: agentLabel(agent), version: agentVersion ?? 'unknown' };
    const data = toSessionData(checked, provider);
    return { session: checked, markdown: renderSpecstory(checked), sessionData: JSON.stringify(data) };
  }

  async close(): Promise<void> {
    await (await this.reader)?.close();
  }

  private async read(session: SessionId): Promise<Session | undefined> {
    const { store, received } = this.services;
    const rows = await store.exchanges(this.project, session);
    const heads = await received.heads(this.project, session);
    const contents = new Map<string, Exchange>();
    for (const oid of new Set(rows.map((row) => row.oid))) {
      const text = await this.text(oid);
      if (text !== undefined) contents.set(oid, parseExchange(text));
    }
    const copies: Copy[] = [];
    for (const { writer, head } of heads) {
      const text = await this.text(head);
      const entries = rows
        .filter((row) => row.writer === writer && contents.has(row.oid))
        .map(({ exchange, ordinal, oid }) => ({ id: exchange, ordinal, content: oid }));
      if (text !== undefined && entries.length > 0) copies.push({ writer, meta: parseSessionHead(text).meta, entries });
    }
    const [folded] = foldCopies(copies, nothingSaid, (content) => contents.get(content));
    return folded && chosen(folded, contents);
  }

  private async text(oid: string): Promise<string | undefined> {
    this.reader ??= this.services.repositories.open(this.project).then((repository) => new TreeReader(repository));
    return (await (await this.reader).content(oid, largest))?.toString('utf8');
  }
}

/** The rows are without what was deleted already. */
const nothingSaid = statementsOf([], []);

/** Of an exchange that was told in several ways, SpecStory's forms have the first. */
function chosen({ meta, exchanges }: FoldedSession, contents: ReadonlyMap<string, Exchange>): Session {
  return {
    meta,
    exchanges: exchanges.flatMap(({ versions }) => contents.get(versions[0]?.content ?? '') ?? []),
  };
}

/** What is kept of a rendering. */
export function measured(session: SessionId, state: string, rendered: RenderedSession): Rendered {
  const { markdown, sessionData } = rendered;
  const times = rendered.session.exchanges
    .flatMap(({ startedAt, endedAt }) => [startedAt, endedAt])
    .filter((at) => at !== undefined)
    .sort(compareText);
  const hash = createHash('sha256').update(markdown).update('\0').update(sessionData);
  return {
    session,
    state,
    sizes: { markdown: Buffer.byteLength(markdown), sessionData: Buffer.byteLength(sessionData) },
    etag: hash.digest('hex'),
    started: times[0],
    ended: times.at(-1),
  };
}
