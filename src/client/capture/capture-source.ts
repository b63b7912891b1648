import type { Adapter, Parsed, Source } from '../../adapters/adapter.ts';
import type { Host } from '../../core/host.ts';
import { digest, type SessionId } from '../../core/ids.ts';
import { refs, sessionPath } from '../../core/layout.ts';
import { limits } from '../../core/limits.ts';
import type { SessionMeta } from '../../core/session.ts';
import type { Change } from '../../git/write.ts';
import { collectGarbage } from '../../platform/collect-garbage.ts';
import { joinRedacted } from '../../redact/join.ts';
import type { Desk } from './desk.ts';
import type { IgnoreRule, Subject } from './ignored.ts';
import { RawDraft } from './raw-draft.ts';
import { SessionDraft } from './session-draft.ts';
import type { Bookmark } from './state.ts';

/** One session that a capture wrote. */
export interface Captured {
  readonly session: SessionId;
  readonly agent: string;
  readonly name: string;
  /** Exchanges that were not in the history before. */
  readonly added: number;
  /** The session was not in the history before. */
  readonly isNew: boolean;
}

export interface SourceResult {
  readonly captured: readonly Captured[];
  /** Ids of all sessions in the source, captured or not. */
  readonly sessions: readonly SessionId[];
  readonly bookmark: Bookmark;
}

export interface SourceOptions {
  readonly adapter: Adapter;
  readonly host: Host;
  readonly roots: readonly string[];
  readonly keepRaw: boolean;
  /** Whether a session is one the person does not want saved. */
  readonly ignored: IgnoreRule;
}

/**
 * Reads what is new in one source and writes its sessions: each exchange is redacted, rendered and handed on as soon as
 * it is complete, so that memory holds one exchange and not the conversation.
 * Throws what the adapter throws when the store cannot be read; then nothing of this source is committed.
 */
export async function captureSource(
  desk: Desk,
  source: Source,
  before: Bookmark | undefined,
  options: SourceOptions,
): Promise<SourceResult> {
  const known = usable(source, before, options.host);
  // Original records that were not wanted until now are wanted from the start.
  const from = options.keepRaw && known?.raw.records === 0 ? withoutCheckpoint(known) : known;
  const reading = startReading(desk, source, from, options);
  if (await reading.run()) return reading.finish();
  const again = new Reading(desk, source, withoutCheckpoint(from), options);
  await again.run();
  return again.finish();
}

/** The records that are in the raw history already stay there, but all are read. */
function withoutCheckpoint(from: Bookmark | undefined): Bookmark | undefined {
  return from && { open: from.open, raw: from.raw };
}

/** A state that the parser does not take for its own (an older version wrote it) is as good as none. */
function startReading(desk: Desk, source: Source, before: Bookmark | undefined, options: SourceOptions): Reading {
  try {
    return new Reading(desk, source, before, options);
  } catch (thrown) {
    if (before?.checkpoint === undefined) throw thrown;
    return new Reading(desk, source, withoutCheckpoint(before), options);
  }
}

/** One pass over a source. */
class Reading {
  private readonly drafts = new Map<SessionId, SessionDraft>();
  private readonly raw: RawDraft;
  private readonly parser;
  private readonly desk: Desk;
  private readonly source: Source;
  private readonly before: Bookmark | undefined;
  private readonly options: SourceOptions;
  private open: Parsed[] = [];
  /** The last answer of the ignore rule, and what it was asked about. */
  private judged: { readonly of: Subject; readonly skip: boolean } | undefined;
  /** Characters read since memory was last given back. */
  private untidied = 0;

  constructor(desk: Desk, source: Source, before: Bookmark | undefined, options: SourceOptions) {
    this.desk = desk;
    this.source = source;
    this.before = before;
    this.options = options;
    this.raw = new RawDraft(desk, source, before?.raw);
    const context = { source, roots: options.roots };
    this.parser = options.adapter.parser(context, before?.checkpoint?.state);
  }

  /** Reads to the end; false when what the checkpoint tells is not enough, and everything has to be read. */
  async run(): Promise<boolean> {
    const { adapter, host, keepRaw } = this.options;
    for (const record of adapter.records(host, this.source, this.before?.checkpoint?.offset ?? 0)) {
      if (record.text.length > limits.record) collectGarbage();
      this.parser.push(record);
      const skip = this.isSkipped();
      const { id } = this.parser.subject;
      if (keepRaw && !skip && !this.isBuried(id)) await this.raw.add(record, id);
      for (const parsed of this.parser.take()) if (!skip) await this.take(parsed);
      this.tidy(record.text.length);
    }
    if (this.parser.restart) return false;
    this.open = this.parser.open();
    if (!this.isSkipped()) for (const parsed of this.open) await this.take(parsed);
    return true;
  }

  /** Left alone, the engine lets memory grow to several times of what is needed before it looks for what is not. */
  private tidy(read: number): void {
    this.untidied += read;
    if (read > limits.record || this.untidied > 2 * limits.record) {
      this.untidied = 0;
      collectGarbage();
    }
  }

  async finish(): Promise<SourceResult> {
    const metas = this.parser.sessions();
    const [main] = metas;
    const captured: Captured[] = [];
    if (main && !this.isSkipped() && this.worthKeeping(main)) {
      if (!this.isBuried(main.id)) await this.raw.finish(main.id);
      await this.dropReplaced();
      for (const meta of metas) captured.push(...(await this.commit(meta, meta.id === main.id)));
    }
    return { captured, sessions: metas.map((meta) => meta.id), bookmark: this.bookmark() };
  }

