import type { Host } from '../../core/host.ts';
import { asArray, asObject, asText, isObject } from '../../core/json.ts';
import { type Item, readDocument } from '../document-store.ts';
import { jsonl } from '../jsonl.ts';

type Fields = { readonly [key: string]: unknown };

/** What the files of one conversation say, in order. */
export interface Log {
  /** Metadata, the latest of each; without what changes with every message. */
  readonly header: Fields;
  /** Each message once, where it came first and as it was last, and the rewinds between them. */
  readonly items: readonly Item[];
}

/** Fields of the metadata that say nothing of the conversation, or change with each message. */
const volatile = new Set(['messages', 'lastUpdated', 'memoryScratchpad']);

/**
 * Reads the files of one conversation, oldest first, as one log: a later file begins with a copy of the earlier
 * messages or goes on after them, and the ids tell. Throws `unavailable` when a whole-document file is half written.
 */
export function readLog(host: Host, files: readonly string[]): Log {
  const log = new LogInTheMaking();
  for (const file of files) {
    if (isDocument(host, file)) log.document(asObject(readDocument(host, file)));
    else for (const line of jsonl(host, file)) log.line(line);
  }
  return { header: log.header, items: log.items };
}

/** Whether a file is one document (before 0.40) and not a log; a name says it only while there is no line to look at. */
function isDocument(host: Host, file: string): boolean {
  for (const { value, text } of jsonl(host, file)) {
    return value === undefined ? text.trim() === '{' : Array.isArray(asObject(value).messages);
  }
  return !file.endsWith('.jsonl');
}

class LogInTheMaking {
  header: Fields = {};
  readonly items: Item[] = [];
  private readonly places = new Map<string, number>();

  document(document: Fields): void {
    this.know(document);
    for (const message of asArray(document.messages)) this.message({ value: message });
  }

  line({ value, text }: Item): void {
    const item: Item = text === undefined ? { value } : { value, text };
    if (!isObject(value)) this.items.push(item);
    else if (Array.isArray(value.messages)) this.document(value);
    else if (isObject(value.$set)) this.set(value.$set);
    else if (value.$rewindTo !== undefined || asText(value.id) !== undefined) this.message(item);
    else if (value.sessionId !== undefined || value.projectHash !== undefined) this.know(value);
    else this.items.push(item);
  }

  private know(fields: Fields): void {
    const kept = Object.entries(fields).filter(([name, value]) => !volatile.has(name) && value !== undefined);
    this.header = Object.fromEntries([...Object.entries(this.header), ...kept]);
  }

  /** A later version of a message takes the place of the first. */
  private message({ value, text }: Item): void {
    const item: Item = text === undefined ? { value } : { value, text };
    const id = asText(asObject(value).id);
    const place = id === undefined ? undefined : this.places.get(id);
    if (place !== undefined) this.items[place] = item;
    else if (this.items.push(item) && id !== undefined) this.places.set(id, this.items.length - 1);
  }

  /**
   * `$set.messages` is what the model is given from now on, after a compression or with outputs masked: what was
   * recorded before is fuller. Messages that are new in it were made by the program, never typed.
   */
  private set(fields: Fields): void {
    this.know(fields);
    for (const message of asArray(fields.messages)) {
      const id = asText(asObject(message).id);
      if (id !== undefined && !this.places.has(id)) this.message({ value: { ...asObject(message), $synthetic: true } });
    }
  }
}
