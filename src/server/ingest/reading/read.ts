import { createHash } from 'node:crypto';
import { type Growth, growthOf } from '../../../core/growth.ts';
import type { Exchange } from '../../../core/session.ts';
import { parseExchange } from '../../../markdown/parse.ts';
import { parseSessionHead, type SessionHead } from '../../../markdown/session-file.ts';
import { documentOf, type SearchDocument, type SessionFacts } from '../../../search/documents.ts';
import type { TextCheck } from '../text-check.ts';

/** An exchange's file, and what is known of it before it is read. */
export interface ExchangeQuestion {
  readonly content: Uint8Array;
  /** Its name in words. */
  readonly what: string;
  readonly ordinal: number;
  readonly about: SessionFacts;
}

/** What is asked of the bytes of files that were pushed. */
export type Question =
  | (ExchangeQuestion & { readonly ask: 'exchange' })
  | { readonly ask: 'head'; readonly content: Uint8Array }
  | { readonly ask: 'growth'; readonly one: Uint8Array; readonly other: Uint8Array };

/** What the index needs of an exchange; `fingerprint` is the SHA-256 of its bytes. */
export type ReadExchange = Pick<Exchange, 'id' | 'startedAt'> & {
  readonly fingerprint: string;
  readonly document: SearchDocument;
};

export interface Answers {
  readonly exchange: ReadExchange;
  readonly head: SessionHead;
  readonly growth: Growth;
}

/** Does the work, wherever it is done. Throws `Fault` or `unsupported` for what is not of our format or holds a secret. */
export function read(check: TextCheck, question: Question): Answers[keyof Answers] {
  if (question.ask === 'growth') return growthOf(parsed(question.one), parsed(question.other));
  if (question.ask === 'head') return parseSessionHead(check.text(Buffer.from(question.content), 'session.md'));
  const { content, what, ordinal, about } = question;
  const exchange = parseExchange(check.text(Buffer.from(content), what));
  const fingerprint = createHash('sha256').update(content).digest('hex');
  const document = documentOf({ exchange, ordinal, fingerprint }, about);
  return { id: exchange.id, startedAt: exchange.startedAt, fingerprint, document };
}

function parsed(content: Uint8Array): Exchange {
  return parseExchange(Buffer.from(content).toString('utf8'));
}
