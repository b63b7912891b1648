import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import * as z from 'zod';
import type { Source } from '../../adapters/adapter.ts';
import { digest, type ObjectId } from '../../core/ids.ts';
import { asArray, parseJson, parseJsonLines } from '../../core/json.ts';
import { exchangeIdSchema, sessionIdSchema } from '../../core/session.ts';
import { replaceFile } from '../../platform/atomic-file.ts';
import { readText } from './read-text.ts';

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

/** What is known of a source without opening anything. */
export interface Known {
  readonly version: string;
  /** Ids of the sessions it held. */
  readonly sessions: readonly string[];
}

/**
 * The memory of captures, below the repository's common git directory. It is only ever a shortcut: without it everything
 * is read again and nothing is stored twice. One short line per source (the last one counts) and one bookmark
 * file per source, read only when that source has changed: the cost does not grow with the sessions known.
 */
export class CaptureState {
  private readonly folder: string;
  private readonly known = new Map<string, Known>();
  private lines = 0;
  private pending = '';

  private constructor(folder: string) {
    this.folder = folder;
  }

  /** Reads the state below `folder`. A damaged line is as good as a missing one. */
  static open(folder: string): CaptureState {
    const state = new CaptureState(folder);
    for (const line of parseJsonLines(readText(join(folder, 'sources')))) {
      state.lines++;
      const known = knownIn(line);
      if (known) state.known.set(known.name, known);
    }
    return state;
  }

  /** The tip of the history that the state belongs to. */
  get tip(): string {
    return readText(join(this.folder, 'tip')).trim();
  }

  /** Forgets everything, when the history is not the one the state belongs to. */
  reset(): void {
    rmSync(this.folder, { recursive: true, force: true });
    this.known.clear();
    this.lines = 0;
  }

  /** Forgets the sources of these sessions, so that the next capture reads them whole. */
  async forget(sessions: readonly string[]): Promise<void> {
    const gone = [...this.known].filter(([, known]) => known.sessions.some((id) => sessions.includes(id)));
    for (const [key] of gone) {
      rmSync(this.bookmarkPath(key), { force: true });
      this.known.delete(key);
    }
    // More lines than twice the sources make `save` write the file anew.
    this.lines = Number.MAX_SAFE_INTEGER;
    await this.save(undefined);
  }

  get(source: Pick<Source, 'agent' | 'key'>): Known | undefined {
    return this.known.get(nameOf(source));
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
    this.known.set(nameOf(source), { version: source.version, sessions });
    this.pending += line(source.agent, source.key, source.version, sessions);
  }

  /** Writes what was remembered, then the tip it belongs to. */
  async save(tip: ObjectId | undefined): Promise<void> {
    mkdirSync(this.folder, { recursive: true });
    this.lines += this.pending.split('\n').length - 1;
    if (this.lines > 2 * this.known.size + 200) {
      const all = [...this.known].map(([key, { version, sessions }]) => rewritten(key, version, sessions));
      await replaceFile(join(this.folder, 'sources'), all.join(''));
      this.lines = all.length;
    } else if (this.pending !== '') appendFileSync(join(this.folder, 'sources'), this.pending);
    this.pending = '';
    if (tip !== undefined && tip !== this.tip) await replaceFile(join(this.folder, 'tip'), `${tip}\n`);
  }

  private bookmarkPath(key: string): string {
    return join(this.folder, 'bookmarks', `${digest(key).slice(0, 32)}.json`);
  }
}

function nameOf({ agent, key }: { agent: string; key: string }): string {
  return `${agent} ${key}`;
}

function line(agent: string, key: string, version: string, sessions: readonly string[]): string {
  return `${JSON.stringify([agent, key, version, sessions])}\n`;
}

function rewritten(key: string, version: string, sessions: readonly string[]): string {
  const space = key.indexOf(' ');
  return line(key.slice(0, space), key.slice(space + 1), version, sessions);
}

/** A line as `remember` writes it. There may be ten thousand: a schema would take ten times as long. */
function knownIn(line: unknown): (Known & { name: string }) | undefined {
  const [agent, key, version, sessions] = asArray(line);
  if (typeof agent !== 'string' || typeof key !== 'string' || typeof version !== 'string') return undefined;
  const ids = asArray(sessions).filter((id) => typeof id === 'string');
  return { name: nameOf({ agent, key }), version, sessions: ids };
}
