import { SpecstoryError } from '../core/errors.ts';
import { isObjectId, type ObjectId } from '../core/ids.ts';
import type { Child } from '../platform/process.ts';
import { gitError } from './errors.ts';
import type { Repository } from './repository.ts';
import { placeOf, startGit } from './run.ts';

/** An object as `cat-file` gives it. */
interface Found {
  readonly oid: ObjectId;
  readonly type: string;
  /** Bytes. */
  readonly size: number;
  /** Empty when only the id was asked for. */
  readonly content: Buffer;
}

interface Question {
  readonly wantsContent: boolean;
  /** Bytes: a larger object is refused, and its content not kept. */
  readonly limit: number;
  readonly resolve: (found: Found | undefined) => void;
  readonly reject: (thrown: unknown) => void;
}

/** An answer whose content is being received. */
interface Answer {
  readonly oid: ObjectId;
  readonly type: string;
  readonly size: number;
  readonly limit: number;
  readonly chunks: Buffer[];
  received: number;
}

const args = ['cat-file', '--batch-command', '--buffer'];
const maxObject = 64 << 20;
const patience = 60_000;

/**
 * One `git cat-file` that answers any number of questions in the order they were asked. Questions asked in the same turn of
 * the event loop travel together, so that asking for many objects at once costs one exchange and not one each.
 */
export class ObjectReader {
  private readonly repository: Repository;
  private child: Promise<Child> | undefined;
  private closed = false;
  private readonly waiting: Question[] = [];
  private outgoing = '';
  private header = '';
  private answer: Answer | undefined;
  private timer: NodeJS.Timeout | undefined;

  constructor(repository: Repository) {
    this.repository = repository;
  }

  /** `name` is one line: an object id or `<revision>:<path>`. Nothing when there is no such object. Throws `unsupported` above `limit` bytes. */
  ask(command: 'contents' | 'info', name: string, limit = maxObject): Promise<Found | undefined> {
    if (this.closed) return Promise.reject(new SpecstoryError('bug', 'an object was asked for after the end'));
    return new Promise((resolve, reject) => {
      this.waiting.push({ wantsContent: command === 'contents', limit, resolve, reject });
      this.child ??= this.start();
      if (this.outgoing === '') queueMicrotask(() => this.send());
      this.outgoing += `${command} ${name}\n`;
    });
  }

  /** Ends the process. What is still waiting is answered first. */
  async close(): Promise<void> {
    this.closed = true;
    await this.send();
    const child = await this.child?.catch(() => undefined);
    if (!child) return;
    child.stdin.end();
    await child.ended;
  }

  private async send(): Promise<void> {
    try {
      const child = await this.child;
      const text = this.outgoing;
      this.outgoing = '';
      if (text === '') return;
      this.watch();
      child?.stdin.write(`${text}flush\n`);
    } catch (thrown) {
      this.fail(thrown);
    }
  }

  private async start(): Promise<Child> {
    const child = await startGit(args, placeOf(this.repository));
    child.stdout.on('data', (chunk: Buffer) => this.receive(chunk));
    child.ended.then((ending) => {
      this.fail(gitError(args, this.repository.root, { ...ending, stderr: child.stderr() }));
    });
    return child;
  }

  /** A later question begins anew, with a process of its own. */
  private fail(thrown: unknown): void {
    clearTimeout(this.timer);
    this.child = undefined;
    this.outgoing = '';
    this.header = '';
    this.answer = undefined;
    for (const { reject } of this.waiting.splice(0)) reject(thrown);
  }

  /** A git that stands still (a dead network disk) is ended. */
  private watch(): void {
    clearTimeout(this.timer);
    if (this.waiting.length === 0) return;
    this.timer = setTimeout(() => this.child?.then((child) => child.kill()), patience);
  }

  private receive(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      at = this.answer ? this.receiveContent(this.answer, chunk, at) : this.receiveHeader(chunk, at);
    }
    this.watch();
  }

  private receiveHeader(chunk: Buffer, at: number): number {
    const end = chunk.indexOf(10, at);
    this.header += chunk.toString('latin1', at, end < 0 ? chunk.length : end);
    if (end < 0) return chunk.length;
    const [oid = '', type = '', size] = this.header.split(' ');
    this.header = '';
    if (size === undefined || !isObjectId(oid)) this.settle(undefined);
    else if (!this.waiting[0]?.wantsContent) this.settle({ oid, type, size: Number(size), content: Buffer.alloc(0) });
    else this.answer = { oid, type, size: Number(size), limit: this.waiting[0].limit, chunks: [], received: 0 };
    return end + 1;
  }

  /** The content is followed by one line feed. */
  private receiveContent(answer: Answer, chunk: Buffer, at: number): number {
    const piece = chunk.subarray(at, at + answer.size + 1 - answer.received);
    answer.received += piece.length;
    if (answer.size <= answer.limit) answer.chunks.push(piece);
    if (answer.received > answer.size) {
      this.answer = undefined;
      this.settleContent(answer);
    }
    return at + piece.length;
  }

  private settleContent({ oid, type, size, limit, chunks }: Answer): void {
    const question = this.waiting.shift();
    if (size <= limit) question?.resolve({ oid, type, size, content: Buffer.concat(chunks, size) });
    else
      question?.reject(new SpecstoryError('unsupported', `object ${oid} has ${size} bytes: more than we ever write`));
  }

  private settle(found: Found | undefined): void {
    this.waiting.shift()?.resolve(found);
  }
}
