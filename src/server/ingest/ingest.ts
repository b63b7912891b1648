import { setImmediate as turn } from 'node:timers/promises';
import { SpecstoryError } from '../../core/errors.ts';
import type { Growth } from '../../core/growth.ts';
import type { ObjectId, WriterId } from '../../core/ids.ts';
import type { Repository } from '../../git/repository.ts';
import { since } from '../../git/since.ts';
import type { TreeReader } from '../../git/tree-reader.ts';
import { TreeReaders } from '../../git/tree-readers.ts';
import type { Verdict } from '../../protocol/verdict.ts';
import type { Repositories } from '../repositories/repositories.ts';
import { Turns } from '../repositories/turns.ts';
import { isSameCursor } from '../store/index-rows.ts';
import type {
  AnnotationChange,
  Cursor,
  ExchangeRow,
  IndexStep,
  IndexStore,
  SessionChange,
} from '../store/index-store.ts';
import { changedItems, type Item } from './changed-items.ts';
import { examineAnnotation } from './examine-annotation.ts';
import { examineSession, faultIn, largestFile } from './examine-session.ts';
import type { Reading } from './reading/reading.ts';
import { verdictOf, verdictOfAnnotation } from './verdict-of.ts';

export interface IngestServices {
  readonly repositories: Repositories;
  readonly store: IndexStore;
  readonly reading: Reading;
}

/** Hears what became of each item once its rows are written. */
export type Hear = (path: string, verdict: Verdict | undefined) => void;

/** Rows that are written in one transaction, and sessions that are looked at together. */
const most = { rows: 5000, together: 8 } as const;

/**
 * Takes the histories of writers into the index. For each writer a cursor in the store says how far: what lies between it and the tip of
 * the ref is looked at, and the rows are written together with the next cursor. So it may be ended at any moment and begun again, by anybody.
 */
export class Ingest {
  private readonly services: IngestServices;
  private readonly turns = new Turns();
  private readonly listeners: ((project: string) => void)[] = [];

  constructor(services: IngestServices) {
    this.services = services;
  }

  /** Calls back whenever what was said in a project has changed, and with it what counts as deleted. */
  onSaid(listener: (project: string) => void): void {
    this.listeners.push(listener);
  }

  /**
   * Takes in what a writer's history has. Only one such work goes on for a writer; the others wait for it. Gives `false` when another server
   * took in some of it meanwhile: of that nothing is heard. Reads with `readers` where the caller has some, who closes them.
   */
  take(project: string, writer: WriterId, hear: Hear = () => {}, readers?: TreeReaders): Promise<boolean> {
    return this.turns.take(`${project} ${writer}`, async () => {
      if (readers) return this.takeAll({ project, writer }, hear, readers);
      const own = new TreeReaders();
      try {
        return await this.takeAll({ project, writer }, hear, own);
      } finally {
        await own.close();
      }
    });
  }

  /** Takes in what all histories of a project have. */
  async takeProject(project: string, hear?: Hear): Promise<void> {
    const tips = await this.services.repositories.tips(project);
    const cursors = new Map((await this.services.store.cursors(project)).map((cursor) => [cursor.writer, cursor]));
    for (const { writer, kind, oid } of tips) {
      if (kind === 'history' && !isAt(cursors.get(writer), oid)) await this.take(project, writer, hear);
    }
  }

  /** Makes the rows of a project anew; gives how much was rejected. They are incomplete meanwhile; a crash is made good by the next `takeProject`. */
  async reindex(project: string, hear?: Hear): Promise<number> {
    await this.services.store.clear(project);
    await this.takeProject(project, hear);
    return (await this.services.store.rejections(project)).length;
  }

  private async takeAll({ project, writer }: Whose, hear: Hear, readers: TreeReaders): Promise<boolean> {
    const { repositories, store } = this.services;
    const repository = await repositories.open(project);
    const reader = readers.of(repository);
    const tip = await reader.tip(writer, 'history');
    let isOurs = true;
    if (!tip) return isOurs;
    for (let cursor = await store.cursor(project, writer); !isAt(cursor, tip); ) {
      const target = cursor?.toward?.tip ?? tip;
      const task = { project, writer, repository, reader, cursor, target };
      const run = new Run(this.services, task, hear);
      const isDone = await ours(run.all());
      if (run.hasSaid) for (const listener of this.listeners) listener(project);
      isOurs &&= isDone;
      const next = await store.cursor(project, writer);
      if (!isDone && isSameCursor(next, cursor)) throw stuck();
      cursor = next;
    }
    return isOurs;
  }
}

function isAt(cursor: Cursor | undefined, tip: ObjectId): boolean {
  return cursor?.ingested === tip && !cursor.toward;
}

/** Whether work was done, and not in part by another server before us. */
async function ours(work: Promise<void>): Promise<boolean> {
  try {
    await work;
    return true;
  } catch (thrown) {
    if (thrown instanceof SpecstoryError && thrown.kind === 'conflict') return false;
    throw thrown;
  }
}

