import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Source } from '../../adapters/adapter.ts';
import { digest, type ObjectId } from '../../core/ids.ts';
import { parseJson } from '../../core/json.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { readText } from './read-text.ts';
import { type Known, knownIn, lineOf, nameOf, SourceLines } from './source-lines.ts';

/** What is remembered of a source, so that the next capture reads only what is new. */
const bookmarkSchema = z.strictObject({
  /** Where its parser may go on; absent when the source has to be read whole. */
  checkpoint: z.strictObject({ offset: z.number(), state: z.unknown() }).optional(),
  /** Digest of the bytes before the checkpoint: when they have changed, the source was rewritten. */
  anchor: z.string().optional(),
  /** The exchanges that were still open, whose files may be replaced. */
  open: z.array(z.strictObject({ session: sessionIdSchema, id: exchangeIdSchema })),
  raw: z.strictObject({
    /** Records before this offset are in the raw history. */
    end: z.number(),
    bytes: z.number(),
    records: z.number(),
    /** Hash chain over the pieces: docs/format.md, Raw. */
    sha256: z.string(),
    /** Names and object ids of the pieces of a store that is rewritten whole. */
    pieces: z.record(z.string(), z.string()).optional(),
  }),
});
export type Bookmark = z.infer<typeof bookmarkSchema>;

/**
 * The memory of captures, below the repository's common git directory. It is only ever a shortcut: without it everything
 * is read again and nothing is stored twice. One short line per source (the last one counts; those of sources that rest are in a file
 * of their own, which is seldom read) and one bookmark file per source, read only when that source has changed: the cost
 * does not grow with the sessions known.
 */
export class CaptureState {
  private readonly folder: string;
  private known: Map<string, Known>;
  private rested: SourceLines;
  private lines: number;
  private pending = '';

  private constructor(folder: string) {
    this.folder = folder;
    const { known, lines } = knownIn(readText(join(folder, 'sources')));
    this.known = known;
    this.lines = lines;
    this.rested = new SourceLines(join(folder, 'rested'));
  }

  /** Reads the state below `folder`. A damaged line is as good as a missing one. */
  static open(folder: string): CaptureState {
    return new CaptureState(folder);
  }

  /** The tip of the history that the state belongs to. */
  get tip(): string {
    return readText(join(this.folder, 'tip')).trim();
  }

  /** Forgets everything, when the history is not the one the state belongs to. */
  reset(): void {
    rmSync(this.folder, { recursive: true, force: true });
    this.known.clear();
    this.rested = new SourceLines(join(this.folder, 'rested'));
    this.lines = 0;
  }

  /** Forgets the sources of these sessions, so that the next capture reads them whole. */
  async forget(sessions: readonly string[]): Promise<void> {
    const all = [...this.all()];
    const isGone = ({ sessions: held }: Known) => held.some((id) => sessions.includes(id));
    // Nothing rests any more: first of all nobody may pass over what is about to be forgotten.
    for (const name of ['resting', 'rested']) rmSync(join(this.folder, name), { force: true });
    this.rested = new SourceLines(join(this.folder, 'rested'));
    for (const [name, known] of all) if (isGone(known)) rmSync(this.bookmarkPath(name), { force: true });
    await this.rewrite(all.filter(([, known]) => !isGone(known)));
  }

  /**
   * Lays the lines of all sources but these aside, into a file that is not read before one of them is asked for. Done in an order in which
   * a crash costs nothing: a line that is in both files is the same in both.
   */
  async settle(awake: readonly Source[]): Promise<void> {
    const all = this.all();
    mkdirSync(this.folder, { recursive: true });
    await replaceFile(join(this.folder, 'rested'), [...all.values()].map(lineOf).join(''));
    this.rested = new SourceLines(join(this.folder, 'rested'));
    const names = new Set(awake.map(nameOf));
    await this.rewrite([...all].filter(([name]) => names.has(name)));
  }

  get(source: Pick<Source, 'agent' | 'key'>): Known | undefined {
    return this.known.get(nameOf(source)) ?? this.rested.get(source);
  }

  bookmark(source: Source): Bookmark | undefined {
    const parsed = bookmarkSchema.safeParse(parseJson(readText(this.bookmarkPath(nameOf(source)))));
    return parsed.success ? parsed.data : undefined;
  }

  /** Remembers that a source was captured at its version. The bookmark is on disk at once, the line with `save`. */
  async remember(source: Source, sessions: readonly string[], bookmark?: Bookmark): Promise<void> {
    if (bookmark) {
      mkdirSync(join(this.folder, 'bookmarks'), { recursive: true });
      await replaceFile(this.bookmarkPath(nameOf(source)), JSON.stringify(bookmark));
    }
    const { agent, key, version } = source;
    this.known.set(nameOf(source), { agent, key, version, sessions });
    this.pending += lineOf({ agent, key, version, sessions });
  }

  /** Writes what was remembered, then the tip it belongs to. */
  async save(tip: ObjectId | undefined): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    this.lines += this.pending.split('\n').length - 1;
    if (this.lines > 2 * this.known.size + 200) await this.rewrite([...this.known]);
    else if (this.pending !== '') appendFileSync(join(this.folder, 'sources'), this.pending);
    this.pending = '';
    if (tip !== undefined && tip !== this.tip) await replaceFile(join(this.folder, 'tip'), `${tip}\n`);
  }

  /** Whatever is known, resting or not. */
  private all(): Map<string, Known> {
    return new Map([...this.rested.known, ...this.known]);
  }

  private async rewrite(known: readonly (readonly [string, Known])[]): Promise<void> {
    this.known = new Map(known);
    this.pending = '';
    this.lines = known.length;
    mkdirSync(this.folder, { recursive: true });
    await replaceFile(join(this.folder, 'sources'), known.map(([, one]) => lineOf(one)).join(''));
  }

  private bookmarkPath(name: string): string {
    return join(this.folder, 'bookmarks', `${digest(name).slice(0, 32)}.json`);
  }
}