  /** Whether the person wants the source left out, by what is known so far; the rule is asked once for each change of that. */
  private isSkipped(): boolean {
    const { id, parent, cwd } = this.parser.subject;
    const last = this.judged;
    if (last && last.of.id === id && last.of.parent === parent && last.of.cwd === cwd) return last.skip;
    const of: Subject = { id, ...(parent === undefined ? {} : { parent }), ...(cwd === undefined ? {} : { cwd }) };
    this.judged = { of, skip: this.options.ignored(of, this.source) };
    return this.judged.skip;
  }

  private async take(parsed: Parsed): Promise<void> {
    await (await this.draft(parsed.session)).take(parsed);
  }

  private async draft(id: SessionId): Promise<SessionDraft> {
    const known = this.drafts.get(id);
    if (known) return known;
    const draft = await SessionDraft.open(this.desk, id);
    draft.replaceImported();
    this.drafts.set(id, draft);
    return draft;
  }

  /** A source without exchanges is kept only for records that we do not understand: somebody may, later. */
  private worthKeeping(main: SessionMeta): boolean {
    return this.drafts.size > 0 || main.unknown !== undefined || main.unreadable !== undefined;
  }

  /** An exchange that was open at the last capture and is not among what was read now has become another one. */
  private async dropReplaced(): Promise<void> {
    if (!this.source.appendOnly) return;
    for (const { session, id } of this.before?.open ?? []) {
      const draft = await this.draft(session);
      if (!draft.has(id)) draft.drop(id);
    }
  }

  private async commit(meta: SessionMeta, isMain: boolean): Promise<Captured[]> {
    const draft = await this.draft(meta.id);
    if ((!isMain || draft.isBuried) && draft.entryCount === 0) {
      await this.takeAway(meta, draft);
      return [];
    }
    const { bytes, records, sha256 } = this.raw.raw;
    const isRaw = isMain && !this.isBuried(meta.id);
    const name = await draft.finish(
      meta,
      isRaw && records > 0 ? { bytes, records, sha256 } : undefined,
      this.source.modified,
    );
    if (draft.changes.length === 0 && (!isRaw || this.raw.changes.length === 0)) return [];
    const { redactor } = this.desk;
    const subject = redactor.text(`${meta.agent}: ${name}`);
    const body = redactor.text(draft.story(meta));
    const at = meta.updatedAt ?? new Date(this.source.modified).toISOString();
    this.desk.written.add(meta.id);
    if (draft.changes.length > 0) await this.desk.commit(refs.history, { subject, body, at }, draft.changes);
    if (isRaw && this.raw.changes.length > 0) {
      const records = joinRedacted([subject, ' ', redactor.text('(records)')]);
      await this.desk.commit(refs.raw, { subject: records, body, at }, this.raw.changes);
    }
    return [{ session: meta.id, agent: meta.agent, name, added: draft.added, isNew: draft.isNew }];
  }

  /** Of a session whose exchanges were all deleted for ever nothing stays in this writer's tree, whoever deleted them. */
  private async takeAway(meta: SessionMeta, draft: SessionDraft): Promise<void> {
    if (draft.isNew || draft.changes.length === 0) return;
    const { redactor } = this.desk;
    const changes: Change[] = [...draft.changes, { path: `${sessionPath(meta.id)}/session.md`, remove: true }];
    const at = new Date(this.source.modified).toISOString();
    this.desk.written.add(meta.id);
    await this.desk.commit(refs.history, { subject: redactor.text(`${meta.agent}: deleted`), at }, changes);
  }

  /** Records cannot be told apart by exchange: where one was deleted, none are written, now and when the source grows. */
  private isBuried(main: SessionId): boolean {
    if (this.before?.raw.end === never || this.desk.tombstones.parts.has(main)) return true;
    return [...this.drafts.values()].some((draft) => draft.isBuried);
  }

  private bookmark(): Bookmark {
    const checkpoint = this.source.appendOnly ? this.parser.checkpoint() : undefined;
    const resume = checkpoint ?? (this.source.appendOnly ? this.before?.checkpoint : undefined);
    return {
      ...(resume ? { checkpoint: resume, anchor: anchorOf(this.options.host, this.source, resume.offset) } : {}),
      open: this.open.map(({ session, exchange }) => ({ session, id: exchange.id })),
      raw: this.isBuried(this.parser.subject.id) ? { ...this.raw.raw, end: never } : this.raw.raw,
    };
  }
}

/** Where the next record to be written starts, when none is to be. */
const never = Number.MAX_SAFE_INTEGER;

/** A bookmark counts only while the bytes before it are what they were. */
function usable(source: Source, before: Bookmark | undefined, host: Host): Bookmark | undefined {
  if (!source.appendOnly || !before?.checkpoint) return before;
  return before.anchor === anchorOf(host, source, before.checkpoint.offset) ? before : undefined;
}

const anchorSize = 4096;

/** Digest of the bytes just before an offset. */
function anchorOf(host: Host, source: Source, offset: number): string {
  const from = Math.max(0, offset - anchorSize);
  for (const chunk of host.files.chunks(source.path, from))
    return digest(Buffer.from(chunk.subarray(0, offset - from)).toString('base64'));
  return '';
}
