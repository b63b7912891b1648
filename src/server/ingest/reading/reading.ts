import { setImmediate as turn } from 'node:timers/promises';
import * as z from 'zod';
import type { Growth } from '../../../core/growth.ts';
import { isObject } from '../../../core/json.ts';
import { exchangeIdSchema } from '../../../core/session.ts';
import type { SessionHead } from '../../../markdown/session-file.ts';
import type { SearchDocument } from '../../../search/documents.ts';
import { TextCheck } from '../text-check.ts';
import { type ExchangeQuestion, type Question, type ReadExchange, read } from './read.ts';
import { ReadingThread, type ThreadOptions } from './thread.ts';

/** Bytes from which a file is read in the other thread; and after how many smaller ones other requests get their turn. */
const large = 256 << 10;

const exchangeSchema = z.object({
  id: exchangeIdSchema,
  startedAt: z.string().optional(),
  fingerprint: z.string(),
  document: z.custom<SearchDocument>(isObject),
}) satisfies z.ZodType<ReadExchange>;
const headSchema = z.custom<SessionHead>(isObject);
const growthSchema = z.enum(['later', 'earlier', 'apart']) satisfies z.ZodType<Growth>;

/** Reads files that were pushed without keeping other requests waiting: small ones here, large ones in a thread with a deadline. */
export class Reading {
  readonly check = new TextCheck();
  private readonly thread: ReadingThread;
  private sum = 0;

  constructor(options: ThreadOptions = {}) {
    this.thread = new ReadingThread(options);
  }

  /** Throws `Fault`, or `unsupported` for what is no exchange; so do the others. */
  async exchange(question: ExchangeQuestion): Promise<ReadExchange> {
    return exchangeSchema.parse(await this.ask({ ask: 'exchange', ...question }, question.content.length));
  }

  async head(content: Uint8Array): Promise<SessionHead> {
    return headSchema.parse(await this.ask({ ask: 'head', content }, content.length));
  }

  /** How one content of an exchange stands to another. */
  async growth(one: Uint8Array, other: Uint8Array): Promise<Growth> {
    return growthSchema.parse(await this.ask({ ask: 'growth', one, other }, one.length + other.length));
  }

  private async ask(question: Question, bytes: number): Promise<unknown> {
    if (bytes >= large) return this.thread.ask(question);
    this.sum += bytes;
    if (this.sum >= large) {
      this.sum = 0;
      await turn();
    }
    return read(this.check, question);
  }
}
