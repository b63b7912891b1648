import type { ExchangeId, SessionId } from '../../core/ids.ts';
import { asText } from '../../core/json.ts';
import type { ParserContext } from '../adapter.ts';
import { Fold } from '../fold.ts';
import type { Opening } from '../thread.ts';
import type { Fields } from './fields.ts';
import { NumberMap } from './number-map.ts';
import { freshOwn, type Own, ownSchema } from './own-state.ts';
import { packNumber, recordNumber, unpackNumbers } from './record-number.ts';

/**
 * Knows which exchange each record is in, which tells repetitions and rewinds: records are a forest linked by `parentUuid`.
 * That knowledge is a number per record and too large for a checkpoint. A checkpoint has the landmarks and the link
 * of the last exchange; what would need more asks for a restart.
 */
export abstract class BranchingFold extends Fold<Own> {
  /** Which exchange each record read since the start or the checkpoint is in, by record number; there may be a million. */
  private readonly places = new NumberMap();
  /** The ids of these exchanges, once they are closed. The first stands for what was before. */
  private readonly exchanges: (ExchangeId | null)[] = [null];
  /** The landmarks before the checkpoint. */
  private readonly landmarks: ReadonlySet<number>;

  constructor(context: ParserContext, session: SessionId, saved?: unknown) {
    super(context.source.agent, context, session, { fresh: freshOwn, schema: ownSchema }, saved);
    this.landmarks = new Set(unpackNumbers(this.state.landmarks));
  }

  /** Whether a record was read already. A resumed fold knows only the landmarks of before; with one of them a repetition begins. */
  protected isRepeated(number: number): boolean {
    if (this.places.has(number)) return true;
    if (!this.landmarks.has(number)) return false;
    this.restart = true;
    return true;
  }

  protected remember(number: number, record: Fields): void {
    this.places.set(number, this.exchanges.length - 1);
    if (record.parentUuid === null) {
      this.state = { ...this.state, landmarks: this.state.landmarks + packNumber(number) };
    }
  }

  /** Whether a record belongs to the exchange that is open. */
  protected isHere(number: number): boolean {
    return this.places.get(number) === this.exchanges.length - 1;
  }

  /** The exchange that a record goes on from, when that is an older one. */
  protected continued(record: Fields): ExchangeId | undefined {
    const parent = recordNumber(record.parentUuid);
    if (parent === undefined) return undefined;
    const { link } = this.state;
    const isOpening = this.resumed && !this.main.isOpen;
    if (isOpening && link?.record === parent) {
      return link.exchange === this.main.previous ? undefined : (link.exchange ?? undefined);
    }
    const place = this.places.get(parent);
    if (place !== undefined) return this.exchanges[place] ?? undefined;
    this.restart ||= this.resumed;
    return undefined;
  }

  /** Opens an exchange at a record. The checkpoint made here has the record's link, so that reading it again needs no more. */
  protected begin(opening: Opening, record: Fields): void {
    this.main.close();
    const previous = this.main.previous;
    const parent = recordNumber(record.parentUuid);
    const link = parent === undefined ? null : { record: parent, exchange: opening.parent ?? previous };
    const own = { ...this.state, link };
    this.openExchange(opening, own);
    this.exchanges[this.exchanges.length - 1] = previous;
    this.exchanges.push(null);
    const prompt = recordNumber(opening.message);
    this.state = prompt === undefined ? own : { ...own, landmarks: own.landmarks + packNumber(prompt) };
  }
}

/** What a record says of the exchange it opens. An id that is no id (a tool cleaned the transcript) is left out. */
export function openingOf(record: Fields, parent?: ExchangeId): Opening & { message: string | undefined } {
  return {
    message: recordNumber(record.uuid) === undefined ? undefined : asText(record.uuid),
    at: record.timestamp,
    parent,
    cwd: asText(record.cwd),
    branch: branchOf(record),
  };
}

/** The branch of a record; `HEAD` stands for none. */
export function branchOf(record: Fields): string | undefined {
  return record.gitBranch === 'HEAD' ? undefined : asText(record.gitBranch);
}
