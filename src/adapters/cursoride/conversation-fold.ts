import { asObject, asText } from '../../core/json.ts';
import type { SessionMeta } from '../../core/session.ts';
import type { Checkpoint, NativeRecord, Parsed, Parser, ParserContext } from '../adapter.ts';
import { CursorMessageFold } from '../cursor-message-fold.ts';
import { ComposerFold } from './composer-fold.ts';

/** Reads a conversation in either of its forms, which only its records tell: messages as the editor shows them, or as the model gets them. */
export class ConversationFold implements Parser {
  private fold: Parser;
  /** What came before the form was known. */
  private head: NativeRecord[] | undefined = [];
  private readonly context: ParserContext;

  /** Throws when `saved` is given: a database is read whole. */
  constructor(context: ParserContext, saved?: unknown) {
    this.context = context;
    this.fold = new ComposerFold(context, saved);
  }

  push(record: NativeRecord): void {
    const key = asText(asObject(record.value).key) ?? '';
    if (this.head && key === 'turns') {
      this.fold = new CursorMessageFold(this.context);
      for (const before of this.head) this.fold.push(before);
    }
    if (/^(?:turns$|bubbleId:)/.test(key)) this.head = undefined;
    this.head?.push(record);
    this.fold.push(record);
  }

  take(): Parsed[] {
    return this.fold.take();
  }

  open(): Parsed[] {
    return this.fold.open();
  }

  checkpoint(): Checkpoint | undefined {
    return this.fold.checkpoint();
  }

  get subject(): SessionMeta {
    return this.fold.subject;
  }

  sessions(): SessionMeta[] {
    return this.fold.sessions();
  }
}
