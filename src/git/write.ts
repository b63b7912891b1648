import { SpecstoryError } from '../core/errors.ts';
import type { ObjectId, WriterId } from '../core/ids.ts';
import { type RefName, refs } from '../core/layout.ts';
import type { Redacted } from '../core/redacted.ts';
import { oneLine, storable } from '../core/text.ts';
import { bytesOf } from './blob-id.ts';
import { completePacks } from './complete-packs.ts';
import { consolidate } from './consolidate.ts';
import { FastImport } from './fast-import.ts';
import type { Identity } from './identity.ts';
import { landed } from './landed.ts';
import { adoptPacks, releasePacks } from './packs.ts';
import { moveRefs, type RefMove } from './ref-moves.ts';
import type { Repository } from './repository.ts';
import { openScratch, type Scratch } from './scratch.ts';
import { isTreePath } from './tree-path.ts';
import { writerRef } from './writer-ref.ts';

/** A part of a file: redacted text, or a line end between two. */
export type RedactedPiece = Redacted<string> | '\n';

/** A file that an import has taken and that a commit of the same import may name. */
type Mark = number;

/** One change of a tree. Removing what is not there changes nothing. */
export type Change =
  | { readonly path: string; readonly content: Redacted<string> }
  | { readonly path: string; readonly mark: Mark }
  | { readonly path: string; readonly remove: true };

export interface CommitText {
  readonly subject: Redacted<string>;
  readonly body?: Redacted<string>;
  /** The author date: an instant as it is stored. */
  readonly at: string;
}

/** Where our two refs stand. */
export type OwnTips = { readonly [Kind in keyof typeof refs]?: ObjectId };

/**
 * An import: any number of commits on either ref, all or none. Only a crash of the machine or of git between the two refs
 * can leave `raw` alone ahead. The caller holds the lock.
 */
export interface Import {
  /** Hands a file over at once, in one piece or several, so that the caller need not hold it until the commit. */
  blob(...content: readonly RedactedPiece[]): Promise<Mark>;
  /** Adds a commit; none when there are no changes. Throws `bug` for a path that may not stand in a tree of ours. */
  commit(ref: RefName, text: CommitText, changes: Iterable<Change> | AsyncIterable<Change>): Promise<void>;
  /**
   * Moves the refs on and gives where they stand; everything is on disk then. Throws `conflict` when a ref is no longer where
   * the import began; then no ref was moved. Throws `denied` or `unavailable` when it cannot be written.
   */
  finish(): Promise<OwnTips>;
  /** Ends the import without a trace. Does nothing after `finish`. */
  abort(): Promise<void>;
}

/**
 * Begins an import behind the tips given. No process is started, and nothing written, before there is something to write. In the
 * repository of a server it moves the refs of the writer named, whose tips these are.
 */
export function openImport(repository: Repository, before: OwnTips, who: Identity, writer?: WriterId): Import {
  return new ScratchImport(repository, before, who, writer);
}

class ScratchImport implements Import {
  private readonly repository: Repository;
  private readonly before: OwnTips;
  private readonly who: Identity;
  private readonly writer: WriterId | undefined;
  private readonly begun = new Set<RefName>();
  private work: { scratch: Scratch; stream: FastImport } | undefined;
  private marks = 0;
  private over = false;

  constructor(repository: Repository, before: OwnTips, who: Identity, writer: WriterId | undefined) {
    this.repository = repository;
    this.before = before;
    this.who = who;
    this.writer = writer;
  }

  async blob(...content: readonly RedactedPiece[]): Promise<Mark> {
    const length = bytesOf(content);
    const mark = ++this.marks;
    await this.stream().write(`blob\nmark :${mark}\ndata ${length}\n`, ...content, '\n');
    return mark;
  }

  async commit(ref: RefName, text: CommitText, changes: Iterable<Change> | AsyncIterable<Change>): Promise<void> {
    const lines: string[] = [];
    for await (const change of changes) lines.push(await this.line(change));
    if (lines.length === 0) return;
    const first = this.begun.has(ref) ? undefined : tipOf(this.before, ref);
    this.begun.add(ref);
    const message = Buffer.from(messageOf(text));
    await this.stream().write(
      `commit ${ref}\nauthor ${signature(this.who, Date.parse(text.at))}\n`,
      `committer ${signature(this.who, Date.now())}\ndata ${message.length}\n`,
      message,
      first ? `\nfrom ${first}\n` : '\n',
      `${lines.join('')}\n`,
    );
  }

  async finish(): Promise<OwnTips> {
    if (this.over) throw new SpecstoryError('bug', 'an import was finished twice');
    const { work } = this;
    try {
      return work && this.begun.size > 0 ? await this.move(work.scratch, await work.stream.finish()) : this.before;
    } finally {
      await this.abort();
    }
  }

  async abort(): Promise<void> {
    this.over = true;
    const { work } = this;
    this.work = undefined;
    await work?.stream.kill();
    work?.scratch.remove();
  }

  /** Puts the packs into the repository, then moves the refs, then lets go of the packs: in this order nothing is ever missing. */
  private async move(scratch: Scratch, report: string): Promise<OwnTips> {
    const { repository, before, who } = this;
    // The records come first: what the history says of them must be true at any moment.
    const order = [refs.raw, refs.history].filter((ref) => this.begun.has(ref));
    const landing = order.map((ref) => ({ ref, from: tipOf(before, ref), to: landed(scratch, ref) }));
    await adoptPacks(repository, await completePacks(scratch, report, landing));
    const moves = landing.map(({ ref, from, to }): RefMove => ({ ref: this.placeFor(ref), from, to }));
    await moveRefs(repository, moves, who);
    releasePacks(repository);
    // A server tidies up behind those who read.
    if (!repository.hosted) await consolidate(repository);
    return { ...before, ...Object.fromEntries(landing.map(({ ref, to }) => [kindOf(ref), to])) };
  }

  private placeFor(ref: RefName): RefMove['ref'] {
    return this.writer === undefined ? ref : writerRef(this.writer, kindOf(ref));
  }

  private async line(change: Change): Promise<string> {
    if (!isTreePath(change.path)) {
      throw new SpecstoryError('bug', `${JSON.stringify(change.path)} may not stand in a tree`);
    }
    if ('remove' in change) return `D ${change.path}\n`;
    const mark = 'mark' in change ? change.mark : await this.blob(change.content);
    return `M 100644 :${mark} ${change.path}\n`;
  }

  private stream(): FastImport {
    if (this.over) throw new SpecstoryError('bug', 'an import was written to after its end');
    if (!this.work) {
      const scratch = openScratch(this.repository);
      this.work = { scratch, stream: new FastImport(scratch.place, this.repository.root) };
    }
    return this.work.stream;
  }
}

function tipOf(tips: OwnTips, ref: RefName): ObjectId | undefined {
  return tips[kindOf(ref)];
}

function kindOf(ref: RefName): keyof typeof refs {
  return ref === refs.history ? 'history' : 'raw';
}

function messageOf({ subject, body }: CommitText): string {
  return storable(body ? `${oneLine(subject)}\n\n${body.trimEnd()}\n` : `${oneLine(subject)}\n`);
}

/** Seconds and UTC: a time zone would say where somebody is. A date that git cannot hold becomes the time of writing. */
function signature({ name, email }: Identity, ms: number): string {
  const seconds = Math.floor((ms >= 0 && ms < 4_102_444_800_000 ? ms : Date.now()) / 1000);
  return `${name} <${email}> ${seconds} +0000`;
}
