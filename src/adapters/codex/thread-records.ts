import type { Host } from '../../core/host.ts';
import { digest } from '../../core/ids.ts';
import { asObject, asText, isObject } from '../../core/json.ts';
import { instant } from '../../core/text.ts';
import type { NativeRecord, Source } from '../adapter.ts';
import { canonical, type Item } from '../document-store.ts';
import { withBase } from './history-base.ts';
import { contentText } from './prompt-parts.ts';
import { filesOf } from './rollout-files.ts';
import { rolloutRecord } from './rollout-record.ts';
import { rolloutRecords } from './rollout-store.ts';

/** The records of a source, which is a rollout or several of one thread. Throws what `rolloutRecords` throws. */
export function threadRecords(host: Host, source: Source, from: number): Iterable<NativeRecord> {
  const files = filesOf(host, source);
  if (files.length > 1) return merged(files.map((path) => rolloutRecords(host, path, 0)));
  const records = rolloutRecords(host, source.path, from);
  return from > 0 ? records : withBase(host, records);
}

/**
 * The records of one thread out of several rollouts (it was resumed on another machine, or after a recovery), in the order of
 * their times, each once. A later file may begin with a copy of an earlier one, with times of its own.
 */
function merged(files: readonly Iterable<NativeRecord>[]): Generator<NativeRecord> {
  return canonical(inOrder(files.map((records) => new Reader(records))));
}

function* inOrder(readers: readonly Reader[]): Generator<Item> {
  /** How often each record was given; as often may a file repeat it. */
  const given = new Map<string, number>();
  for (let next = earliest(readers); next !== undefined; next = earliest(readers)) {
    const { record, key, count, talk } = next.take();
    const before = given.get(key) ?? 0;
    given.set(key, Math.max(before, count));
    if (count <= before && (next.copying || key.startsWith(named))) continue;
    if (talk) next.copying = false;
    yield { value: record.value, text: record.text };
  }
}

/** Of files with the same time the first one. */
function earliest(readers: readonly Reader[]): Reader | undefined {
  return readers.reduce<Reader | undefined>((best, reader) => {
    if (reader.done) return best;
    return best === undefined || reader.at < best.at ? reader : best;
  }, undefined);
}

/** What is known by an id is the same wherever it stands; what is known by its text only at the head of a file. */
const named = 'id ';

class Reader {
  /** Time of the record that comes next; one without a time comes with the one before it. */
  at = '';
  done = false;
  /** Nothing was said yet that only this file has. */
  copying = true;
  private readonly records: Iterator<NativeRecord>;
  private readonly counts = new Map<string, number>();
  private next: NativeRecord | undefined;

  constructor(records: Iterable<NativeRecord>) {
    this.records = records[Symbol.iterator]();
    this.advance();
  }

  /** The next record, what it is and whether it is part of the talk, and how often it came in this file. */
  take(): { record: NativeRecord; key: string; talk: boolean; count: number } {
    const record = this.next ?? { text: '', value: undefined, start: 0, end: 0, newline: true };
    this.advance();
    const { key, talk } = identify(record);
    const count = (this.counts.get(key) ?? 0) + 1;
    this.counts.set(key, count);
    return { record, key, talk, count };
  }

  private advance(): void {
    const { value, done } = this.records.next();
    this.done = done === true;
    this.next = done ? undefined : value;
    const at = isObject(this.next?.value) ? instant(this.next.value.timestamp) : undefined;
    if (at !== undefined && at > this.at) this.at = at;
  }
}

/** What a record is, whenever it was written: its type with the id it bears, else with the turn and all it says. */
function identify({ value, text }: NativeRecord): { key: string; talk: boolean } {
  if (!isObject(value)) return { key: digest(text), talk: false };
  const { payload, type, kind } = rolloutRecord(value);
  const item = asObject(payload.item);
  const talk = kind === 'item' || type.endsWith('message');
  const id = asText(payload.call_id) ?? asText(payload.id) ?? asText(item.id);
  if (id !== undefined && kind !== 'meta') return { key: `${named}${type} ${asText(item.type) ?? ''} ${id}`, talk };
  const said = asText(payload.message) ?? asText(payload.text) ?? contentText(payload.content);
  const what = said === '' ? text.slice(Math.max(0, text.indexOf('"payload"'))) : `${String(payload.turn_id)} ${said}`;
  return { key: digest(`${kind} ${type} ${what}`).slice(0, 24), talk };
}
