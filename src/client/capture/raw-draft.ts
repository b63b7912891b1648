import { createHash } from 'node:crypto';
import type { NativeRecord, Source } from '../../adapters/adapter.ts';
import { digest, type SessionId } from '../../core/ids.ts';
import { rawPath, refs } from '../../core/layout.ts';
import { limits } from '../../core/limits.ts';
import { blobId, bytesOf, hashOf } from '../../git/blob-id.ts';
import type { Change, RedactedPiece } from '../../git/write.ts';
import { collectGarbage } from '../../platform/collect-garbage.ts';
import { joinRedacted } from '../../redact/join.ts';
import type { Desk } from './desk.ts';
import type { Bookmark } from './state.ts';

/** Bytes of a piece of an append-only transcript, and of a store that is rewritten whole (small, so that little is rewritten). */
const pieceSize = { append: 4 << 20, rewrite: 64 << 10 };

/** Characters of lines that are made one text. */
const blockSize = 256 << 10;

type Raw = Bookmark['raw'];

const nothing: Raw = { end: 0, bytes: 0, records: 0, sha256: '' };

/** Collects the records of one source into pieces of the raw history: only those after the last capture's end. */
export class RawDraft {
  readonly changes: Change[] = [];
  private readonly desk: Desk;
  private readonly source: Source;
  private readonly before: Raw | undefined;
  private now: Raw;
  private pieces: Record<string, string> = {};
  /** Lines that are not packed yet, and the texts of the piece so far. */
  private lines: RedactedPiece[] = [];
  private blocks: RedactedPiece[] = [];
  private size = 0;
  private packed = 0;
  private start = 0;

  constructor(desk: Desk, source: Source, before: Raw | undefined) {
    this.desk = desk;
    this.source = source;
    this.before = before;
    this.now = (source.appendOnly ? before : undefined) ?? nothing;
  }

  /** What to remember for the next capture, once `finish` was called. */
  get raw(): Raw {
    return this.source.appendOnly ? this.now : { ...this.now, pieces: this.pieces };
  }

  /** Takes one record; one that is in the raw history already is left out. */
  async add(record: NativeRecord, session: SessionId): Promise<void> {
    if (record.start < this.now.end) return;
    if (this.size === 0) this.start = record.start;
    const line = this.desk.redactor.line(record.text, record.value);
    if (line.length > limits.record) collectGarbage();
    this.lines.push(line);
    if (record.newline) this.lines.push('\n');
    this.size += line.length + 1;
    if (this.size - this.packed >= blockSize) this.pack();
    this.now = { ...this.now, end: record.end, records: this.now.records + 1 };
    if (this.size >= pieceSize[this.source.appendOnly ? 'append' : 'rewrite']) await this.flush(session);
  }

  /** Writes the last piece and takes away those that the store, or a store that was replaced, no longer has. */
  async finish(session: SessionId): Promise<void> {
    await this.flush(session);
    const folder = this.folder(session);
    const old = this.before ? Object.keys(this.before.pieces ?? {}) : await this.desk.names(refs.raw, folder);
    for (const name of old) {
      if (!Object.hasOwn(this.pieces, name)) this.changes.push({ path: `${folder}/${name}`, remove: true });
    }
  }

  private async flush(session: SessionId): Promise<void> {
    this.pack();
    if (this.blocks.length === 0) return;
    const name = `${String(this.start).padStart(12, '0')}.jsonl`;
    const hash = hashOf(this.blocks, createHash('sha256'));
    const chained = createHash('sha256').update(this.now.sha256).update(hash).digest('hex');
    this.now = { ...this.now, bytes: this.now.bytes + bytesOf(this.blocks), sha256: chained };
    this.pieces[name] = hash;
    if (!(await this.isThere(session, name, hash))) {
      this.changes.push({ path: `${this.folder(session)}/${name}`, mark: await this.desk.into.blob(...this.blocks) });
    }
    this.blocks = [];
    this.size = 0;
  }

  /** Makes one text of many lines; a line that is large itself is not copied. */
  private pack(): void {
    if (this.lines.length > 2) this.blocks.push(joinRedacted(this.lines));
    else this.blocks.push(...this.lines);
    this.lines = [];
    this.packed = this.size;
  }

  /** Without a bookmark the history itself is asked. */
  private async isThere(session: SessionId, name: string, hash: string): Promise<boolean> {
    if (this.before) return this.before.pieces?.[name] === hash;
    const stored = await this.desk.id(refs.raw, `${this.folder(session)}/${name}`);
    return stored !== undefined && stored === blobId(this.blocks, this.desk.objectFormat);
  }

  private folder(session: SessionId): string {
    return `${rawPath(session)}/${digest(this.source.key).slice(0, 8)}`;
  }
}