function stuck(): SpecstoryError {
  return new SpecstoryError('conflict', 'a history cannot be taken in, and nobody else takes it in');
}

interface Whose {
  readonly project: string;
  readonly writer: WriterId;
}

interface Task extends Whose {
  readonly repository: Repository;
  readonly reader: TreeReader;
  readonly cursor: Cursor | undefined;
  readonly target: ObjectId;
}

interface Found {
  readonly item: Item;
  readonly session?: { readonly change: SessionChange; readonly before: readonly ExchangeRow[] };
  readonly annotation?: AnnotationChange;
}

/** One way from a cursor to a commit, in steps. */
class Run {
  private readonly services: IngestServices;
  private readonly task: Task;
  private readonly hear: Hear;
  private readonly reader: TreeReader;
  /** A statement was taken in or withdrawn. */
  hasSaid = false;
  private cursor: Cursor | undefined;
  private author: string | undefined;
  private found: Found[] = [];
  private rows = 0;

  constructor(services: IngestServices, task: Task, hear: Hear) {
    this.services = services;
    this.task = task;
    this.hear = hear;
    this.cursor = task.cursor;
    this.reader = task.reader;
  }

  async all(): Promise<void> {
    const { target } = this.task;
    if (await this.isLost()) return await this.services.store.clear(this.task.project, this.task.writer);
    const after = this.cursor?.toward?.after ?? '';
    this.author = await this.reader.author(target);
    let group: Item[] = [];
    for await (const item of changedItems(this.reader, this.cursor?.ingested, target, after)) {
      if (group.push(item) < most.together) continue;
      await this.look(group);
      group = [];
      if (this.rows >= most.rows)
        await this.write({ ingested: this.cursor?.ingested, toward: { tip: target, after: item.path } });
    }
    await this.look(group);
    await this.write({ ingested: target });
  }

  /** A purge may have taken away a commit that the rows were made from: then nothing tells what of them still holds. */
  private async isLost(): Promise<boolean> {
    const { ingested, toward } = this.cursor ?? {};
    for (const commit of [ingested, toward?.tip]) {
      if (commit !== undefined && !(await this.reader.root(commit))) return true;
    }
    return false;
  }

  private async look(items: readonly Item[]): Promise<void> {
    const found = await Promise.all(items.map((item) => this.examine(item)));
    this.found.push(...found);
    for (const { session } of found)
      this.rows += 1 + (session?.change.kind === 'stored' ? session.change.put.length : 0);
    // Others want to be served as well.
    await turn();
  }

  private async examine(item: Item): Promise<Found> {
    const { project, writer } = this.task;
    const { store, reading } = this.services;
    if (item.path.startsWith('annotations/'))
      return { item, annotation: await examineAnnotation(this.reader, reading.check, item, writer) };
    const known = await store.known(project, writer, item.path);
    const change = await examineSession(this.reader, reading, item, known, this.author);
    return { item, session: { change, before: known?.exchanges ?? [] } };
  }

  /** One that cannot be read any more is not known to be a state of the other. */
  private async compare(ours: string, theirs: string): Promise<Growth> {
    const files: Buffer[] = [];
    for await (const content of this.reader.files([ours, theirs], largestFile.exchange)) {
      if (!Buffer.isBuffer(content)) return 'apart';
      files.push(content);
    }
    const [one, other] = files;
    if (!one || !other) return 'apart';
    try {
      return await this.services.reading.growth(one, other);
    } catch (thrown) {
      faultIn(thrown);
      return 'apart';
    }
  }

  private async write(to: Cursor): Promise<void> {
    const { project, writer } = this.task;
    const found = this.found;
    const step: IndexStep = {
      project,
      writer,
      from: this.cursor,
      to,
      sessions: found.flatMap(({ session }) => session?.change ?? []),
      annotations: found.flatMap(({ annotation }) => annotation ?? []),
      since: await since(this.task.repository, this.task.target, doubtful(found)),
      at: new Date().toISOString(),
    };
    await this.services.store.apply(step);
    this.hasSaid ||= step.annotations.length > 0;
    this.cursor = to;
    this.found = [];
    this.rows = 0;
    const compare = (ours: string, theirs: string) => this.compare(ours, theirs);
    const bench = { store: this.services.store, project, writer, compare };
    for (const { item, session, annotation } of found) {
      const verdict = session && (await verdictOf(bench, session.change, session.before));
      this.hear(item.path, verdict ?? (annotation && verdictOfAnnotation(annotation)));
    }
  }
}

/** What is rejected or not understood, with its object id: git tells since when it is. */
function doubtful(found: readonly Found[]): Map<string, string> {
  const entries = found.flatMap(({ item: { path, entry }, session, annotation }) => {
    const isDoubtful = session
      ? session.change.kind === 'rejected'
      : annotation?.kind === 'unreadable' || (annotation?.kind === 'annotation' && !annotation.row.said);
    return isDoubtful && entry ? [[path, entry.oid] as const] : [];
  });
  return new Map(entries);
}
