import { type Annotation, largestAnnotation, parseAnnotation, parseAnnotationFile } from '../../core/annotation.ts';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { Copy, Entry, Told } from '../../core/fold.ts';
import { type ObjectId, type SessionId, shard } from '../../core/ids.ts';
import { asObject, parseJson } from '../../core/json.ts';
import { format, markerPath, parseExchangeFile, sessionPath } from '../../core/layout.ts';
import type { Objects, TreeNode } from '../../git/objects.ts';
import { parseSessionHead, type SessionHead } from '../../markdown/session-file.ts';
import type { Problem, WriterTip } from './writer-tips.ts';

/** A session in a writer's tree. */
export interface WriterCopy extends Copy {
  readonly head: SessionHead;
  readonly tip: WriterTip;
}

export interface WriterTree extends Told {
  readonly copies: readonly WriterCopy[];
  readonly problems: readonly Problem[];
}

/** Bytes of `session.md`: a table of contents of 100,000 exchanges fits. */
const largestHead = 32 << 20;

/** Entries of one writer's tree: more are an attack, because a tree can name itself many times at no cost. */
const mostEntries = 1_000_000;

/** What is read of many trees: the same file is parsed once. */
export interface Reading {
  readonly objects: Objects;
  readonly heads: Map<ObjectId, Promise<SessionHead>>;
}

/** What to read of a tree; everything unless told. */
export interface Wanted {
  /** Only these sessions; none when empty. */
  readonly sessions?: readonly SessionId[] | undefined;
}

/** Reads the tree of one writer, who may be anybody: what we would never write is passed over and told. Throws nothing for what is in it. */
export async function readWriterTree(reading: Reading, tip: WriterTip, wanted: Wanted = {}): Promise<WriterTree> {
  return new TreeReading(reading, tip, wanted).run();
}

class TreeReading {
  private readonly objects: Objects;
  private readonly heads: Reading['heads'];
  private readonly tip: WriterTip;
  /** Folders of the sessions that are wanted, and what they are in; all when absent. */
  private readonly paths: ReadonlySet<string> | undefined;
  private readonly shards: ReadonlySet<string> | undefined;
  private readonly copies: WriterCopy[] = [];
  private readonly annotations: Annotation[] = [];
  private readonly clocks: number[] = [];
  private readonly problems: Problem[] = [];
  private entries = 0;
  /** Folders whose content names their place. One that stands in many places costs nobody anything but us. */
  private readonly folders = new Set<ObjectId>();

  constructor({ objects, heads }: Reading, tip: WriterTip, { sessions }: Wanted) {
    this.objects = objects;
    this.heads = heads;
    this.tip = tip;
    this.paths = sessions && new Set(sessions.map(sessionPath));
    this.shards = sessions && new Set(sessions.map((id) => `sessions/${shard(id)}`));
  }

  async run(): Promise<WriterTree> {
    try {
      const nodes = await this.list(this.tip.tree, '');
      await this.refuseNewer(nodes);
      const folder = (name: string) => nodes.filter((node) => node.name === name && node.kind === 'folder');
      await Promise.all([
        ...folder('sessions').map(({ oid }) => this.readSessions(oid)),
        ...folder('annotations').map(({ oid }) => this.readAnnotations(oid)),
      ]);
    } catch (thrown) {
      this.tell('', reason(thrown));
    }
    const { copies, annotations, clocks, problems } = this;
    return { copies, annotations, clocks, problems };
  }

  private async refuseNewer(nodes: readonly TreeNode[]): Promise<void> {
    const marker = nodes.find(({ name, kind }) => name === markerPath && kind === 'file');
    const text = marker && (await this.objects.file(marker.oid, 4096));
    const found = asObject(parseJson(text?.toString('utf8') ?? '')).format;
    if (typeof found === 'number' && found > format)
      throw new SpecstoryError('unsupported', `format ${found}; this version knows ${format}`);
  }

  private async readSessions(oid: ObjectId): Promise<void> {
    await this.inFolders(oid, 'sessions', async (inner, path) => {
      if (this.shards?.has(path) === false) return;
      await this.inFolders(inner, path, async (folder, name) => {
        if (this.paths?.has(name) !== false) await this.readSession(folder, name);
      });
    });
  }

