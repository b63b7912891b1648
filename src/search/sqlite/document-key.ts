import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';

/** Documents of one second; with 2^32 seconds (until 2106) a key is a whole number below 2^53. */
const perSecond = 2 ** 21;
const lastSecond = 2 ** 32 - 1;

const second = (at: number): number => Math.min(Math.max(Math.floor(at / 1000), 0), lastSecond);

/** The keys of the documents at a time or later, and of those at it or earlier. */
export const firstKey = (at: number): number => second(at) * perSecond;
export const lastKey = (at: number): number => firstKey(at) + perSecond - 1;

/** Gives out keys that are free: those of one second downwards, so that of what came at once the first is found first. */
export class DocumentKeys {
  private readonly database: StoreDatabase;
  private readonly next = new Map<number, number>();

  constructor(database: StoreDatabase) {
    this.database = database;
  }

  take(at: number): number {
    for (let time = at; second(time) <= lastSecond; time += 1000) {
      const low = firstKey(time);
      const free = this.next.get(low) ?? this.lowest(low) - 1;
      if (free < low) {
        if (second(time) === lastSecond) break;
        continue;
      }
      this.next.set(low, free - 1);
      return free;
    }
    throw new SpecstoryError('unsupported', 'more exchanges of one second than an index can hold');
  }

  private lowest(low: number): number {
    const [row] = this.database.rows('SELECT min(doc) AS doc FROM search_documents WHERE doc BETWEEN ? AND ?', [
      ...[low, low + perSecond - 1],
    ]);
    return (
      z
        .number()
        .nullable()
        .parse(row?.doc ?? null) ?? low + perSecond
    );
  }
}
