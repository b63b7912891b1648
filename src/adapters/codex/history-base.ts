import type { Host } from '../../core/host.ts';
import type { ExchangeId } from '../../core/ids.ts';
import { asObject } from '../../core/json.ts';
import type { NativeRecord } from '../adapter.ts';
import { CodexFold } from './codex-fold.ts';
import { filesOf, sourceOfThread } from './rollout-files.ts';
import { rolloutRecords } from './rollout-store.ts';
import { sessionFacts } from './session-facts.ts';

/** Forks of forks that are followed to their beginning. */
const deepest = 16;

/** A rollout that refers to its parent's history instead of copying it, with the exchange that this history ends with. */
export function* withBase(host: Host, records: Iterable<NativeRecord>): Generator<NativeRecord> {
  let first = true;
  for (const record of records) {
    const base = first ? baseOf(record.value) : undefined;
    first = false;
    const exchange = base && lastExchange(host, base, 0);
    yield exchange === undefined ? record : { ...record, value: withExchange(record.value, exchange) };
  }
}

interface Base {
  readonly thread: string;
  /** The first ordinal that is not part of it. */
  readonly end: number;
}

function baseOf(value: unknown): Base | undefined {
  const { type, payload } = asObject(value);
  const { history_base: base } = sessionFacts(type === 'session_meta' ? payload : undefined);
  if (base?.thread_id === undefined || base.end_ordinal_exclusive === undefined) return undefined;
  return { thread: base.thread_id, end: base.end_ordinal_exclusive };
}

function withExchange(value: unknown, exchange: ExchangeId): unknown {
  const record = asObject(value);
  const payload = asObject(record.payload);
  return { ...record, payload: { ...payload, history_base: { ...asObject(payload.history_base), exchange } } };
}

/** The last exchange before an ordinal of a thread, in the thread itself or in what it goes on from. */
function lastExchange(host: Host, { thread, end }: Base, depth: number): ExchangeId | undefined {
  const source = sourceOfThread(host, thread);
  if (source === undefined || depth > deepest) return undefined;
  const fold = new CodexFold({ source, roots: [] });
  let base: Base | undefined;
  let last: ExchangeId | undefined;
  try {
    for (const path of filesOf(host, source)) {
      for (const record of rolloutRecords(host, path, 0)) {
        base ??= baseOf(record.value);
        const { ordinal } = asObject(record.value);
        if (typeof ordinal === 'number' && ordinal >= end) break;
        // It counts its own records from 0: then nobody knows which of them an ordinal means.
        if (base && typeof ordinal === 'number' && ordinal > 0 && ordinal < base.end) return undefined;
        fold.push(record);
        last = fold.take().at(-1)?.exchange.id ?? last;
      }
    }
  } catch {
    // The parent cannot be read: whoever reads it for its own sake hears of it.
  }
  const found = fold.open().at(-1)?.exchange.id ?? last;
  return found ?? (base && lastExchange(host, base, depth + 1));
}
