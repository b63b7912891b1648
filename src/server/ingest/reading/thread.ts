import { existsSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { SpecstoryError } from '../../../core/errors.ts';
import { Turns } from '../../repositories/turns.ts';
import { Fault } from '../fault.ts';
import type { Question } from './read.ts';
import { type Reply, replySchema } from './reply.ts';

export interface ThreadOptions {
  /** The program of the thread; the one that lies beside this one unless told. */
  readonly program?: string;
  /** Milliseconds for one answer; 60,000 unless told. */
  readonly deadline?: number;
  /** MiB; above that the thread dies, and it alone. 2,048 unless told. */
  readonly memory?: number;
}

/** Milliseconds until a thread that nobody asks anything is ended. */
const idle = 5000;

/** One thread beside the one that serves requests, made when it is needed. It answers one question at a time. */
export class ReadingThread {
  private readonly program: string | undefined;
  private readonly deadline: number;
  private readonly memory: number;
  private readonly turns = new Turns();
  private worker: Worker | undefined;
  private rest: NodeJS.Timeout | undefined;

  constructor({ program, deadline = 60_000, memory = 2048 }: ThreadOptions = {}) {
    this.program = program;
    this.deadline = deadline;
    this.memory = memory;
  }

  /** The answer, as the thread gives it. Throws `Fault` for what takes too long or too much memory, and what the thread says of the file. */
  ask(question: Question): Promise<unknown> {
    return this.turns.take('thread', async () => answerOf(await this.reply(question)));
  }

  private async reply(question: Question): Promise<Reply> {
    clearTimeout(this.rest);
    this.worker ??= new Worker(this.program ?? programBeside(), {
      resourceLimits: { maxOldGenerationSizeMb: this.memory },
    });
    const { worker } = this;
    worker.ref();
    try {
      const reply = await said(worker, question, this.deadline);
      worker.unref();
      this.rest = setTimeout(() => this.end(), idle).unref();
      return reply;
    } catch (thrown) {
      this.end();
      throw thrown;
    }
  }

  private end(): void {
    void this.worker?.terminate();
    this.worker = undefined;
  }
}

function said(worker: Worker, question: Question, deadline: number): Promise<Reply> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new Fault('item_too_large', `it takes more than ${deadline / 1000} s to read`));
    const timer = setTimeout(late, deadline);
    worker.removeAllListeners();
    worker.once('message', (message) => {
      clearTimeout(timer);
      resolve(replySchema.parse(message));
    });
    worker.once('error', (thrown) => {
      clearTimeout(timer);
      const isFull = 'code' in thrown && thrown.code === 'ERR_WORKER_OUT_OF_MEMORY';
      reject(isFull ? new Fault('item_too_large', 'it takes too much memory to read', { cause: thrown }) : thrown);
    });
    worker.postMessage(question);
  });
}

function answerOf(reply: Reply): unknown {
  if (reply.kind === 'answer') return reply.answer;
  if (reply.kind === 'fault') throw new Fault(reply.code, reply.reason);
  throw new SpecstoryError(reply.kind === 'unsupported' ? 'unsupported' : 'bug', reply.reason);
}

/** It is built beside the server; what runs from source finds it in the folder of what was built. */
function programBeside(): string {
  let folder = path.dirname(fileURLToPath(import.meta.url));
  for (let up = 0; up < 5; up++, folder = path.dirname(folder)) {
    for (const place of ['reading.cjs', 'dist/reading.cjs']) {
      if (existsSync(path.join(folder, place))) return path.join(folder, place);
    }
  }
  throw new SpecstoryError('bug', 'reading.cjs of the package is not where it should be', {
    hint: 'install specstory again',
  });
}
