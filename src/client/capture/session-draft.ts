import { createHash } from 'node:crypto';
import type { Parsed } from '../../adapters/adapter.ts';
import { isLaterState } from '../../core/growth.ts';
import type { ExchangeId, SessionId } from '../../core/ids.ts';
import { exchangeFile, refs, sessionPath } from '../../core/layout.ts';
import { type Exchange, promptOf, type SessionMeta } from '../../core/session.ts';
import { oneLine, slug } from '../../core/text.ts';
import { blobId, hashOf } from '../../git/blob-id.ts';
import type { Change } from '../../git/write.ts';
import { type ExchangeEntry, entryOf } from '../../markdown/exchange-entry.ts';
import { parseExchange } from '../../markdown/parse.ts';
import { renderExchange } from '../../markdown/render.ts';
import { parseSession, renderSession, type SessionFile, sessionName } from '../../markdown/session-file.ts';
import { collectGarbage } from '../../platform/collect-garbage.ts';
import { type Desk, WrittenAlready } from './desk.ts';

/**
 * One session on its way into the history. What is there already is kept: an exchange keeps its file by its id, new ones go behind
 * the last, and one that the agent's store no longer has stays, because stores forget and history does not.
 */
export class SessionDraft {
  readonly id: SessionId;
  readonly changes: Change[] = [];
  /** Exchanges that were not in the history before. */
  added = 0;
  /** Whether the source has an exchange that was deleted for ever: then its original records are not written either. */
  isBuried = false;
  /** What the commit says of the last of them. */
  private news: string[] = [];
  private readonly desk: Desk;
  private readonly before: SessionFile | undefined;
  private readonly entries: Map<ExchangeId, ExchangeEntry>;
  private readonly taken = new Set<ExchangeId>();
  private last: number;

  private constructor(desk: Desk, id: SessionId, before: SessionFile | undefined) {
    this.desk = desk;
    this.id = id;
    this.before = before;
    this.entries = new Map(before?.exchanges.map((entry) => [entry.id, entry]));
    this.last = Math.max(0, ...(before?.exchanges.map((entry) => entry.ordinal) ?? []));
  }

  /** Throws `WrittenAlready` when this import has written the session. */
  static async open(desk: Desk, id: SessionId): Promise<SessionDraft> {
    if (desk.written.has(id)) throw new WrittenAlready(id);
    const text = await desk.read(refs.history, `${sessionPath(id)}/session.md`);
    return new SessionDraft(desk, id, text ? parseSession(text.toString('utf8')) : undefined);
  }

  /** The history does not have the session yet. */
  get isNew(): boolean {
    return this.before === undefined;
  }

  /** The history has the session, and from its agent's own store. */
  get isCaptured(): boolean {
    return this.before !== undefined && this.before.meta.origin !== importOrigin;
  }

  /** Takes away what an import left: the agent's own store, which is about to be read, knows more than its export. */
  replaceImported(): void {
    if (this.before?.meta.origin !== importOrigin) return;
    for (const id of [...this.entries.keys()]) this.drop(id);
    this.last = 0;
  }

  /** Whether this capture met the exchange. */
  has(id: ExchangeId): boolean {
    return this.taken.has(id);
  }

  get entryCount(): number {
    return this.entries.size;
  }

  /** Takes an exchange: redacts it, renders it, and writes it unless the very same is there, or it was deleted for ever. */
  async take(parsed: Parsed): Promise<void> {
    const { exchange } = parsed;
    if (this.desk.tombstones.exchanges.has(exchange.id)) return this.bury(exchange.id);
    const known = this.entries.get(exchange.id);
    const ordinal = known?.ordinal ?? (this.isFree(parsed.ordinal) ? parsed.ordinal : this.last + 1);
    const redacted = this.desk.redactor.exchange(exchange);
    const text = renderExchange(redacted);
    if (this.desk.tombstones.content.has(hashOf([text], createHash('sha256')))) return this.bury(exchange.id);
    const path = `${sessionPath(this.id)}/${exchangeFile(ordinal, exchange.id)}`;
    this.last = Math.max(this.last, ordinal);
    this.taken.add(exchange.id);
    this.entries.set(exchange.id, entryOf(redacted, ordinal));
    if (!known) this.tell(redacted);
    else if (await this.isKept(path, text)) return;
    this.changes.push({ path, mark: await this.desk.into.blob(text) });
  }

