import { createHash } from 'node:crypto';
import type { NativeRecord, Source } from '../adapters/adapter.ts';
import { digest, type SessionId } from '../core/ids.ts';
import { rawPath, refs } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { blobId } from '../git/blob-id.ts';
import type { Change } from '../git/write.ts';
import { joinRedacted } from '../redact/join.ts';
import type { Desk } from './desk.ts';
import type { Bookmark } from './state.ts';

/** Bytes of a piece of an append-only transcript, and of a store that is rewritten whole (small, so that little is rewritten). */
const pieceSize = { append: 4 << 20, rewrite: 64 << 10 };

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
  private text: (Redacted<string> | '\n')[] = [];
  private size = 0;
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
    if (this.text.length === 0) this.start = record.start;
    const line = this.desk.redactor.line(record.text, record.value);
    this.text.push(line);
    if (record.newline) this.text.push('\n');
    this.size += line.length + 1;
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
    if (this.text.length === 0) return;
    const piece = joinRedacted(this.text);
    const name = `${String(this.start).padStart(12, '0')}.jsonl`;
    const hash = createHash('sha256').update(piece).digest('hex');
    const chained = createHash('sha256').update(this.now.sha256).update(hash).digest('hex');
    this.now = { ...this.now, bytes: this.now.bytes + Buffer.byteLength(piece), sha256: chained };
    this.pieces[name] = hash;
    if (!(await this.isThere(session, name, piece, hash))) {
      this.changes.push({ path: `${this.folder(session)}/${name}`, mark: await this.desk.into.blob(piece) });
    }
    this.text = [];
    this.size = 0;
  }

  /** Without a bookmark the history itself is asked. */
  private async isThere(session: SessionId, name: string, piece: string, hash: string): Promise<boolean> {
    if (this.before) return this.before.pieces?.[name] === hash;
    const stored = await this.desk.id(refs.raw, `${this.folder(session)}/${name}`);
    return stored !== undefined && stored === blobId(piece, this.desk.objectFormat);
  }

  private folder(session: SessionId): string {
    return `${rawPath(session)}/${digest(this.source.key).slice(0, 8)}`;
  }
}
