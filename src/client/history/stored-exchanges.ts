import { createHash } from 'node:crypto';
import { reason, SpecstoryError } from '../../core/errors.ts';
import type { Entry } from '../../core/fold.ts';
import { type ExchangeId, isObjectId } from '../../core/ids.ts';
import type { Exchange } from '../../core/session.ts';
import type { Objects } from '../../git/objects.ts';
import { parseExchange } from '../../markdown/parse.ts';
import type { Problem } from './writer-tips.ts';

/** Bytes of an exchange file; the bounds of an exchange keep what we write below. */
const largestExchange = 64 << 20;

/** An exchange file of somebody's tree. */
export interface StoredExchange {
  readonly exchange: Exchange;
  /** Hex SHA-256 of its bytes. */
  readonly fingerprint: string;
}

/** The exchanges of a history by the object ids of their files, each read once. */
export class StoredExchanges {
  readonly problems: Problem[] = [];
  private readonly objects: Objects;
  private readonly known = new Map<string, StoredExchange | undefined>();

  constructor(objects: Objects) {
    this.objects = objects;
  }

  /** Whether a content was read, or found to be missing. */
  has(content: string): boolean {
    return this.known.has(content);
  }

  /** The exchange with a content, once it was read. */
  get(content: string): StoredExchange | undefined {
    return this.known.get(content);
  }

  /**
   * Reads contents. One that is not the exchange it is said to be is told and passed over. Throws `unavailable` when one is missing, unless that
   * is to be told as well.
   */
  async read(wanted: readonly Pick<Entry, 'id' | 'content'>[], missing: 'throw' | 'tell' = 'throw'): Promise<void> {
    const fresh = new Map(wanted.map(({ id, content }) => [content, id]));
    for (const content of this.known.keys()) fresh.delete(content);
    await Promise.all(
      [...fresh].map(async ([content, id]) => this.known.set(content, await this.readOne(content, id, missing))),
    );
  }

  private async readOne(
    content: string,
    id: ExchangeId,
    missing: 'throw' | 'tell',
  ): Promise<StoredExchange | undefined> {
    try {
      const bytes = isObjectId(content) ? await this.objects.file(content, largestExchange) : undefined;
      if (!bytes) throw lacking(content, id);
      const exchange = parseExchange(bytes.toString('utf8'));
      if (exchange.id !== id) throw new SpecstoryError('unsupported', 'the file names another exchange');
      return { exchange, fingerprint: createHash('sha256').update(bytes).digest('hex') };
    } catch (thrown) {
      const isMissing = thrown instanceof SpecstoryError && thrown.kind === 'unavailable';
      if (isMissing && missing === 'throw') throw thrown;
      this.problems.push({ path: `exchange ${id}`, reason: reason(thrown) });
      return undefined;
    }
  }
}

function lacking(content: string, id: ExchangeId): SpecstoryError {
  const hint = 'git fsck tells what is damaged';
  return new SpecstoryError('unavailable', `the history lacks the exchange ${id} (${content})`, { hint });
}