  /** Takes away an exchange that was open at the last capture and has become another one. */
  drop(id: ExchangeId): void {
    const entry = this.entries.get(id);
    if (!entry) return;
    this.entries.delete(id);
    this.changes.push({ path: `${sessionPath(this.id)}/${exchangeFile(entry.ordinal, id)}`, remove: true });
  }

  /** Writes `session.md` when it changes; gives the session's name. */
  async finish(meta: SessionMeta, raw: SessionFile['raw'], modified: number): Promise<string> {
    const isLong = this.entries.size > manyExchanges;
    if (isLong) collectGarbage();
    const exchanges = [...this.entries.values()].sort((a, b) => a.ordinal - b.ordinal);
    const merged = this.merge(meta, new Date(modified).toISOString());
    const prompt = exchanges[0]?.title ?? '';
    const file = this.desk.redactor.value<SessionFile>({
      meta: merged,
      name: sessionName(merged, prompt),
      slug: slug(prompt),
      exchanges,
      ...(raw ? { raw } : {}),
    });
    if (isLong) collectGarbage();
    const text = renderSession(file);
    if (isLong) collectGarbage();
    const path = `${sessionPath(this.id)}/session.md`;
    if (!this.before || !(await this.isStored(path, text))) {
      this.changes.push({ path, mark: await this.desk.into.blob(text) });
    }
    return file.name;
  }

  /** The body of the commit: what was asked and done, then which session it is. */
  story(meta: SessionMeta): string {
    const skipped = this.added - this.news.length;
    const head = skipped > 0 ? [`(${skipped} more before these)`] : [];
    return [...head, ...this.news, '', `Session: ${meta.id}`, `Exchanges: ${this.entries.size} (${this.added} new)`]
      .join('\n')
      .trimStart();
  }

  private bury(id: ExchangeId): void {
    this.isBuried = true;
    this.drop(id);
  }

  private tell(exchange: Exchange): void {
    this.added++;
    this.news.push(newsOf(exchange));
    if (this.news.length > maxNews) this.news = this.news.slice(-maxNews);
  }

  private merge(meta: SessionMeta, fallback: string): SessionMeta {
    const old = this.before?.meta;
    const createdAt = [old?.createdAt, meta.createdAt].filter((at) => at !== undefined).sort()[0] ?? fallback;
    const updatedAt =
      [old?.updatedAt, meta.updatedAt]
        .filter((at) => at !== undefined)
        .sort()
        .at(-1) ?? createdAt;
    return { ...old, ...meta, createdAt, updatedAt };
  }

  private isFree(ordinal: number): boolean {
    return ordinal > this.last || ![...this.entries.values()].some((entry) => entry.ordinal === ordinal);
  }

  /** Whether what is there is the very same, or a later state: another store has the exchange as well, and was left earlier. */
  private async isKept(path: string, text: string): Promise<boolean> {
    if (await this.isStored(path, text)) return true;
    const stored = await this.desk.read(refs.history, path);
    if (stored === undefined || stored.length <= Buffer.byteLength(text)) return false;
    try {
      return isLaterState(parseExchange(stored.toString('utf8')), parseExchange(text));
    } catch {
      return false;
    }
  }

  private async isStored(path: string, text: string): Promise<boolean> {
    return (await this.desk.id(refs.history, path)) === blobId([text], this.desk.objectFormat);
  }
}

/** `origin` of sessions that were imported from Markdown. */
export const importOrigin = 'import';

/** Composing a table of contents as long as this leaves much behind. */
const manyExchanges = 5000;

/** Exchanges that a commit message tells of. */
const maxNews = 50;

/** One exchange in a commit message: what was asked, and the files that were changed. */
function newsOf({ messages }: Exchange): string {
  const asked = oneLine(promptOf(messages), 200) || '(no prompt)';
  const edits = messages.flatMap(({ parts }) => parts.flatMap((part) => ('edits' in part ? (part.edits ?? []) : [])));
  const paths = [...new Set(edits.filter(({ rejected }) => !rejected).map(({ path }) => path))];
  if (paths.length === 0) return `- ${asked}`;
  const more = paths.length > 10 ? ` and ${paths.length - 10} more` : '';
  return `- ${asked}\n  ${paths.slice(0, 10).join(', ')}${more}`;
}
