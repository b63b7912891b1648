import * as z from 'zod';
import { SpecstoryError } from '../../core/errors.ts';
import type { StoreDatabase } from '../../platform/sqlite-store.ts';
import { firstKey, lastSecond, perSecond, secondOf } from '../document-key.ts';

/** Gives out keys that are free: those of one second downwards, so that of what came at once the first is found first. */
export class DocumentKeys {
  private readonly database: StoreDatabase;
  private readonly next = new Map<number, number>();
  private readonly kept = new Map<number, number>();

  constructor(database: StoreDatabase) {
    this.database = database;
  }

  /** Keeps a key for a document that is taken out and put in again: nobody else gets it. */
  keep(doc: number): void {
    const low = doc - (doc % perSecond);
    this.kept.set(low, Math.min(this.kept.get(low) ?? doc, doc));
  }

  take(at: number): number {
    for (let time = at; secondOf(time) <= lastSecond; time += 1000) {
      const low = firstKey(time);
      const free = this.next.get(low) ?? this.lowest(low) - 1;
      if (free < low) {
        if (secondOf(time) === lastSecond) break;
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
    const there = z
      .number()
      .nullable()
      .parse(row?.doc ?? null);
    return Math.min(there ?? low + perSecond, this.kept.get(low) ?? low + perSecond);
  }
}
