import { taken } from '../../git/git-records.ts';
import type { Repository } from '../../git/repository.ts';
import { startUploadPack } from '../../git/upload-pack.ts';
import type { Child } from '../../platform/process.ts';
import { flushPacket, packet } from '../../protocol/pkt-line.ts';
import type { Body } from '../body.ts';

export interface FetchLimits {
  /** Milliseconds in which git gives no byte, or the client takes none; and for all of it. */
  readonly idle: number;
  readonly wall: number;
}

/** An answer that is being written, and its end. */
export interface Streaming {
  readonly stream: ReadableStream<Uint8Array>;
  /** Settles when git is gone. */
  readonly over: Promise<unknown>;
}

/** What can be fetched: the first answer of smart HTTP. */
export async function advertise(repository: Repository, protocol: string, limits: FetchLimits): Promise<Streaming> {
  const child = await startUploadPack(repository, 'advertise', protocol);
  const said = listen(child);
  child.stdin.end();
  // git's own server names the service for the older protocols only (gitprotocol-v2).
  const isNewer = /(?:^|:)version=2(?::|$)/.test(protocol);
  const head = Buffer.concat([packet('# service=git-upload-pack\n'), Buffer.from(flushPacket)]);
  return output(child, said, limits, isNewer ? undefined : head);
}

/** Answers one request of a fetch. git is ended when the client goes away. Throws `BodyProblem`. */
export async function uploadPack(
  repository: Repository,
  protocol: string,
  body: Body,
  limits: FetchLimits,
): Promise<Streaming> {
  const child = await startUploadPack(repository, 'answer', protocol);
  const said = listen(child);
  try {
    for (let chunk = await body.next(); chunk; chunk = await body.next()) await taken(child, chunk);
    child.stdin.end();
    return output(child, said, limits);
  } catch (thrown) {
    child.kill();
    throw thrown;
  }
}

/** Gives the next piece of what a git says. */
type Said = () => Promise<IteratorResult<Buffer, undefined>>;

/**
 * Listens from now on, and holds no more than the first piece. git answers as soon as it has read enough, which may be before the last byte of the request, and
 * Node throws away what a child that ended has said to nobody.
 */
function listen({ stdout }: Child): Said {
  const pieces: AsyncIterator<Buffer, undefined> = stdout.iterator({ destroyOnReturn: false })[Symbol.asyncIterator]();
  const take: Said = () => pieces.next().catch(() => ended);
  let first: ReturnType<Said> | undefined = take();
  return () => {
    const next = first ?? take();
    first = undefined;
    return next;
  };
}

/** What a git writes, a piece at a time, as the client takes it. */
function output(child: Child, said: Said, { idle, wall }: FetchLimits, head?: Uint8Array): Streaming {
  const late = setTimeout(child.kill, wall);
  let still = setTimeout(child.kill, idle);
  void child.ended.then(() => {
    clearTimeout(late);
    clearTimeout(still);
  });
  const pull = async (controller: ReadableStreamDefaultController<Uint8Array>): Promise<void> => {
    clearTimeout(still);
    still = setTimeout(child.kill, idle);
    const next = await said();
    if (!next.done) return controller.enqueue(next.value);
    clearTimeout(still);
    // Where git failed, its own packets said so, or the client sees that they break off.
    controller.close();
  };
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (head) controller.enqueue(head);
  };
  const stream = new ReadableStream({ start, pull, cancel: () => child.kill() }, { highWaterMark: 1 });
  return { stream, over: child.ended };
}

const ended = { done: true, value: undefined } as const;