  private async readSession(oid: ObjectId, path: string): Promise<void> {
    const nodes = await this.list(oid, path);
    const file = nodes.find(({ name, kind }) => name === 'session.md' && kind === 'file');
    if (!file) return this.tell(path, 'a session without session.md');
    const head = await this.head(file.oid);
    if (sessionPath(head.meta.id) !== path) return this.tell(path, 'it names another session');
    const folder = nodes.find(({ name, kind }) => name === 'exchanges' && kind === 'folder');
    const files = folder ? await this.list(folder.oid, `${path}/exchanges`) : [];
    const entries = files.flatMap(({ name, kind, oid: content }): Entry[] => {
      const parsed = kind === 'file' ? parseExchangeFile(name) : undefined;
      if (!parsed) this.tell(`${path}/exchanges/${name}`, 'no name of an exchange');
      return parsed ? [{ ...parsed, content }] : [];
    });
    this.copies.push({ writer: this.tip.writer, meta: head.meta, entries, head, tip: this.tip });
  }

  private head(oid: ObjectId): Promise<SessionHead> {
    const known = this.heads.get(oid) ?? this.readHead(oid);
    this.heads.set(oid, known);
    return known;
  }

  private async readHead(oid: ObjectId): Promise<SessionHead> {
    const text = await this.objects.file(oid, largestHead);
    if (!text) throw new SpecstoryError('unavailable', `object ${oid} is not there`);
    return parseSessionHead(text.toString('utf8'));
  }

  private async readAnnotations(oid: ObjectId): Promise<void> {
    await this.inFolders(oid, 'annotations', async (inner, path) => {
      const nodes = await this.list(inner, path);
      await Promise.all(
        nodes.map((node) => this.guarded(`${path}/${node.name}`, () => this.readAnnotation(node, path))),
      );
    });
  }

  private async readAnnotation({ name, kind, oid }: TreeNode, folder: string): Promise<void> {
    const path = `${folder}/${name}`;
    const named = kind === 'file' ? parseAnnotationFile(name) : undefined;
    if (named?.writer !== this.tip.writer)
      return this.tell(path, 'bad_annotation: no name of an annotation of this writer');
    const text = (await this.objects.file(oid, largestAnnotation))?.toString('utf8') ?? '';
    const annotation = parseAnnotation(path, text, this.tip.writer);
    if (annotation !== 'bad_clock') this.clocks.push(named.lamport);
    if (typeof annotation === 'string') this.tell(path, `${annotation}: it is not what an annotation is`);
    else this.annotations.push(annotation);
  }

  /** Does something with each folder in a folder. */
  private async inFolders(
    oid: ObjectId,
    path: string,
    work: (oid: ObjectId, path: string) => Promise<void>,
  ): Promise<void> {
    const nodes = await this.list(oid, path);
    await Promise.all(
      nodes.map((node) => {
        const at = `${path}/${node.name}`;
        if (node.kind !== 'folder') return this.tell(at, 'no folder');
        if (this.folders.has(node.oid)) return this.tell(at, 'the same folder twice');
        this.folders.add(node.oid);
        return this.guarded(at, () => work(node.oid, at));
      }),
    );
  }

  private async guarded(path: string, work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (thrown) {
      this.tell(path, reason(thrown));
    }
  }

  private async list(oid: ObjectId, path: string): Promise<readonly TreeNode[]> {
    const tree = await this.objects.tree(oid);
    if (!tree) throw new SpecstoryError('unavailable', `the tree ${oid} is not there`);
    this.entries += tree.nodes.length + tree.refused.length;
    if (this.entries > mostEntries) throw new SpecstoryError('unsupported', `more than ${mostEntries} entries`);
    for (const name of tree.refused) this.tell(`${path}/${name}`, 'a link, a program, or a name that we never write');
    return tree.nodes;
  }

  private tell(path: string, why: string): void {
    if (this.problems.length < mostProblems) this.problems.push({ path: `${this.tip.writer}: ${path}`, reason: why });
  }
}

/** Problems that are told of one writer. */
const mostProblems = 100;
